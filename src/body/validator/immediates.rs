//! Types in the code.
//!
//! The common ones have one byte. All others are read by wasmparser together with their operator.

use super::control::BlockType;
use super::failure::{invalid, unknown};
use super::{Checked, Step, Validator};
use crate::binary::unsupported;
use crate::body::reader::Reader;
use crate::error::Error;
use crate::types::PackedType;
use wasmparser::{
    AbstractHeapType, HeapType, Operator, RefType, UnpackedIndex, ValType, WasmFeatures,
};

const EMPTY: u8 = 0x40;

impl<'a> Validator<'a, '_> {
    /// Reads the type of the block at `at`.
    #[inline]
    pub(super) fn block_type(&mut self, r: &mut Reader<'a>, at: usize) -> Checked<BlockType> {
        let byte = r.peek();
        let ty = match byte {
            Some(EMPTY) => BlockType::Empty,
            Some(byte) => match short_type(byte) {
                Some(ty) => BlockType::Value(ty),
                None => return self.other_block_type(r, at),
            },
            None => return Err(self.unreadable(at)),
        };
        r.pos += 1;
        Ok(ty)
    }

    fn other_block_type(&mut self, r: &mut Reader<'a>, at: usize) -> Checked<BlockType> {
        if r.peek().is_some_and(|byte| byte & 0xc0 != EMPTY) {
            let ty = r.type_index().ok_or_else(|| self.unreadable(at))?;
            return self.checked_block_type(wasmparser::BlockType::FuncType(ty), at);
        }
        let (op, after) = self.read_again(at)?;
        let (Operator::Block { blockty }
        | Operator::Loop { blockty }
        | Operator::If { blockty }
        | Operator::Try { blockty }) = op
        else {
            return Err(self.unreadable(at));
        };
        r.pos = after;
        self.checked_block_type(blockty, at)
    }

    pub(super) fn checked_block_type(
        &self,
        ty: wasmparser::BlockType,
        at: usize,
    ) -> Checked<BlockType> {
        Ok(match ty {
            wasmparser::BlockType::Empty => BlockType::Empty,
            wasmparser::BlockType::Type(ty) => BlockType::Value(self.packed(ty, at)?),
            wasmparser::BlockType::FuncType(ty) if self.facts.has_type(ty) => BlockType::Func(ty),
            wasmparser::BlockType::FuncType(_) => {
                return Err(invalid("unknown type: type index out of bounds", at));
            }
        })
    }

    /// A null reference of the type that is read at `at`.
    pub(super) fn null(&mut self, at: usize) -> Step {
        let (op, after) = self.read_again(at)?;
        let Operator::RefNull { hty } = op else { return Err(self.unreadable(at)) };
        let ty = self.heap_type(hty, true, at)?;
        self.operands.push(ty.nullable())?;
        Ok(after)
    }

    pub(super) fn typed_select(&mut self, mut r: Reader<'a>, at: usize) -> Step {
        let short = (r.u8() == Some(1)).then(|| r.u8().and_then(short_type)).flatten();
        let (ty, after) = match short {
            Some(ty) => (ty, r.pos),
            None => match self.read_again(at)? {
                (Operator::TypedSelect { ty }, after) => (self.packed(ty, at)?, after),
                _ => return Err(invalid("invalid result arity", at)),
            },
        };
        self.operands.pop_all(&[ty, ty, PackedType::I32], at)?;
        self.operands.push(ty)?;
        Ok(after)
    }

    /// Checks a type that was read, and converts it.
    pub(super) fn packed(&self, ty: ValType, at: usize) -> Checked<PackedType> {
        Ok(match ty {
            ValType::I32 => PackedType::I32,
            ValType::I64 => PackedType::I64,
            ValType::F32 => PackedType::F32,
            ValType::F64 => PackedType::F64,
            ValType::V128 => PackedType::V128,
            ValType::Ref(ty) => self.reference_type(ty, at)?,
        })
    }

    fn reference_type(&self, ty: RefType, at: usize) -> Checked<PackedType> {
        self.heap_type(ty.heap_type(), ty.is_nullable(), at)
    }

    fn heap_type(&self, ty: HeapType, nullable: bool, at: usize) -> Checked<PackedType> {
        use AbstractHeapType as Heap;
        let ty = match ty {
            HeapType::Concrete(UnpackedIndex::Module(ty)) => self.reference_to(ty, at)?,
            HeapType::Concrete(_) => return Err(unknown("type", 0, at)),
            HeapType::Exact(_) => {
                let what = "custom descriptors required for exact reference types";
                return Err(refuse(WasmFeatures::CUSTOM_DESCRIPTORS, what, at));
            }
            HeapType::Abstract { shared: true, .. } => {
                let what = "shared reference types require the shared-everything-threads proposal";
                return Err(refuse(WasmFeatures::SHARED_EVERYTHING_THREADS, what, at));
            }
            HeapType::Abstract { ty: Heap::Func, .. } => PackedType::FUNCREF,
            HeapType::Abstract { ty: Heap::Extern, .. } => PackedType::EXTERNREF,
            HeapType::Abstract { ty: Heap::Exn, .. } => PackedType::EXNREF,
            HeapType::Abstract { ty: Heap::NoExn, .. } => PackedType::NULLEXNREF,
            HeapType::Abstract { ty: Heap::Cont | Heap::NoCont, .. } => {
                let what = "continuation refs not supported without the stack switching feature";
                return Err(refuse(WasmFeatures::STACK_SWITCHING, what, at));
            }
            HeapType::Abstract { .. } => {
                let what = "heap types not supported without the gc feature";
                return Err(refuse(WasmFeatures::GC, what, at));
            }
        };
        Ok(if nullable { ty.nullable() } else { ty.non_null() })
    }
}

/// The types of one byte, except for exceptions.
#[inline]
fn short_type(byte: u8) -> Option<PackedType> {
    Some(match byte {
        0x7f => PackedType::I32,
        0x7e => PackedType::I64,
        0x7d => PackedType::F32,
        0x7c => PackedType::F64,
        0x7b => PackedType::V128,
        0x70 => PackedType::FUNCREF,
        0x6f => PackedType::EXTERNREF,
        _ => return None,
    })
}

#[cold]
fn refuse(feature: WasmFeatures, what: &str, at: usize) -> Error {
    unsupported(feature, what).at(at as u64)
}
