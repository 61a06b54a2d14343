//! Conversions between number types.
//!
//! A conversion from float to integer traps on NaN and on what does not fit. Where faults are not
//! allowed, both are compared first and the saturating form does the work.

use super::error::{CompileError, Translated};
use super::translator::{FuncTranslator, lane_cast};
use crate::abi::TrapCode;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use wasmparser::Operator;

/// Whether the integer side of a conversion has a sign.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Signed,
    Unsigned,
}

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    use Sign::{Signed, Unsigned};
    use types::{F32, F64, I32, I64};
    match op {
        Operator::I32WrapI64 => t.unary(|t, x| t.b.ins().ireduce(I32, x)),
        Operator::I64ExtendI32S => t.unary(|t, x| t.b.ins().sextend(I64, x)),
        Operator::I64ExtendI32U => t.unary(|t, x| t.b.ins().uextend(I64, x)),
        Operator::F32DemoteF64 => t.unary(|t, x| t.b.ins().fdemote(F32, x)),
        Operator::F64PromoteF32 => t.unary(|t, x| t.b.ins().fpromote(F64, x)),
        Operator::I32ReinterpretF32 => t.unary(|t, x| t.b.ins().bitcast(I32, lane_cast(), x)),
        Operator::I64ReinterpretF64 => t.unary(|t, x| t.b.ins().bitcast(I64, lane_cast(), x)),
        Operator::F32ReinterpretI32 => t.unary(|t, x| t.b.ins().bitcast(F32, lane_cast(), x)),
        Operator::F64ReinterpretI64 => t.unary(|t, x| t.b.ins().bitcast(F64, lane_cast(), x)),
        Operator::F32ConvertI32S => t.unary(|t, x| t.b.ins().fcvt_from_sint(F32, x)),
        Operator::F32ConvertI32U => t.unary(|t, x| t.b.ins().fcvt_from_uint(F32, x)),
        Operator::F32ConvertI64S => t.unary(|t, x| t.b.ins().fcvt_from_sint(F32, x)),
        Operator::F32ConvertI64U => t.unary(|t, x| t.b.ins().fcvt_from_uint(F32, x)),
        Operator::F64ConvertI32S => t.unary(|t, x| t.b.ins().fcvt_from_sint(F64, x)),
        Operator::F64ConvertI32U => t.unary(|t, x| t.b.ins().fcvt_from_uint(F64, x)),
        Operator::F64ConvertI64S => t.unary(|t, x| t.b.ins().fcvt_from_sint(F64, x)),
        Operator::F64ConvertI64U => t.unary(|t, x| t.b.ins().fcvt_from_uint(F64, x)),
        Operator::I32TruncF32S | Operator::I32TruncF64S => t.truncate(I32, Signed),
        Operator::I32TruncSatF32S | Operator::I32TruncSatF64S => {
            t.unary(|t, x| t.saturate(I32, Signed, x))
        }
        Operator::I32TruncF32U | Operator::I32TruncF64U => t.truncate(I32, Unsigned),
        Operator::I32TruncSatF32U | Operator::I32TruncSatF64U => {
            t.unary(|t, x| t.saturate(I32, Unsigned, x))
        }
        Operator::I64TruncF32S | Operator::I64TruncF64S => t.truncate(I64, Signed),
        Operator::I64TruncSatF32S | Operator::I64TruncSatF64S => {
            t.unary(|t, x| t.saturate(I64, Signed, x))
        }
        Operator::I64TruncF32U | Operator::I64TruncF64U => t.truncate(I64, Unsigned),
        Operator::I64TruncSatF32U | Operator::I64TruncSatF64U => {
            t.unary(|t, x| t.saturate(I64, Unsigned, x))
        }
        _ => Err(CompileError::internal(format!("not a conversion: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    fn truncate(&mut self, to: Type, sign: Sign) -> Translated {
        let x = self.pop1()?;
        let result = if self.may_fault() {
            match sign {
                Sign::Signed => self.b.ins().fcvt_to_sint(to, x),
                Sign::Unsigned => self.b.ins().fcvt_to_uint(to, x),
            }
        } else {
            self.check_range(to, sign, x);
            self.saturate(to, sign, x)
        };
        self.push1(result);
        Ok(())
    }

    fn saturate(&mut self, to: Type, sign: Sign, x: Value) -> Value {
        match sign {
            Sign::Signed => self.b.ins().fcvt_to_sint_sat(to, x),
            Sign::Unsigned => self.b.ins().fcvt_to_uint_sat(to, x),
        }
    }

    /// Traps unless the truncation of `x` fits.
    fn check_range(&mut self, to: Type, sign: Sign, x: Value) {
        let is_nan = self.b.ins().fcmp(FloatCC::Unordered, x, x);
        self.trap_if(is_nan, TrapCode::InvalidConversionToInteger);
        let from = self.b.func.dfg.value_type(x);
        let (low, above_low, high) = bounds(from, to, sign);
        let (low, high) = (self.float_const(from, low), self.float_const(from, high));
        let above = self.b.ins().fcmp(above_low, x, low);
        let below = self.b.ins().fcmp(FloatCC::LessThan, x, high);
        let fits = self.b.ins().band(above, below);
        self.trap_unless(fits, TrapCode::IntegerOverflow);
    }

    fn float_const(&mut self, ty: Type, value: f64) -> Value {
        if ty == types::F32 {
            self.b.ins().f32const(value as f32)
        } else {
            self.b.ins().f64const(value)
        }
    }
}

/// The range of floats whose truncation fits: the lower bound, how to compare with it, and the
/// upper bound, which does not belong to the range. All are exact in the type of the operand.
fn bounds(from: Type, to: Type, sign: Sign) -> (f64, FloatCC, f64) {
    let bits = to.bits() as i32;
    match sign {
        Sign::Unsigned => (-1.0, FloatCC::GreaterThan, 2f64.powi(bits)),
        // Between -2^31 - 1 and -2^31 lie doubles that still fit.
        Sign::Signed if to == types::I32 && from == types::F64 => {
            (-2147483649.0, FloatCC::GreaterThan, 2147483648.0)
        }
        Sign::Signed => (-2f64.powi(bits - 1), FloatCC::GreaterThanOrEqual, 2f64.powi(bits - 1)),
    }
}
