//! Operators that cannot be read or are not supported: wasmparser reads them again, and says what is wrong.

use super::failure::malformed;
use super::{Checked, Validator};
use crate::binary::bodies::reader;
use crate::binary::{malformed as unreadable_bytes, unsupported};
use crate::body::reader::Reader;
use crate::error::Error;
use wasmparser::{BinaryReader, Operator, OperatorsReader, WasmFeatures};

impl<'a> Validator<'a, '_> {
    /// Reads the operator at a position, and returns it and the position after it.
    pub(super) fn read_again(&self, at: usize) -> Checked<(Operator<'a>, usize)> {
        let mut operators = OperatorsReader::new(self.reader_at(at));
        let op = operators.read().map_err(unreadable_bytes)?;
        Ok((op, operators.original_position() as usize))
    }

    /// Reads the index after an opcode that only certain blocks contain.
    pub(super) fn index(&self, r: &mut Reader<'a>) -> Checked<u32> {
        let mut again = self.reader_at(r.pos);
        r.u32().map_or_else(|| again.read_var_u32().map_err(unreadable_bytes), Ok)
    }

    fn reader_at(&self, at: usize) -> BinaryReader<'a> {
        reader(self.bytes.get(at..).unwrap_or_default(), at as u32)
    }

    /// A number of the operator at a position: an index, or how many of something follow.
    #[inline(always)]
    pub(super) fn number(&self, r: &mut Reader<'_>, at: usize) -> Checked<u32> {
        r.u32().ok_or_else(|| self.unreadable(at))
    }

    /// Why there is no operator that the engine supports at a position.
    #[cold]
    #[inline(never)]
    pub(super) fn unreadable(&self, at: usize) -> Error {
        match self.read_again(at) {
            Err(error) => error,
            Ok((op, _)) => match proposal(self.bytes.get(at..).unwrap_or_default(), &op) {
                Some(feature) => unsupported(feature, "").at(at as u64),
                None => malformed("operator that cannot be read", at),
            },
        }
    }
}

/// The proposal that a readable operator needs which the engine does not support.
fn proposal(bytes: &[u8], op: &Operator<'_>) -> Option<WasmFeatures> {
    let descriptors = || {
        matches!(
            op,
            Operator::StructNewDesc { .. }
                | Operator::StructNewDefaultDesc { .. }
                | Operator::RefGetDesc { .. }
                | Operator::RefCastDescEqNonNull { .. }
                | Operator::RefCastDescEqNullable { .. }
                | Operator::BrOnCastDescEq { .. }
                | Operator::BrOnCastDescEqFail { .. }
        )
    };
    Some(match bytes.first()? {
        0x06..=0x09 | 0x18 | 0x19 => WasmFeatures::LEGACY_EXCEPTIONS,
        0xfb if descriptors() => WasmFeatures::CUSTOM_DESCRIPTORS,
        0xd3 | 0xfb => WasmFeatures::GC,
        0xe0..=0xe6 => WasmFeatures::STACK_SWITCHING,
        0xfc => WasmFeatures::MEMORY_CONTROL,
        0xfe => WasmFeatures::SHARED_EVERYTHING_THREADS,
        _ => return None,
    })
}
