//! Decodes operators, without checking more than that they can be read.
//!
//! Most operators are made here, by opcode. Those with lists or types among their immediates are read by wasmparser,
//! which alone can make some of them.

use super::block_types::plain_block_type;
use super::locals::Locals;
use super::reader::Reader;
use crate::binary::bodies::{function_body, reader};
use crate::binary::malformed;
use crate::error::{Error, ErrorKind, Phase};
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use wasmparser::{MemArg, MemArgTarget, Operator, OperatorsReader};

/// The operators of a body that is trusted, or read in spite of what may be wrong with it.
#[derive(Clone)]
pub struct Operators<'a> {
    pub(super) reader: Reader<'a>,
}

impl<'a> Operators<'a> {
    /// The operators from an offset in the bytes of a module, up to the end of the bytes.
    pub fn new(bytes: &'a [u8], start: usize) -> Operators<'a> {
        Operators { reader: Reader { bytes, pos: start } }
    }

    /// The operators of a function, after reading its locals.
    pub fn of_function(
        module: &'a Module,
        func: DefinedFuncIndex,
        locals: &mut Locals,
    ) -> Result<Operators<'a>, Error> {
        let mut reader = function_body(module, func).get_binary_reader();
        let params = &module.func_type(module.func_index(func)).1.params;
        locals.read(params, &mut reader, |_, _, _| Ok(()))?;
        let end = module.bodies.get(func).end as usize;
        Ok(Operators::new(&module.bytes[..end], reader.original_position() as usize))
    }

    #[inline]
    pub fn is_at_end(&self) -> bool {
        self.reader.pos >= self.reader.bytes.len()
    }

    /// The offset of the next operator in the module.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.reader.pos as u64
    }

    /// Reads an operator.
    pub fn read(&mut self) -> Result<Operator<'a>, Error> {
        let at = self.reader.pos;
        decode(&mut self.reader).ok_or_else(|| unreadable(self.reader.bytes, at))
    }

    /// Reads an operator and passes it on, without moving it.
    #[inline]
    pub fn read_and<E: From<Error>>(
        &mut self,
        then: impl FnOnce(&Operator<'a>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let at = self.reader.pos;
        match &decode(&mut self.reader) {
            Some(op) => then(op, self.reader.pos as u64),
            None => Err(unreadable(self.reader.bytes, at).into()),
        }
    }
}

/// All operators, up to the first that cannot be read.
impl<'a> Iterator for Operators<'a> {
    type Item = Result<Operator<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_at_end() {
            return None;
        }
        let op = self.read();
        if op.is_err() {
            self.reader.pos = self.reader.bytes.len();
        }
        Some(op)
    }
}

/// The operators of a function.
pub fn operators(module: &Module, func: DefinedFuncIndex) -> Result<Operators<'_>, Error> {
    let body = function_body(module, func).get_operators_reader().map_err(malformed)?;
    let end = module.bodies.get(func).end as usize;
    Ok(Operators::new(&module.bytes[..end], body.original_position() as usize))
}

#[cold]
fn unreadable(bytes: &[u8], at: usize) -> Error {
    let again = OperatorsReader::new(reader(bytes.get(at..).unwrap_or_default(), at as u32)).read();
    again.err().map_or_else(
        || Error::new(ErrorKind::Malformed, Phase::Decode, "unreadable operator").at(at as u64),
        malformed,
    )
}

