//! Arithmetic, logic and comparison of integers and floats.
//!
//! Almost every instruction is one of Cranelift's. Division is not: it traps, and where faults are not allowed it
//! is checked first. Floats are never computed at another precision; minimum, maximum and rounding quieten NaNs,
//! sign operations keep them as they are.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::abi::TrapCode;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match op {
        Operator::I32Const { value } => {
            let value = t.i32_const(*value);
            t.push1(value);
            Ok(())
        }
        Operator::I64Const { value } => {
            let value = t.i64_const(*value);
            t.push1(value);
            Ok(())
        }
        Operator::F32Const { value } => {
            let value = t.b.ins().f32const(Ieee32::with_bits(value.bits()));
            t.push1(value);
            Ok(())
        }
        Operator::F64Const { value } => {
            let value = t.b.ins().f64const(Ieee64::with_bits(value.bits()));
            t.push1(value);
            Ok(())
        }
        Operator::I32Add | Operator::I64Add => t.binary(|t, x, y| t.b.ins().iadd(x, y)),
        Operator::I32Sub | Operator::I64Sub => t.binary(|t, x, y| t.b.ins().isub(x, y)),
        Operator::I32Mul | Operator::I64Mul => t.binary(|t, x, y| t.b.ins().imul(x, y)),
        Operator::I32And | Operator::I64And => t.binary(|t, x, y| t.b.ins().band(x, y)),
        Operator::I32Or | Operator::I64Or => t.binary(|t, x, y| t.b.ins().bor(x, y)),
        Operator::I32Xor | Operator::I64Xor => t.binary(|t, x, y| t.b.ins().bxor(x, y)),
        Operator::I32Shl | Operator::I64Shl => t.binary(|t, x, y| t.b.ins().ishl(x, y)),
        Operator::I32ShrS | Operator::I64ShrS => t.binary(|t, x, y| t.b.ins().sshr(x, y)),
        Operator::I32ShrU | Operator::I64ShrU => t.binary(|t, x, y| t.b.ins().ushr(x, y)),
        Operator::I32Rotl | Operator::I64Rotl => t.binary(|t, x, y| t.b.ins().rotl(x, y)),
        Operator::I32Rotr | Operator::I64Rotr => t.binary(|t, x, y| t.b.ins().rotr(x, y)),
        Operator::I32Clz | Operator::I64Clz => t.unary(|t, x| t.b.ins().clz(x)),
        Operator::I32Ctz | Operator::I64Ctz => t.unary(|t, x| t.b.ins().ctz(x)),
        Operator::I32Popcnt | Operator::I64Popcnt => t.unary(|t, x| t.b.ins().popcnt(x)),
        Operator::I32DivS | Operator::I64DivS => t.div_s(),
        Operator::I32DivU | Operator::I64DivU => t.div_u(),
        Operator::I32RemS | Operator::I64RemS => t.rem_s(),
        Operator::I32RemU | Operator::I64RemU => t.rem_u(),
        Operator::I32Eqz | Operator::I64Eqz => t.eqz(),
        Operator::I32Eq | Operator::I64Eq => t.compare(IntCC::Equal),
        Operator::I32Ne | Operator::I64Ne => t.compare(IntCC::NotEqual),
        Operator::I32LtS | Operator::I64LtS => t.compare(IntCC::SignedLessThan),
        Operator::I32LtU | Operator::I64LtU => t.compare(IntCC::UnsignedLessThan),
        Operator::I32GtS | Operator::I64GtS => t.compare(IntCC::SignedGreaterThan),
        Operator::I32GtU | Operator::I64GtU => t.compare(IntCC::UnsignedGreaterThan),
        Operator::I32LeS | Operator::I64LeS => t.compare(IntCC::SignedLessThanOrEqual),
        Operator::I32LeU | Operator::I64LeU => t.compare(IntCC::UnsignedLessThanOrEqual),
        Operator::I32GeS | Operator::I64GeS => t.compare(IntCC::SignedGreaterThanOrEqual),
        Operator::I32GeU | Operator::I64GeU => t.compare(IntCC::UnsignedGreaterThanOrEqual),
        Operator::F32Add | Operator::F64Add => t.binary(|t, x, y| t.b.ins().fadd(x, y)),
        Operator::F32Sub | Operator::F64Sub => t.binary(|t, x, y| t.b.ins().fsub(x, y)),
        Operator::F32Mul | Operator::F64Mul => t.binary(|t, x, y| t.b.ins().fmul(x, y)),
        Operator::F32Div | Operator::F64Div => t.binary(|t, x, y| t.b.ins().fdiv(x, y)),
        Operator::F32Min | Operator::F64Min => t.binary(|t, x, y| t.b.ins().fmin(x, y)),
        Operator::F32Max | Operator::F64Max => t.binary(|t, x, y| t.b.ins().fmax(x, y)),
        Operator::F32Copysign | Operator::F64Copysign => {
            t.binary(|t, x, y| t.b.ins().fcopysign(x, y))
        }
        Operator::F32Abs | Operator::F64Abs => t.unary(|t, x| t.b.ins().fabs(x)),
        Operator::F32Neg | Operator::F64Neg => t.unary(|t, x| t.b.ins().fneg(x)),
        Operator::F32Ceil | Operator::F64Ceil => t.unary(|t, x| t.b.ins().ceil(x)),
        Operator::F32Floor | Operator::F64Floor => t.unary(|t, x| t.b.ins().floor(x)),
        Operator::F32Trunc | Operator::F64Trunc => t.unary(|t, x| t.b.ins().trunc(x)),
        Operator::F32Nearest | Operator::F64Nearest => t.unary(|t, x| t.b.ins().nearest(x)),
        Operator::F32Sqrt | Operator::F64Sqrt => t.unary(|t, x| t.b.ins().sqrt(x)),
        Operator::F32Eq | Operator::F64Eq => t.compare_floats(FloatCC::Equal),
        Operator::F32Ne | Operator::F64Ne => t.compare_floats(FloatCC::NotEqual),
        Operator::F32Lt | Operator::F64Lt => t.compare_floats(FloatCC::LessThan),
        Operator::F32Gt | Operator::F64Gt => t.compare_floats(FloatCC::GreaterThan),
        Operator::F32Le | Operator::F64Le => t.compare_floats(FloatCC::LessThanOrEqual),
        Operator::F32Ge | Operator::F64Ge => t.compare_floats(FloatCC::GreaterThanOrEqual),
        _ => Err(CompileError::internal(format!("not a numeric instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    fn eqz(&mut self) -> Translated {
        let value = self.pop1()?;
        let value = self.condition(value);
        let is_zero = self.b.ins().icmp_imm_u(IntCC::Equal, value, 0);
        self.push_bool(is_zero);
        Ok(())
    }

    fn compare(&mut self, condition: IntCC) -> Translated {
        let (x, y) = self.pop2()?;
        let result = self.b.ins().icmp(condition, x, y);
        self.push_bool(result);
        Ok(())
    }

    fn compare_floats(&mut self, condition: FloatCC) -> Translated {
        let (x, y) = self.pop2()?;
        let result = self.b.ins().fcmp(condition, x, y);
        self.push_bool(result);
        Ok(())
    }

    fn div_s(&mut self) -> Translated {
        let (x, y) = self.pop2()?;
        if !self.may_fault() {
            self.check_divisor(y);
            self.check_quotient(x, y);
        }
        let result = self.b.ins().sdiv(x, y);
        self.push1(result);
        Ok(())
    }

    fn div_u(&mut self) -> Translated {
        let (x, y) = self.pop2()?;
        self.check_divisor_if_needed(y);
        let result = self.b.ins().udiv(x, y);
        self.push1(result);
        Ok(())
    }

    fn rem_s(&mut self) -> Translated {
        let (x, y) = self.pop2()?;
        self.check_divisor_if_needed(y);
        let result = self.b.ins().srem(x, y);
        self.push1(result);
        Ok(())
    }

    fn rem_u(&mut self) -> Translated {
        let (x, y) = self.pop2()?;
        self.check_divisor_if_needed(y);
        let result = self.b.ins().urem(x, y);
        self.push1(result);
        Ok(())
    }

    /// Where faults are allowed, the processor itself traps on a zero divisor.
    fn check_divisor_if_needed(&mut self, divisor: Value) {
        if !self.may_fault() {
            self.check_divisor(divisor);
        }
    }

    fn check_divisor(&mut self, divisor: Value) {
        if self.as_constant(divisor).is_none_or(|divisor| divisor == 0) {
            self.trap_unless(divisor, TrapCode::IntegerDivideByZero);
        }
    }

    /// Checks for the one quotient that does not fit: the smallest number by -1.
    fn check_quotient(&mut self, dividend: Value, divisor: Value) {
        let ty = self.b.func.dfg.value_type(divisor);
        let minus_one = if ty == types::I32 { 0xffff_ffff } else { u64::MAX };
        if self.as_constant(divisor).is_some_and(|divisor| divisor != minus_one) {
            return;
        }
        let smallest = if ty == types::I32 { i64::from(i32::MIN) } else { i64::MIN };
        let smallest = self.b.ins().icmp_imm_s(IntCC::Equal, dividend, smallest);
        let minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, divisor, -1);
        let both = self.b.ins().band(smallest, minus_one);
        self.trap_if(both, TrapCode::IntegerOverflow);
    }
}
