//! What is emitted after a function.

use super::blocks::LabelId;
use super::operand::Source;
use crate::abi::TrapCode;
use crate::asm::x64::Reg;
use crate::types::MemoryIndex;

/// Code after the function.
pub(super) struct Cold {
    pub label: LabelId,
    /// Byte offset in the module of the instruction that it belongs to.
    pub at: u32,
    pub kind: ColdKind,
}

pub(super) enum ColdKind {
    Trap(TrapCode),
    /// An access out of bounds, where the trap is a call.
    OutOfBounds {
        memory: MemoryIndex,
        index: Source,
        offset: u64,
        len: Source,
    },
    /// An indirect call through a doubtful element, at this offset in its table.
    CheckCallee {
        offset: Reg,
        back: LabelId,
    },
    /// An indirect call, of what the register points to, whose target in the second is not the recorded one.
    OtherTarget {
        callee: Reg,
        target: Reg,
        back: LabelId,
    },
    /// The budget is used up in a loop.
    HotLoop {
        number: u32,
        back: LabelId,
    },
    /// There is no fuel left.
    Refuel {
        back: LabelId,
    },
}