#[inline(never)]
fn decode<'a>(r: &mut Reader<'a>) -> Option<Operator<'a>> {
    let start = r.pos;
    let opcode = r.u8()?;
    Some(match opcode {
        0x00 => Operator::Unreachable,
        0x01 => Operator::Nop,
        0x02..=0x04 | 0x06 => return block(opcode, r, start),
        0x05 => Operator::Else,
        0x07 => Operator::Catch { tag_index: r.u32()? },
        0x08 => Operator::Throw { tag_index: r.u32()? },
        0x09 => Operator::Rethrow { relative_depth: r.u32()? },
        0x0a => Operator::ThrowRef,
        0x0b => Operator::End,
        0x0c => Operator::Br { relative_depth: r.u32()? },
        0x0d => Operator::BrIf { relative_depth: r.u32()? },
        0x0f => Operator::Return,
        0x10 => Operator::Call { function_index: r.u32()? },
        0x11 => Operator::CallIndirect { type_index: r.u32()?, table_index: r.u32()? },
        0x12 => Operator::ReturnCall { function_index: r.u32()? },
        0x13 => Operator::ReturnCallIndirect { type_index: r.u32()?, table_index: r.u32()? },
        0x14 => Operator::CallRef { type_index: r.u32()? },
        0x15 => Operator::ReturnCallRef { type_index: r.u32()? },
        0x18 => Operator::Delegate { relative_depth: r.u32()? },
        0x19 => Operator::CatchAll,
        0x1a => Operator::Drop,
        0x1b => Operator::Select,
        0x20 => Operator::LocalGet { local_index: r.u32()? },
        0x21 => Operator::LocalSet { local_index: r.u32()? },
        0x22 => Operator::LocalTee { local_index: r.u32()? },
        0x23 => Operator::GlobalGet { global_index: r.u32()? },
        0x24 => Operator::GlobalSet { global_index: r.u32()? },
        0x25 => Operator::TableGet { table: r.u32()? },
        0x26 => Operator::TableSet { table: r.u32()? },
        0x28..=0x3e => return access(opcode, r),
        0x3f => Operator::MemorySize { mem: r.u32()? },
        0x40 => Operator::MemoryGrow { mem: r.u32()? },
        0x41 => Operator::I32Const { value: r.i32()? },
        0x42 => Operator::I64Const { value: r.i64()? },
        0x43 => Operator::F32Const { value: f32::from_le_bytes(r.bytes()?).into() },
        0x44 => Operator::F64Const { value: f64::from_le_bytes(r.bytes()?).into() },
        0x45..=0xc4 => return plain(opcode),
        0xd1 => Operator::RefIsNull,
        0xd2 => Operator::RefFunc { function_index: r.u32()? },
        0xd4 => Operator::RefAsNonNull,
        0xd5 => Operator::BrOnNull { relative_depth: r.u32()? },
        0xd6 => Operator::BrOnNonNull { relative_depth: r.u32()? },
        0xfc => return numeric(r, start),
        0xfd => return vector(r, start),
        0xfe => return atomic(r, start),
        _ => return otherwise(r, start),
    })
}

/// Reads an operator that begins at `start` with wasmparser.
#[inline(never)]
fn otherwise<'a>(r: &mut Reader<'a>, start: usize) -> Option<Operator<'a>> {
    let bytes = r.bytes.get(start..)?;
    let mut operators = OperatorsReader::new(reader(bytes, start as u32));
    let op = operators.read().ok()?;
    r.pos = operators.original_position() as usize;
    Some(op)
}

fn block<'a>(opcode: u8, r: &mut Reader<'a>, start: usize) -> Option<Operator<'a>> {
    let Some(blockty) = plain_block_type(r.peek()?) else { return otherwise(r, start) };
    r.pos += 1;
    Some(match opcode {
        0x02 => Operator::Block { blockty },
        0x03 => Operator::Loop { blockty },
        0x04 => Operator::If { blockty },
        _ => Operator::Try { blockty },
    })
}

/// Alignment, memory and static offset. The natural alignment is not in the bytes.
#[inline(always)]
pub(super) fn memarg(r: &mut Reader<'_>, max_align: u8) -> Option<MemArg> {
    let (align, memory) = match r.u8()? {
        align if u32::from(align) < HAS_MEMORY => (align, 0),
        _ => long_flags(r)?,
    };
    let target = MemArgTarget::Memory(memory);
    Some(MemArg { align, max_align, offset: r.u64()?, target, ordering: None })
}

/// In the field of the alignment: the number of a memory follows.
const HAS_MEMORY: u32 = 1 << 6;

/// Alignment and memory, after a byte that is not only an alignment.
#[cold]
fn long_flags(r: &mut Reader<'_>) -> Option<(u8, u32)> {
    r.pos -= 1;
    let flags = r.u32()?;
    let memory = if flags & HAS_MEMORY != 0 { r.u32()? } else { 0 };
    let align = flags & !HAS_MEMORY;
    (align < HAS_MEMORY).then_some((align as u8, memory))
}

macro_rules! plain_arms {
    (($opcode:ident) $([$($takes:ident)*] => [$($gives:ident)*]:
        $($code:literal $name:ident),*;)*) => {
        match $opcode {
            $($($code => Some(Operator::$name),)*)*
            _ => None,
        }
    };
}

macro_rules! access_arms {
    (($opcode:ident $r:ident) $($align:literal [$($takes:ident)*] => [$($gives:ident)*]:
        $($code:literal $name:ident),*;)*) => {{
        let max_align = match $opcode {
            $($($code)|* => $align,)*
            _ => return None,
        };
        let memarg = memarg($r, max_align)?;
        match $opcode {
            $($($code => Some(Operator::$name { memarg }),)*)*
            _ => None,
        }
    }};
}

