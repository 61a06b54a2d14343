//! Bulk instructions: calls of the runtime, which checks all bounds before it writes anything (but see
//! [`super::copy_fill`]). Also the conversion between 32-bit and 64-bit indices and the builtins' 64-bit words.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::abi::Builtin;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Value, ValueDef, types};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match *op {
        Operator::MemoryFill { mem } => t.memory_fill(mem),
        Operator::MemoryCopy { dst_mem, src_mem } => t.memory_copy(dst_mem, src_mem),
        Operator::MemoryInit { data_index, mem } => {
            let is_64 = t.module.memories[mem as usize].is_64;
            t.init(Builtin::MemoryInit, mem, is_64, data_index)
        }
        Operator::TableFill { table } => t.table_fill(table),
        Operator::TableCopy { dst_table, src_table } => t.table_copy(dst_table, src_table),
        Operator::TableInit { elem_index, table } => {
            let is_64 = t.module.tables[table as usize].ty.is_64;
            t.init(Builtin::TableInit, table, is_64, elem_index)
        }
        Operator::DataDrop { data_index } => t.drop_segment(Builtin::DataDrop, data_index),
        Operator::ElemDrop { elem_index } => t.drop_segment(Builtin::ElemDrop, elem_index),
        _ => Err(CompileError::internal(format!("not a bulk instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    fn table_copy(&mut self, to_table: u32, from_table: u32) -> Translated {
        let to_64 = self.module.tables[to_table as usize].ty.is_64;
        let from_64 = self.module.tables[from_table as usize].ty.is_64;
        self.copy(Builtin::TableCopy, (to_table, to_64), (from_table, from_64))
    }

    pub fn copy(&mut self, builtin: Builtin, to: (u32, bool), from: (u32, bool)) -> Translated {
        let length = self.pop_index(to.1 && from.1)?;
        let from_index = self.pop_index(from.1)?;
        let to_index = self.pop_index(to.1)?;
        let (to, from) = (self.i32_const(to.0 as i32), self.i32_const(from.0 as i32));
        self.call_builtin(builtin, &[to, from, to_index, from_index, length]);
        Ok(())
    }

    fn init(&mut self, builtin: Builtin, object: u32, is_64: bool, segment: u32) -> Translated {
        let (source, length) = self.pop2()?;
        let to = self.pop_index(is_64)?;
        let (object, segment) = (self.i32_const(object as i32), self.i32_const(segment as i32));
        self.call_builtin(builtin, &[object, segment, to, source, length]);
        Ok(())
    }

    fn table_fill(&mut self, table: u32) -> Translated {
        let is_64 = self.module.tables[table as usize].ty.is_64;
        let length = self.pop_index(is_64)?;
        let value = self.pop1()?;
        let start = self.pop_index(is_64)?;
        let table = self.i32_const(table as i32);
        self.call_builtin(Builtin::TableFill, &[table, start, value, length]);
        Ok(())
    }

    fn drop_segment(&mut self, builtin: Builtin, segment: u32) -> Translated {
        let segment = self.i32_const(segment as i32);
        self.call_builtin(builtin, &[segment]);
        Ok(())
    }

    /// Pops an index or length as a 64-bit word.
    pub fn pop_index(&mut self, is_64: bool) -> Result<Value, CompileError> {
        let index = self.pop1()?;
        Ok(if is_64 { index } else { self.b.ins().uextend(types::I64, index) })
    }

    /// Pushes a 64-bit index, length or -1, in the width of its memory or table.
    pub fn push_index(&mut self, index: Value, is_64: bool) {
        let index = if is_64 { index } else { self.b.ins().ireduce(types::I32, index) };
        self.push1(index);
    }

    /// The constant value of `index`, a result of [`Self::pop_index`].
    pub fn as_extended_constant(&self, index: Value) -> Option<u64> {
        let dfg = &self.b.func.dfg;
        if let ValueDef::Result(inst, _) = dfg.value_def(index)
            && let InstructionData::Unary { opcode: Opcode::Uextend, arg } = dfg.insts[inst]
        {
            return self.as_constant(arg);
        }
        self.as_constant(index)
    }
}
