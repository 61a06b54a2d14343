//! Calls that cannot begin because they do not fit on the stack.

use crate::abi::{TrapCode, TrapReason};
use crate::stubs::walk::{Position, capture};
use std::arch::naked_asm;

/// Records the trap and returns where to continue.
///
/// # Safety
/// Called where a function, or the first one of an entry, could not begin because its stack does not fit: the
/// position is its caller's.
pub(in crate::stubs) unsafe extern "C" fn record_stack_overflow(fp: usize, pc: usize) -> usize {
    // SAFETY: the frame is the caller's, which waits for the function that did not start.
    unsafe { capture(Position { pc, fp }, TrapReason::Code(TrapCode::StackOverflow), None) }.fp()
}

/// Jumped to by an entry stub in its frame, when its arguments do not fit on the stack.
///
/// # Safety
/// Only entry stubs jump here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn entry_stack_overflow() {
    naked_asm!(
        // No guest code has run yet.
        "mov rdi, rbp",
        "xor esi, esi",
        "and rsp, -16",
        "call {record}",
        "mov rbp, rax",
        "jmp {trap}",
        record = sym record_stack_overflow,
        trap = sym super::frame::trap,
    )
}