macro_rules! lane_arms {
    (($opcode:ident $r:ident) $($lanes:literal [$($takes:ident)*] => [$($gives:ident)*]:
        $($code:literal $name:ident),*;)*) => {{
        let lane = $r.u8()?;
        match $opcode {
            $($($code => Some(Operator::$name { lane }),)*)*
            _ => None,
        }
    }};
}

macro_rules! lane_access_arms {
    (($opcode:ident $r:ident) $($align:literal $lanes:literal
        [$($takes:ident)*] => [$($gives:ident)*]: $($code:literal $name:ident),*;)*) => {{
        let max_align = match $opcode {
            $($($code)|* => $align,)*
            _ => return None,
        };
        let (memarg, lane) = (memarg($r, max_align)?, $r.u8()?);
        match $opcode {
            $($($code => Some(Operator::$name { memarg, lane }),)*)*
            _ => None,
        }
    }};
}

/// The operator of one byte with this opcode, if it has no immediates and does not steer.
#[inline(always)]
pub fn plain<'a>(opcode: u8) -> Option<Operator<'a>> {
    plain!(plain_arms(opcode))
}

#[inline(always)]
fn access<'a>(opcode: u8, r: &mut Reader<'a>) -> Option<Operator<'a>> {
    accesses!(access_arms (opcode r))
}

fn numeric<'a>(r: &mut Reader<'a>, start: usize) -> Option<Operator<'a>> {
    let opcode = r.u32()?;
    match opcode {
        0x0a => Some(Operator::MemoryCopy { dst_mem: r.u32()?, src_mem: r.u32()? }),
        0x0b => Some(Operator::MemoryFill { mem: r.u32()? }),
        _ => plain_numeric!(plain_arms(opcode)).or_else(|| otherwise(r, start)),
    }
}

fn vector<'a>(r: &mut Reader<'a>, start: usize) -> Option<Operator<'a>> {
    let opcode = r.u32()?;
    match opcode {
        0x00..=0x0b | 0x5c | 0x5d => vector_accesses!(access_arms (opcode r)),
        0x0c => Some(Operator::V128Const { value: u128::from_le_bytes(r.bytes()?).into() }),
        0x0d => Some(Operator::I8x16Shuffle { lanes: r.bytes()? }),
        0x15..=0x22 => lanes!(lane_arms (opcode r)),
        0x54..=0x5b => lane_accesses!(lane_access_arms (opcode r)),
        _ => plain_vectors!(plain_arms(opcode)).or_else(|| otherwise(r, start)),
    }
}

fn atomic<'a>(r: &mut Reader<'a>, start: usize) -> Option<Operator<'a>> {
    let opcode = r.u32()?;
    match opcode {
        0x00..=0x02 | 0x10..=0x4e => atomics!(access_arms (opcode r)),
        _ => otherwise(r, start),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::encodings;
    use super::*;
    use wasmparser::BinaryReader;

    #[test]
    fn operators_are_the_ones_that_wasmparser_reads() {
        let mut read = 0;
        for bytes in encodings() {
            let mut peer = OperatorsReader::new(reader(&bytes, 0));
            let mut ours = Operators::new(&bytes, 0);
            match (ours.read(), peer.read()) {
                (Ok(ours_op), Ok(op)) => {
                    assert_eq!(ours_op, op);
                    assert_eq!(ours.offset(), peer.original_position(), "{op:?}");
                    read += 1;
                }
                // It wants to be in the block that they belong to.
                (Ok(Operator::Else | Operator::Catch { .. } | Operator::CatchAll), Err(_)) => {}
                (Ok(Operator::Delegate { .. }), Err(_)) => {}
                (Err(_), Err(_)) => {}
                (ours, peer) => panic!("{bytes:x?}: {:?}, {peer:?}", ours.ok()),
            }
        }
        assert!(read > 1000, "{read}");
    }

    #[test]
    fn an_error_says_what_cannot_be_read() {
        let error = Operators::new(&[0x01, 0x41, 0x80], 1).read().unwrap_err();
        let expected = OperatorsReader::new(BinaryReader::new(&[0x41, 0x80], 1)).read();
        let expected = expected.unwrap_err();
        assert_eq!((error.message(), error.byte_offset()), (expected.message(), Some(3)));
    }
}
