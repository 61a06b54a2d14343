//! Open blocks, and the types that their labels take.

use crate::binary::validation::Facts;
use crate::types::PackedType;

/// An open block.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub kind: FrameKind,
    pub ty: BlockType,
    /// The rest of the block is never reached.
    pub polymorphic: bool,
    /// Where its operands begin.
    pub base: usize,
    /// The number of locals without default that had been set before it.
    pub set_before: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FrameKind {
    Block,
    Loop,
    If,
    Else,
    /// With the legacy encoding of exceptions.
    Try,
    Catch,
    CatchAll,
}

#[derive(Clone, Copy)]
pub(super) enum BlockType {
    Empty,
    Value(PackedType),
    /// The number of a function type that exists.
    Func(u32),
}

impl BlockType {
    pub fn params(self, facts: &Facts) -> &[PackedType] {
        match self {
            BlockType::Func(ty) => facts.params(ty),
            _ => &[],
        }
    }

    pub fn results<'t>(&'t self, facts: &'t Facts) -> &'t [PackedType] {
        match self {
            BlockType::Empty => &[],
            BlockType::Value(ty) => std::slice::from_ref(ty),
            BlockType::Func(ty) => facts.results(*ty),
        }
    }
}

impl Frame {
    /// The types that a branch to the block's label takes.
    pub fn label<'t>(&'t self, facts: &'t Facts) -> &'t [PackedType] {
        match self.kind {
            FrameKind::Loop => self.ty.params(facts),
            _ => self.ty.results(facts),
        }
    }
}
