//! Conversions between number types.
//!
//! A conversion from float to integer traps on NaN and on values out of range. Where faults are not allowed, both
//! are checked first and the saturating form converts.

use super::error::Translated;
use super::translator::{FuncTranslator, clif_type, lane_cast};
use crate::abi::TrapCode;
use crate::body::Sign::{self, Signed, Unsigned};
use crate::body::conversions::{Conversion, Truncation};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{F32, F64, I8, I16, I32, I64};
use cranelift_codegen::ir::{InstBuilder, Type, Value};

pub(super) fn translate(t: &mut FuncTranslator<'_>, conversion: Conversion) -> Translated {
    let x = t.pop1()?;
    let ins = t.b.ins();
    let result = match conversion {
        Conversion::Wrap => ins.ireduce(I32, x),
        Conversion::Extend(Signed) => ins.sextend(I64, x),
        Conversion::Extend(Unsigned) => ins.uextend(I64, x),
        Conversion::ExtendLow(ty, bytes) => t.extend_low(clif_type(ty), bytes, x),
        Conversion::Demote => ins.fdemote(F32, x),
        Conversion::Promote => ins.fpromote(F64, x),
        Conversion::Reinterpret(ty) => ins.bitcast(clif_type(ty), lane_cast(), x),
        Conversion::ToFloat(ty, Signed) => ins.fcvt_from_sint(clif_type(ty), x),
        Conversion::ToFloat(ty, Unsigned) => ins.fcvt_from_uint(clif_type(ty), x),
        Conversion::Truncate(truncation) => t.truncate(truncation, x),
    };
    t.push1(result);
    Ok(())
}

impl FuncTranslator<'_> {
    fn extend_low(&mut self, ty: Type, bytes: u32, x: Value) -> Value {
        let low = match bytes {
            1 => I8,
            2 => I16,
            _ => I32,
        };
        let low = self.b.ins().ireduce(low, x);
        self.b.ins().sextend(ty, low)
    }

    fn truncate(&mut self, truncation: Truncation, x: Value) -> Value {
        let (to, sign) = (clif_type(truncation.to), truncation.sign);
        if truncation.saturating {
            return self.saturate(to, sign, x);
        }
        if self.may_fault() {
            return match sign {
                Signed => self.b.ins().fcvt_to_sint(to, x),
                Unsigned => self.b.ins().fcvt_to_uint(to, x),
            };
        }
        self.check_range(truncation, x);
        self.saturate(to, sign, x)
    }

    fn saturate(&mut self, to: Type, sign: Sign, x: Value) -> Value {
        match sign {
            Signed => self.b.ins().fcvt_to_sint_sat(to, x),
            Unsigned => self.b.ins().fcvt_to_uint_sat(to, x),
        }
    }

    /// Traps unless `x` is in the range of the truncation.
    fn check_range(&mut self, truncation: Truncation, x: Value) {
        let is_nan = self.b.ins().fcmp(FloatCC::Unordered, x, x);
        self.trap_if(is_nan, TrapCode::InvalidConversionToInteger);
        let range = truncation.range();
        let from = clif_type(truncation.from);
        let (low, high) = (self.float_const(from, range.low), self.float_const(from, range.high));
        let above_low =
            if range.with_low { FloatCC::GreaterThanOrEqual } else { FloatCC::GreaterThan };
        let above = self.b.ins().fcmp(above_low, x, low);
        let below = self.b.ins().fcmp(FloatCC::LessThan, x, high);
        let fits = self.b.ins().band(above, below);
        self.trap_unless(fits, TrapCode::IntegerOverflow);
    }

    fn float_const(&mut self, ty: Type, value: f64) -> Value {
        if ty == F32 { self.b.ins().f32const(value as f32) } else { self.b.ins().f64const(value) }
    }
}
