//! Selects the method that compiles an instruction that was decoded: one that is not among the frequent ones (see
//! `direct`).

use super::emitter::Emitter;
use super::operand::Kind;
use super::simd;
use crate::abi::TrapCode;
use crate::body::CallForm;
use crate::body::accesses::Access;
use crate::body::conversions::Conversion;
use crate::types::{FuncIndex, MemoryIndex, TableIndex, TypeIndex};
use wasmparser::Operator;

impl Emitter<'_> {
    /// Compiles an instruction that was decoded; `live` unless it ends a part of a block after dead code. False if it is
    /// unknown.
    pub fn instruction(&mut self, op: &Operator<'_>, live: bool) -> bool {
        self.control(op) || self.other(op) || self.legacy_exception(op, live)
    }

    fn control(&mut self, op: &Operator<'_>) -> bool {
        use Operator::*;
        match op {
            Block { blockty } => self.begin_block(*blockty),
            Loop { blockty } => self.begin_loop(*blockty),
            If { blockty } => self.begin_if(*blockty),
            TypedSelect { .. } => self.select(),
            BrOnNull { relative_depth } => self.branch_on_null(*relative_depth),
            BrOnNonNull { relative_depth } => self.branch_on_non_null(*relative_depth),
            Unreachable => self.trap(TrapCode::Unreachable),
            ReturnCall { function_index } => self.call(FuncIndex(*function_index), CallForm::Tail),
            ReturnCallIndirect { type_index, table_index } => {
                self.call_indirect(
                    TypeIndex(*type_index),
                    TableIndex(*table_index),
                    CallForm::Tail,
                );
            }
            CallRef { type_index } => self.call_ref(TypeIndex(*type_index), CallForm::Call),
            ReturnCallRef { type_index } => self.call_ref(TypeIndex(*type_index), CallForm::Tail),
            _ => return false,
        }
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
                return self.bulk(op)
                    || self.references(op)
                    || simd::emit(self, op)
                    || self.atomic(op)
                    || self.wide(op)
                    || self.exception(op);
            }
        }
        true
    }

    pub fn conversion(&mut self, conversion: Conversion) -> bool {
        match conversion {
            Conversion::Wrap => self.wrap(),
            Conversion::Extend(sign) => self.extend(sign),
            Conversion::ExtendLow(ty, bytes) => self.extend_low(Kind::of(ty), bytes),
            _ => return self.convert_float(conversion),
        }
        true
    }
}
