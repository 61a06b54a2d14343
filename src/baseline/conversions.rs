//! Conversions between integers.

use super::emitter::{Emitter, width};
use super::operand::{Kind, Operand};
use crate::asm::x64::*;
use crate::body::Sign;

impl Emitter<'_> {
    /// The low half of an i64.
    pub fn wrap(&mut self) {
        let value = self.pop();
        if let Some(bits) = value.as_constant() {
            return self.push_constant(Kind::I32, bits & 0xffff_ffff);
        }
        let result = self.accumulator(Operand { kind: Kind::I32, ..value }, &[]);
        if self.source(value) == super::operand::Source::Reg(result) {
            self.asm.mov(Width::B32, result, result);
        }
        self.push_reg(Kind::I32, result);
    }

    /// An i32 becomes an i64.
    pub fn extend(&mut self, sign: Sign) {
        let value = self.pop();
        if sign == Sign::Unsigned {
            // It has zeros above it.
            let result = self.accumulator(value, &[]);
            return self.push_reg(Kind::I64, result);
        }
        self.extend_by(Extend::Sign32, Kind::I64, value);
    }

    /// Sign-extends the low bytes of an integer.
    pub fn extend_low(&mut self, kind: Kind, bytes: u32) {
        let value = self.pop();
        let extend = match bytes {
            1 => Extend::Sign8(width(kind)),
            2 => Extend::Sign16(width(kind)),
            _ => Extend::Sign32,
        };
        self.extend_by(extend, kind, value);
    }

    fn extend_by(&mut self, extend: Extend, kind: Kind, value: Operand) {
        let from = self.in_reg(value);
        let result = self.result_over(from);
        self.asm.extend(extend, result, from);
        self.push_reg(kind, result);
    }
}
