//! The types of blocks, that of the function's outermost one included.

use super::value_types::clif_type;
use crate::body::{block_params, block_results};
use crate::module::Module;
use crate::types::{FuncType, ValType};
use cranelift_codegen::ir::Type;
use wasmparser::BlockType;

/// One side of a block's type.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Params,
    Results,
}

/// The block type of the function's outermost frame: not an index of the module's types.
pub(super) const FUNCTION: BlockType = BlockType::FuncType(u32::MAX);

/// The number of parameters and results of a block.
pub(super) fn arity(module: &Module, ty: BlockType, function: &FuncType) -> (usize, usize) {
    let side = |side| side_of(module, function, ty, side).len();
    (side(Side::Params), side(Side::Results))
}

/// The types of one side.
pub(super) fn side_types<'a>(
    module: &'a Module,
    function: &'a FuncType,
    ty: BlockType,
    side: Side,
) -> impl Iterator<Item = Type> + use<'a> {
    side_of(module, function, ty, side).iter().map(|&ty| clif_type(ty))
}

fn side_of<'a>(
    module: &'a Module,
    function: &'a FuncType,
    ty: BlockType,
    side: Side,
) -> &'a [ValType] {
    match side {
        Side::Params if ty == FUNCTION => &[],
        Side::Results if ty == FUNCTION => &function.results,
        Side::Params => block_params(module, ty),
        Side::Results => block_results(module, ty),
    }
}
