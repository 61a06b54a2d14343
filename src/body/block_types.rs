//! The types of blocks: what they take and give.

use super::val_type;
use crate::module::Module;
use crate::types::ValType;
use wasmparser::BlockType;

/// The operands that a block takes.
pub fn block_params(module: &Module, ty: BlockType) -> &[ValType] {
    match ty {
        BlockType::FuncType(ty) => &module.types[ty as usize].1.params,
        BlockType::Empty | BlockType::Type(_) => &[],
    }
}

/// The operands that a block leaves.
pub fn block_results(module: &Module, ty: BlockType) -> &[ValType] {
    match ty {
        BlockType::FuncType(ty) => &module.types[ty as usize].1.results,
        BlockType::Type(ty) => one(val_type(ty)),
        BlockType::Empty => &[],
    }
}

/// The block type that is encoded as this byte, if it is one without parameters and with at most a number as result.
#[inline(always)]
pub fn plain_block_type(byte: u8) -> Option<BlockType> {
    Some(match byte {
        0x40 => BlockType::Empty,
        0x7f => BlockType::Type(wasmparser::ValType::I32),
        0x7e => BlockType::Type(wasmparser::ValType::I64),
        0x7d => BlockType::Type(wasmparser::ValType::F32),
        0x7c => BlockType::Type(wasmparser::ValType::F64),
        _ => return None,
    })
}

/// A list of one type.
fn one(ty: ValType) -> &'static [ValType] {
    match ty {
        ValType::I32 => &[ValType::I32],
        ValType::I64 => &[ValType::I64],
        ValType::F32 => &[ValType::F32],
        ValType::F64 => &[ValType::F64],
        ValType::V128 => &[ValType::V128],
        ValType::EXTERNREF => &[ValType::EXTERNREF],
        ValType::Ref(_) => &[ValType::FUNCREF],
    }
}
