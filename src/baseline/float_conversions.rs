//! Conversions between integers and floats, and between floats.
//!
//! The processor converts to signed integers only, and has one answer to everything that does not fit: the smallest
//! integer. An `i32` is converted as an `i64`, which fits if its upper half is the extension of its lower. What
//! remains then is a NaN or too small or too large.

use super::constants::quads;
use super::emitter::{Emitter, width};
use super::floats::by_kind;
use super::operand::{Kind, Place, Source};
use super::registers::{SCRATCH, SCRATCH_XMM};
use crate::abi::TrapCode;
use crate::asm::x64::*;
use crate::body::Sign::{self, Signed, Unsigned};
use crate::body::conversions::{Conversion, Truncation};
use crate::types::ValType;

impl Emitter<'_> {
    /// Emits a conversion from or to a float; whether it is one.
    pub fn convert_float(&mut self, conversion: Conversion) -> bool {
        match conversion {
            Conversion::Demote => self.single(Kind::F32, Sse::Cvtsd2ss, None),
            Conversion::Promote => self.single(Kind::F64, Sse::Cvtss2sd, None),
            Conversion::Reinterpret(ty) => self.reinterpret(Kind::of(ty)),
            Conversion::ToFloat(ty, sign) => self.convert_integer(Kind::of(ty), sign),
            Conversion::Truncate(truncation) => self.truncate(truncation),
            _ => return false,
        }
        true
    }

    fn reinterpret(&mut self, kind: Kind) {
        let operand = self.pop();
        let wide = if kind.size() == 4 { Width::B32 } else { Width::B64 };
        if let Place::Const(_) = operand.place {
            return self.push(kind, operand.place);
        }
        if kind.is_int() {
            let to = self.result_reg(&[]);
            match self.source(operand) {
                Source::Mem(from) => self.asm.load(wide, to, from),
                _ => {
                    let from = self.in_xmm(operand);
                    self.asm.move_from_vector(wide, to, from);
                }
            }
            self.release(operand);
            return self.push_reg(kind, to);
        }
        let from = self.in_reg(operand);
        let to = self.result_xmm(&[]);
        self.asm.move_to_vector(wide, to, from);
        self.release_reg(from);
        self.push_xmm(kind, to);
    }

    fn convert_integer(&mut self, kind: Kind, sign: Sign) {
        let operand = self.pop();
        let op = by_kind(kind, Sse::Cvtsi2ss, Sse::Cvtsi2sd);
        if sign == Unsigned && operand.kind == Kind::I64 {
            let from = self.owned(operand);
            let to = self.result_xmm(&[]);
            self.unsigned_to_float(kind, to, from);
            self.release_reg(from);
            return self.push_xmm(kind, to);
        }
        // An unsigned i32 is a signed i64.
        let width = if sign == Unsigned { Width::B64 } else { width(operand.kind) };
        let from = self.in_reg(operand);
        let to = self.result_xmm(&[]);
        // The instruction keeps the upper bits, and would wait for them.
        self.asm.clear_vector(to);
        self.asm.sse_reg(op, width, to, from);
        self.release_reg(from);
        self.push_xmm(kind, to);
    }

    /// From 2^63, half of the number is converted and doubled. The bit that is lost must still count in rounding.
    fn unsigned_to_float(&mut self, kind: Kind, to: Xmm, from: Reg) {
        let op = by_kind(kind, Sse::Cvtsi2ss, Sse::Cvtsi2sd);
        let (large, done) = (self.new_label(), self.new_label());
        self.asm.clear_vector(to);
        self.asm.test_regs(Width::B64, from, from);
        self.jump_if(Condition::Negative, large);
        self.asm.sse_reg(op, Width::B64, to, from);
        self.jump(done);
        self.bind(large);
        self.asm.mov(Width::B64, SCRATCH, from);
        self.asm.shift_const(Shift::Right, Width::B64, SCRATCH, 1);
        self.asm.alu_const(Alu::And, Width::B32, from, 1);
        self.asm.alu(Alu::Or, Width::B64, SCRATCH, from);
        self.asm.sse_reg(op, Width::B64, to, SCRATCH);
        self.asm.sse(by_kind(kind, Sse::Addss, Sse::Addsd), to, to);
        self.bind(done);
    }

    fn truncate(&mut self, truncation: Truncation) {
        let operand = self.pop();
        let from = self.in_xmm(operand);
        let to = self.result_reg(&[]);
        let kind = Kind::of(truncation.to);
        match (truncation.to, truncation.sign) {
            (ValType::I32, _) => self.truncate_to_i32(truncation, to, from),
            (_, Signed) => self.truncate_to_i64(truncation, to, from),
            (_, Unsigned) => self.truncate_to_u64(truncation, to, from),
        }
        self.release_xmm(from);
        self.push_reg(kind, to);
    }

    fn truncate_to_i32(&mut self, truncation: Truncation, to: Reg, from: Xmm) {
        let done = self.new_label();
        self.convert(truncation, to, from);
        match truncation.sign {
            Signed => self.asm.extend(Extend::Sign32, SCRATCH, to),
            Unsigned => self.asm.mov(Width::B32, SCRATCH, to),
        }
        self.asm.alu(Alu::Cmp, Width::B64, SCRATCH, to);
        self.jump_if(Condition::Equal, done);
        if truncation.saturating {
            self.saturate(truncation, to, from, done);
        } else {
            self.trap_out_of_range(truncation, from);
        }
        self.bind(done);
        if truncation.sign == Signed {
            self.asm.mov(Width::B32, to, to);
        }
    }

    fn truncate_to_i64(&mut self, truncation: Truncation, to: Reg, from: Xmm) {
        let done = self.new_label();
        self.convert(truncation, to, from);
        // Overflows only for the smallest integer.
        self.asm.alu_const(Alu::Cmp, Width::B64, to, 1);
        self.jump_if(Condition::NotOverflow, done);
        if truncation.saturating {
            self.saturate(truncation, to, from, done);
        } else {
            let kind = Kind::of(truncation.from);
            let smallest = float_bits(kind, -TWO_TO_63);
            self.sse_const(by_kind(kind, Sse::Ucomiss, Sse::Ucomisd), from, smallest);
            self.trap_if(Condition::Unordered, TrapCode::InvalidConversionToInteger);
            self.trap_if(Condition::NotEqual, TrapCode::IntegerOverflow);
        }
        self.bind(done);
    }

    /// From 2^63, that much less is converted, and added to the result.
    fn truncate_to_u64(&mut self, truncation: Truncation, to: Reg, from: Xmm) {
        let kind = Kind::of(truncation.from);
        let (bad, done) = (self.new_label(), self.new_label());
        self.convert(truncation, to, from);
        self.asm.test_regs(Width::B64, to, to);
        self.jump_if(Condition::NotNegative, done);
        self.asm.move_vector(SCRATCH_XMM, from);
        let subtract = by_kind(kind, Sse::Subss, Sse::Subsd);
        self.sse_const(subtract, SCRATCH_XMM, float_bits(kind, TWO_TO_63));
        self.convert(truncation, to, SCRATCH_XMM);
        self.asm.test_regs(Width::B64, to, to);
        self.jump_if(Condition::Negative, bad);
        self.asm.set_64(SCRATCH, 1 << 63);
        self.asm.alu(Alu::Xor, Width::B64, to, SCRATCH);
        self.jump(done);
        self.bind(bad);
        if truncation.saturating {
            self.saturate(truncation, to, from, done);
        } else {
            self.trap_out_of_range(truncation, from);
        }
        self.bind(done);
    }

    /// Converts to a signed 64-bit integer.
    fn convert(&mut self, truncation: Truncation, to: Reg, from: Xmm) {
        let kind = Kind::of(truncation.from);
        self.asm.sse_to_reg(by_kind(kind, Sse::Cvttss2si, Sse::Cvttsd2si), Width::B64, to, from);
    }

    /// Traps, for a float that is not a number or out of range.
    fn trap_out_of_range(&mut self, truncation: Truncation, from: Xmm) {
        self.compare_with_itself(truncation, from);
        self.trap_if(Condition::Unordered, TrapCode::InvalidConversionToInteger);
        self.trap_if(Condition::Ordered, TrapCode::IntegerOverflow);
    }

    fn compare_with_itself(&mut self, truncation: Truncation, from: Xmm) {
        let kind = Kind::of(truncation.from);
        self.asm.sse(by_kind(kind, Sse::Ucomiss, Sse::Ucomisd), from, from);
    }

    /// The integer for a float that is not a number or out of range.
    fn saturate(
        &mut self,
        truncation: Truncation,
        to: Reg,
        from: Xmm,
        done: super::blocks::LabelId,
    ) {
        let kind = Kind::of(truncation.from);
        let (low, high) = limits(truncation);
        self.asm.clear_vector(SCRATCH_XMM);
        self.asm.sse(by_kind(kind, Sse::Ucomiss, Sse::Ucomisd), from, SCRATCH_XMM);
        self.asm.set_64(to, 0);
        self.jump_if(Condition::Unordered, done);
        self.asm.set_64(to, low);
        self.jump_if(Condition::Below, done);
        self.asm.set_64(to, high);
    }
}

const TWO_TO_63: f64 = (1u64 << 63) as f64;

/// A float of this type, as a constant.
fn float_bits(kind: Kind, value: f64) -> u128 {
    match kind {
        Kind::F32 => (value as f32).to_bits().into(),
        _ => quads(value.to_bits()),
    }
}

/// The smallest and the largest integer.
fn limits(truncation: Truncation) -> (u64, u64) {
    match (truncation.to, truncation.sign) {
        (ValType::I32, Signed) => (i32::MIN as u32 as u64, i32::MAX as u64),
        (ValType::I32, Unsigned) => (0, u32::MAX.into()),
        (_, Signed) => (i64::MIN as u64, i64::MAX as u64),
        (_, Unsigned) => (0, u64::MAX),
    }
}
