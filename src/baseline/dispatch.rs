//! Selects the method that compiles an instruction.

use super::calls::Form;
use super::division::Part;
use super::emitter::Emitter;
use super::operand::Kind::{self, F32, F64, I32, I64};
use super::{floats, simd};
use crate::abi::TrapCode;
use crate::asm::x64::{Alu, Condition, Shift};
use crate::body::Sign::{Signed, Unsigned};
use crate::body::accesses::Access;
use crate::body::conversions::Conversion;
use crate::types::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use wasmparser::Operator;

impl Emitter<'_> {
    /// Compiles an instruction, if it is supported; `live` unless it is an `else` or `end` after dead code.
    pub fn instruction(&mut self, op: &Operator<'_>, live: bool) -> bool {
        use Operator::*;
        match op {
            LocalGet { local_index } => self.local_get(*local_index),
            LocalSet { local_index } => self.local_set(*local_index),
            LocalTee { local_index } => self.local_tee(*local_index),
            I32Const { value } => self.push_constant(I32, u64::from(*value as u32)),
            I64Const { value } => self.push_constant(I64, *value as u64),
            F32Const { value } => self.push_constant(F32, value.bits().into()),
            F64Const { value } => self.push_constant(F64, value.bits()),
            GlobalGet { global_index } => self.global_get(GlobalIndex(*global_index)),
            GlobalSet { global_index } => self.global_set(GlobalIndex(*global_index)),
            Drop => self.drop_operand(),
            Nop => {}
            Select | TypedSelect { .. } => self.select(),
            Else => self.begin_else(live),
            End => self.end(live),
            _ => {
                return self.control(op)
                    || self.integer(op)
                    || self.other(op)
                    || self.legacy_exception(op, live);
            }
        }
        true
    }

    fn control(&mut self, op: &Operator<'_>) -> bool {
        use Operator::*;
        match op {
            Block { blockty } => self.begin_block(*blockty),
            Loop { blockty } => self.begin_loop(*blockty),
            If { blockty } => self.begin_if(*blockty),
            Br { relative_depth } => self.branch(*relative_depth),
            BrIf { relative_depth } => self.branch_if(*relative_depth),
            BrTable { targets } => self.branch_table(targets),
            BrOnNull { relative_depth } => self.branch_on_null(*relative_depth),
            BrOnNonNull { relative_depth } => self.branch_on_non_null(*relative_depth),
            Return => self.return_operands(),
            Unreachable => self.trap(TrapCode::Unreachable),
            Call { function_index } => self.call(FuncIndex(*function_index), Form::Call),
            ReturnCall { function_index } => self.call(FuncIndex(*function_index), Form::Tail),
            CallIndirect { type_index, table_index } => {
                self.call_indirect(TypeIndex(*type_index), TableIndex(*table_index), Form::Call);
            }
            ReturnCallIndirect { type_index, table_index } => {
                self.call_indirect(TypeIndex(*type_index), TableIndex(*table_index), Form::Tail);
            }
            CallRef { type_index } => self.call_ref(TypeIndex(*type_index), Form::Call),
            ReturnCallRef { type_index } => self.call_ref(TypeIndex(*type_index), Form::Tail),
            _ => return false,
        }
        true
    }

    fn integer(&mut self, op: &Operator<'_>) -> bool {
        use Operator::*;
        match op {
            I32Add => self.binary(Alu::Add, I32),
            I32Sub => self.binary(Alu::Sub, I32),
            I32And => self.binary(Alu::And, I32),
            I32Or => self.binary(Alu::Or, I32),
            I32Xor => self.binary(Alu::Xor, I32),
            I64Add => self.binary(Alu::Add, I64),
            I64Sub => self.binary(Alu::Sub, I64),
            I64And => self.binary(Alu::And, I64),
            I64Or => self.binary(Alu::Or, I64),
            I64Xor => self.binary(Alu::Xor, I64),
            I32Mul => self.multiply(I32),
            I64Mul => self.multiply(I64),
            I32Shl => self.shift(Shift::Left, I32),
            I32ShrS => self.shift(Shift::RightSigned, I32),
            I32ShrU => self.shift(Shift::Right, I32),
            I32Rotl => self.shift(Shift::RotateLeft, I32),
            I32Rotr => self.shift(Shift::RotateRight, I32),
            I64Shl => self.shift(Shift::Left, I64),
            I64ShrS => self.shift(Shift::RightSigned, I64),
            I64ShrU => self.shift(Shift::Right, I64),
            I64Rotl => self.shift(Shift::RotateLeft, I64),
            I64Rotr => self.shift(Shift::RotateRight, I64),
            I32Clz => self.leading_zeros(I32),
            I64Clz => self.leading_zeros(I64),
            I32Ctz => self.trailing_zeros(I32),
            I64Ctz => self.trailing_zeros(I64),
            I32Popcnt => self.ones(I32),
            I64Popcnt => self.ones(I64),
            I32DivS => self.divide(Part::Quotient, Signed, I32),
            I32DivU => self.divide(Part::Quotient, Unsigned, I32),
            I32RemS => self.divide(Part::Remainder, Signed, I32),
            I32RemU => self.divide(Part::Remainder, Unsigned, I32),
            I64DivS => self.divide(Part::Quotient, Signed, I64),
            I64DivU => self.divide(Part::Quotient, Unsigned, I64),
            I64RemS => self.divide(Part::Remainder, Signed, I64),
            I64RemU => self.divide(Part::Remainder, Unsigned, I64),
            I32Eqz => self.is_zero(I32),
            I64Eqz => self.is_zero(I64),
            _ => return self.comparison(op),
        }
        true
    }

    fn comparison(&mut self, op: &Operator<'_>) -> bool {
        use Operator::*;
        let (condition, kind) = match op {
            I32Eq => (Condition::Equal, I32),
            I32Ne => (Condition::NotEqual, I32),
            I32LtS => (Condition::Less, I32),
            I32LtU => (Condition::Below, I32),
            I32GtS => (Condition::Greater, I32),
            I32GtU => (Condition::Above, I32),
            I32LeS => (Condition::LessOrEqual, I32),
            I32LeU => (Condition::BelowOrEqual, I32),
            I32GeS => (Condition::GreaterOrEqual, I32),
            I32GeU => (Condition::AboveOrEqual, I32),
            I64Eq => (Condition::Equal, I64),
            I64Ne => (Condition::NotEqual, I64),
            I64LtS => (Condition::Less, I64),
            I64LtU => (Condition::Below, I64),
            I64GtS => (Condition::Greater, I64),
            I64GtU => (Condition::Above, I64),
            I64LeS => (Condition::LessOrEqual, I64),
            I64LeU => (Condition::BelowOrEqual, I64),
            I64GeS => (Condition::GreaterOrEqual, I64),
            I64GeU => (Condition::AboveOrEqual, I64),
            _ => return false,
        };
        self.compare(condition, kind);
        true
    }

    fn other(&mut self, op: &Operator<'_>) -> bool {
        if let Some((access, memarg)) = Access::of(op) {
            self.access(access, memarg);
            return true;
        }
        if let Some(conversion) = Conversion::of(op) {
            return self.conversion(conversion);
        }
        match *op {
            Operator::MemorySize { mem } => self.memory_size(MemoryIndex(mem)),
            Operator::MemoryGrow { mem } => self.memory_grow(MemoryIndex(mem)),
            Operator::TableGet { table } => self.table_get(TableIndex(table)),
            Operator::TableSet { table } => self.table_set(TableIndex(table)),
            Operator::TableSize { table } => self.table_size(TableIndex(table)),
            Operator::TableGrow { table } => self.table_grow(TableIndex(table)),
            _ => {
                return floats::emit(self, op)
                    || self.bulk(op)
                    || self.references(op)
                    || simd::emit(self, op)
                    || self.atomic(op)
                    || self.wide(op)
                    || self.exception(op);
            }
        }
        true
    }

    fn conversion(&mut self, conversion: Conversion) -> bool {
        match conversion {
            Conversion::Wrap => self.wrap(),
            Conversion::Extend(sign) => self.extend(sign),
            Conversion::ExtendLow(ty, bytes) => self.extend_low(Kind::of(ty), bytes),
            _ => return self.convert_float(conversion),
        }
        true
    }
}
