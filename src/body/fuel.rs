//! What work costs in units of fuel: all of it.
//!
//! An instruction costs one unit when it runs, one that only gives structure nothing. Bulk
//! instructions cost more by the length of what they handle, which the runtime takes. Growing a
//! table costs by what is copied.

use crate::abi::Builtin;
use wasmparser::Operator;

/// What the instruction itself costs.
pub fn cost(op: &Operator<'_>) -> u32 {
    use Operator::*;
    match op {
        Nop | Drop | Block { .. } | Loop { .. } | Else | End => 0,
        _ => 1,
    }
}

/// Calling a function costs this at the least: calls of an empty one may go on for ever.
pub const LEAST_PER_CALL: u32 = 1;

/// What bulk instructions handle for one unit.
pub const BYTES_PER_UNIT: u64 = 32;
pub const ELEMENTS_PER_UNIT: u64 = 1;

/// Whether the runtime takes fuel, or may give some, while it does this.
pub fn builtin_takes_fuel(builtin: Builtin) -> bool {
    use Builtin::*;
    matches!(
        builtin,
        MemoryGrow
            | MemoryFill
            | MemoryCopy
            | MemoryInit
            | TableGrow
            | TableFill
            | TableCopy
            | TableInit
    )
}
