//! All costs in units of fuel.
//!
//! An instruction costs one unit when it runs; one that only gives structure is free. Bulk instructions cost more,
//! by the length of their operands, which the runtime charges. Growing a table costs by what is copied.

use crate::abi::Builtin;
use wasmparser::Operator;

/// The cost of the instruction itself.
pub fn cost(op: &Operator<'_>) -> u32 {
    use Operator::*;
    match op {
        Nop | Drop | Block { .. } | Loop { .. } | TryTable { .. } | Else | End => 0,
        Try { .. } | Catch { .. } | CatchAll | Delegate { .. } => 0,
        _ => 1,
    }
}

/// The minimum cost of a call: even an empty function may be called for ever.
pub const LEAST_PER_CALL: u32 = 1;

/// The amount that bulk instructions process per unit.
pub const BYTES_PER_UNIT: u64 = 32;
pub const ELEMENTS_PER_UNIT: u64 = 1;

/// Whether the runtime takes fuel, or may add some, during this builtin.
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
