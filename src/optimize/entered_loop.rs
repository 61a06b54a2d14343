//! The state of entering a loop.

use crate::abi::loop_frame::LoopFrame;
use cranelift_codegen::ir::{Block, Type, Value};
use cranelift_frontend::Variable;

/// The loop that is entered, while its function is translated.
pub(super) struct EnteredLoop {
    /// The numbers of the loops around it, itself last.
    pub around: Vec<u32>,
    pub frame: LoopFrame,
    /// The types of all locals.
    pub locals: Vec<Type>,
    /// The address of the other code's frame.
    pub address: Value,
    /// Goes from the entry to the loop.
    pub way: Block,
    /// The operands below the loop, by height in the body, as variables.
    pub operands: Vec<(usize, Variable, Type)>,
    /// The number of loops that have begun.
    pub begun: u32,
    /// The loop has begun.
    pub is_done: bool,
}
