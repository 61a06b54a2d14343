//! Labels, open blocks, and conditions of branches.

use super::operand::Operand;
use crate::asm::x64::Condition;
use crate::types::TagIndex;
use smallvec::SmallVec;
use wasmparser::{BlockType, Catch};

/// A label's number.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct LabelId(pub u32);

/// An open block.
pub(super) struct Block {
    pub kind: BlockKind,
    pub ty: BlockType,
    /// Operands below this height belong to enclosing blocks.
    pub height: usize,
    /// The slot of the first operand above.
    pub slot: u32,
    /// Where branches go.
    pub label: LabelId,
    pub branched: bool,
}

pub(super) enum BlockKind {
    Function,
    Block,
    Loop,
    /// With the start of the `else`, and the operands that both ways begin with; none if they are in their slots.
    If(LabelId, SmallVec<[Operand; 2]>),
    /// A `try_table` with clauses.
    Try,
    /// The body of a `try` of the legacy encoding.
    LegacyTry,
    /// One of its clauses. Below its operands is what `rethrow` throws.
    Clause {
        /// `None` catches any.
        tag: Option<TagIndex>,
        /// Where exceptions go that neither this clause nor one before it catches.
        uncaught: Option<LabelId>,
    },
}

/// An open `try_table` with clauses, or the open body of a legacy `try`.
pub(super) struct Try {
    /// Where its exceptions arrive.
    pub pad: LabelId,
    /// Something may throw to the pad.
    pub is_used: bool,
    /// `None` if they are not known yet: those of a legacy `try`.
    pub catches: Option<Box<[Catch]>>,
    /// Its place among the open blocks.
    pub place: usize,
}

/// Whether a condition holds: if these flags are set, or in any case.
#[derive(Clone, Copy)]
pub(super) enum Test {
    If(Condition),
    Always,
    Never,
}
