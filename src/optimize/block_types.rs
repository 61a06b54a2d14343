//! The types of blocks.

use super::value_types::clif_type;
use crate::body::val_type;
use crate::module::Module;
use crate::types::{FuncType, ValType};
use cranelift_codegen::ir::Type;
use wasmparser::BlockType;

/// The number of parameters and results of a block.
pub(super) fn arity(module: &Module, ty: BlockType, function: &FuncType) -> (usize, usize) {
    match ty {
        BlockType::Empty => (0, 0),
        BlockType::Type(_) => (0, 1),
        BlockType::FuncType(i) => match module.types.get(i as usize) {
            Some((_, ty)) => (ty.params.len(), ty.results.len()),
            None => (0, function.results.len()),
        },
    }
}

/// One side of a block's type.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Params,
    Results,
}

/// The types of one side.
pub(super) fn side_types<'a>(
    module: &'a Module,
    function: &'a FuncType,
    ty: BlockType,
    side: Side,
) -> impl Iterator<Item = Type> + use<'a> {
    let single = match (ty, side) {
        (BlockType::Type(ty), Side::Results) => Some(clif_type(val_type(ty))),
        _ => None,
    };
    let list: &[ValType] = match (ty, side) {
        (BlockType::FuncType(i), side) => {
            let ty = module.types.get(i as usize).map_or(function, |(_, ty)| ty);
            match side {
                Side::Params => &ty.params,
                Side::Results => &ty.results,
            }
        }
        _ => &[],
    };
    single.into_iter().chain(list.iter().map(|&ty| clif_type(ty)))
}

/// The block type of the function's outermost frame: not an index of the module's types.
pub(super) const FUNCTION: BlockType = BlockType::FuncType(u32::MAX);
