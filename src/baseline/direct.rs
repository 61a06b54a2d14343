//! Compiles the operators of one byte from their bytes.
//!
//! These are nearly all operators of a body, and making an [`wasmparser::Operator`] of each would take longer than
//! emitting its code. All others are decoded first (see `dispatch`), and so are rare forms of these: block types
//! other than a value, and accesses of other memories than the first.

use super::division::Part;
use super::emitter::{Emitter, Next};
use super::floats;
use super::operand::Kind::{F32, F64, I32, I64};
use super::scan::HAS_MEMORY;
use crate::asm::x64::{Alu, Condition, Shift};
use crate::body::CallForm;
use crate::body::Sign::{Signed, Unsigned};
use crate::body::accesses::Access;
use crate::body::conversions::Conversion;
use crate::body::{BlockKind, Flow, Reader, plain, plain_block_type};
use crate::types::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};

impl Emitter<'_> {
    /// Compiles a live instruction, or an `else` or `end` after dead code, and moves the reader and `flow` past it.
    /// Otherwise does neither.
    #[inline(always)]
    pub fn direct(&mut self, reader: &mut Reader<'_>, flow: &mut Flow) -> Option<()> {
        let mut r = *reader;
        let opcode = r.u8()?;
        self.spill_deep();
        match opcode {
            0x02..=0x0f => self.steer(opcode, &mut r, flow)?,
            0x20..=0x24 => self.variable(opcode, &mut r)?,
            0x28..=0x3e => {
                let access = ACCESSES[usize::from(opcode)].as_ref()?;
                let offset = short_memarg(&mut r)?;
                self.look_at(&r);
                self.access_in(access, MemoryIndex(0), offset);
            }
            0x41 => {
                let value = r.i32()?;
                self.push_constant(I32, u64::from(value as u32));
            }
            0x42 => {
                let value = r.i64()?;
                self.push_constant(I64, value as u64);
            }
            0x43 => {
                let bits = u32::from_le_bytes(r.bytes()?);
                self.push_constant(F32, bits.into());
            }
            0x44 => {
                let bits = u64::from_le_bytes(r.bytes()?);
                self.push_constant(F64, bits);
            }
            0x45..=0xc4 => {
                self.look_at(&r);
                self.number(opcode);
            }
            0x10 => {
                let func = FuncIndex(r.u32()?);
                self.look_at(&r);
                self.call(func, CallForm::Call);
            }
            0x11 => {
                let (ty, table) = (TypeIndex(r.u32()?), TableIndex(r.u32()?));
                self.look_at(&r);
                self.call_indirect(ty, table, CallForm::Call);
            }
            0x1a => self.drop_operand(),
            0x1b => {
                self.look_at(&r);
                self.select();
            }
            0x01 => {}
            _ => return None,
        }
        *reader = r;
        Some(())
    }

    /// An instruction on a local or global.
    #[inline(always)]
    fn variable(&mut self, opcode: u8, r: &mut Reader<'_>) -> Option<()> {
        let index = r.u32()?;
        match opcode {
            0x20 => self.local_get(index),
            0x21 => self.local_set(index),
            0x22 => self.local_tee(index),
            0x23 => {
                self.look_at(r);
                self.global_get(GlobalIndex(index));
            }
            0x24 => self.global_set(GlobalIndex(index)),
            _ => return None,
        }
        Some(())
    }

    /// Blocks and branches.
    #[inline(always)]
    fn steer(&mut self, opcode: u8, r: &mut Reader<'_>, flow: &mut Flow) -> Option<()> {
        match opcode {
            0x02 => {
                self.begin_block(plain_block_type(r.u8()?)?);
                flow.push(BlockKind::Block);
            }
            0x03 => {
                self.begin_loop(plain_block_type(r.u8()?)?);
                flow.push(BlockKind::Loop);
            }
            0x04 => {
                self.begin_if(plain_block_type(r.u8()?)?);
                flow.push(BlockKind::If);
            }
            0x05 => {
                self.begin_else(flow.is_live());
                flow.begin_other_part();
            }
            0x0b => {
                self.end(flow.is_live());
                flow.end();
            }
            0x0c => {
                let depth = r.u32()?;
                self.branch(depth);
                flow.branch(depth);
                flow.die();
            }
            0x0d => {
                let depth = r.u32()?;
                self.branch_if(depth);
                flow.branch(depth);
            }
            0x0e => {
                let depths = table_depths(r)?;
                depths.iter().for_each(|depth| flow.branch(*depth));
                flow.die();
                self.branch_table(depths);
            }
            0x0f => {
                self.return_operands();
                flow.die();
            }
            _ => return None,
        }
        Some(())
    }

    /// Looks at what the next instruction does with the result of this one.
    #[inline(always)]
    fn look_at(&mut self, r: &Reader<'_>) {
        self.next = next(r.bytes, r.pos);
    }

    /// An instruction on numbers, without immediates.
    fn number(&mut self, opcode: u8) {
        match opcode {
            0x45 => self.is_zero(I32),
            0x46 => self.compare(Condition::Equal, I32),
            0x47 => self.compare(Condition::NotEqual, I32),
            0x48 => self.compare(Condition::Less, I32),
            0x49 => self.compare(Condition::Below, I32),
            0x4a => self.compare(Condition::Greater, I32),
            0x4b => self.compare(Condition::Above, I32),
            0x4c => self.compare(Condition::LessOrEqual, I32),
            0x4d => self.compare(Condition::BelowOrEqual, I32),
            0x4e => self.compare(Condition::GreaterOrEqual, I32),
            0x4f => self.compare(Condition::AboveOrEqual, I32),
            0x50 => self.is_zero(I64),
            0x51 => self.compare(Condition::Equal, I64),
            0x52 => self.compare(Condition::NotEqual, I64),
            0x53 => self.compare(Condition::Less, I64),
            0x54 => self.compare(Condition::Below, I64),
            0x55 => self.compare(Condition::Greater, I64),
            0x56 => self.compare(Condition::Above, I64),
            0x57 => self.compare(Condition::LessOrEqual, I64),
            0x58 => self.compare(Condition::BelowOrEqual, I64),
            0x59 => self.compare(Condition::GreaterOrEqual, I64),
            0x5a => self.compare(Condition::AboveOrEqual, I64),
            0x67 => self.leading_zeros(I32),
            0x68 => self.trailing_zeros(I32),
            0x69 => self.ones(I32),
            0x6a => self.binary(Alu::Add, I32),
            0x6b => self.binary(Alu::Sub, I32),
            0x6c => self.multiply(I32),
            0x6d => self.divide(Part::Quotient, Signed, I32),
            0x6e => self.divide(Part::Quotient, Unsigned, I32),
            0x6f => self.divide(Part::Remainder, Signed, I32),
            0x70 => self.divide(Part::Remainder, Unsigned, I32),
            0x71 => self.binary(Alu::And, I32),
            0x72 => self.binary(Alu::Or, I32),
            0x73 => self.binary(Alu::Xor, I32),
            0x74 => self.shift(Shift::Left, I32),
            0x75 => self.shift(Shift::RightSigned, I32),
            0x76 => self.shift(Shift::Right, I32),
            0x77 => self.shift(Shift::RotateLeft, I32),
            0x78 => self.shift(Shift::RotateRight, I32),
            0x79 => self.leading_zeros(I64),
            0x7a => self.trailing_zeros(I64),
            0x7b => self.ones(I64),
            0x7c => self.binary(Alu::Add, I64),
            0x7d => self.binary(Alu::Sub, I64),
            0x7e => self.multiply(I64),
            0x7f => self.divide(Part::Quotient, Signed, I64),
            0x80 => self.divide(Part::Quotient, Unsigned, I64),
            0x81 => self.divide(Part::Remainder, Signed, I64),
            0x82 => self.divide(Part::Remainder, Unsigned, I64),
            0x83 => self.binary(Alu::And, I64),
            0x84 => self.binary(Alu::Or, I64),
            0x85 => self.binary(Alu::Xor, I64),
            0x86 => self.shift(Shift::Left, I64),
            0x87 => self.shift(Shift::RightSigned, I64),
            0x88 => self.shift(Shift::Right, I64),
            0x89 => self.shift(Shift::RotateLeft, I64),
            0x8a => self.shift(Shift::RotateRight, I64),
            0xa7 => self.wrap(),
            0xac => self.extend(Signed),
            0xad => self.extend(Unsigned),
            _ => self.float_or_conversion(opcode),
        }
    }

    fn float_or_conversion(&mut self, opcode: u8) {
        let Some(op) = plain(opcode) else { return self.fail("an unknown opcode") };
        let is_done = match Conversion::of(&op) {
            Some(conversion) => self.conversion(conversion),
            None => floats::emit(self, &op),
        };
        if !is_done {
            self.fail("an opcode without code");
        }
    }
}

