//! Labels, open blocks, and conditions of branches.

use super::operand::Operand;
use crate::asm::x64::Condition;
use smallvec::SmallVec;
use wasmparser::BlockType;

/// A label's number.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct LabelId(pub u32);

/// An open block.
pub(super) struct Block {
    pub kind: BlockKind,
    pub ty: BlockType,
    /// Operands below this height belong to enclosing blocks.
    pub height: usize,
    /// Where branches go.
    pub label: LabelId,
    pub branched: bool,
}

pub(super) enum BlockKind {
    Function,
    Block,
    Loop,
    /// With the start of the `else`, and the operands that both ways begin with.
    If(LabelId, SmallVec<[Operand; 2]>),
}

/// Whether a condition holds: if these flags are set, or in any case.
#[derive(Clone, Copy)]
pub(super) enum Test {
    If(Condition),
    Always,
    Never,
}
