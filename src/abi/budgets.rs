//! Budgets: how code tells that it is worth optimizing.
//!
//! A code set whose functions may get better code has a budget for each of them, a signed word that counted code (see
//! [`Variant::counted`](super::Variant)) counts down by what it executes:
//!
//! - When the function is entered, before its prologue. Below zero the code
//!   jumps to the builtin `CurrentCode`, as the stub of a function without code does: with the function's number in
//!   eax and its own address in r10. So the call continues in better code, if there is some.
//! - In every iteration of a loop. Below zero the code calls the builtin `LoopIsHot`, which preserves all registers.
//!
//! The runtime sets the budget again before it returns to the same code. When a function has got better code, the budget
//! of the old code is set far below zero, so that calls which still arrive there go on to the new code. Several threads
//! count without locks and may overwrite that; then it takes until the next time the budget is used up.
//! A word of 64 bits cannot be counted down so far that it wraps.
//!
//! The budgets lie below the slots, in the opposite order, with a gap of a cache line.

/// What entering a function costs.
pub const ENTRY_COST: i32 = 32;

/// What an iteration of a loop costs, however long it is: it is counted at the beginning of the loop, where a compiler in
/// one pass does not know the end.
pub const LOOP_COST: i32 = 32;

/// Words between the first budget and the first slot.
pub const BUDGET_GAP: usize = 8;

/// The offset of a function's budget from the first slot, whose address is `VmContext::code_table`. Cannot overflow:
/// validation allows 1,000,000 functions.
pub const fn budget_offset(func: u32) -> i32 {
    -8 * (func as i32 + 1 + BUDGET_GAP as i32)
}

/// The budget of old code.
pub const REPLACED: i64 = i64::MIN / 2;

/// The budget of code that will never be replaced.
pub const FINAL: i64 = i64::MAX;