/// What loads and stores do, by opcode.
static ACCESSES: [Option<Access>; 0x3f] = {
    let mut accesses = [None; 0x3f];
    let mut opcode = 0;
    while opcode < accesses.len() {
        accesses[opcode] = Access::of_opcode(opcode as u8);
        opcode += 1;
    }
    accesses
};

/// The static offset of an access of the first memory; none if there may be another in front of it.
#[inline(always)]
fn short_memarg(r: &mut Reader<'_>) -> Option<u64> {
    if r.u8()? >= HAS_MEMORY {
        return None;
    }
    r.u64()
}

/// The depths that a branch table names, the default last.
fn table_depths(r: &mut Reader<'_>) -> Option<Vec<u32>> {
    let count = r.u32()? as usize;
    // Each takes at least a byte.
    if count >= r.bytes.len() - r.pos {
        return None;
    }
    let mut depths = Vec::with_capacity(count + 1);
    for _ in 0..=count {
        depths.push(r.u32()?);
    }
    Some(depths)
}

/// What the instruction at a place in the module does with the topmost operand.
#[inline(always)]
pub(super) fn next(bytes: &[u8], at: usize) -> Next {
    const IF: u8 = 0x04;
    const BR_IF: u8 = 0x0d;
    const SELECT: u8 = 0x1b;
    const LOCAL_SET: u8 = 0x21;
    const LOCAL_TEE: u8 = 0x22;
    const I32_EQZ: u8 = 0x45;
    match bytes.get(at) {
        Some(&(LOCAL_SET | LOCAL_TEE)) => match bytes.get(at + 1) {
            Some(&index) if index < 0x80 => Next::Local(index.into()),
            _ => Next::Other,
        },
        Some(&(IF | BR_IF | SELECT | I32_EQZ)) => Next::Condition,
        _ => Next::Other,
    }
}
