//! Tables: elements, sizes, and the checks before an indirect call. Part of the sandbox.
//!
//! Tables of functions hold 32-byte entries, others 8-byte references. An index is compared with
//! the current length, which is a constant for tables that cannot grow.
//!
//! Entries of functions are written when they are first needed. An indirect call compares only signatures: an entry
//! that was not written yet has none, and so takes the same path as a call that traps, where the runtime writes it
//! and lets the call continue.

use super::error::{CompileError, Translated};
use super::regions::Region;
use super::translator::{FuncTranslator, TRUSTED};
use crate::abi::vmctx::{
    ENTRY_CODE, ENTRY_FUNC, ENTRY_NULL, ENTRY_SIG, ENTRY_SIZE_LOG2, ENTRY_VMCTX, FUNC_SIG,
    FUNC_SLOT, FUNC_VMCTX, TABLE_BASE, TABLE_LENGTH, TABLE_WRITTEN, VMCTX_CALLEE,
};
use crate::abi::{Builtin, TrapCode};
use crate::types::{HeapType, RefType, TableIndex, TypeIndex};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasmparser::Operator;

/// log2 of the size of a reference.
const REFERENCE_SIZE_LOG2: u8 = 3;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match *op {
        Operator::TableGet { table } => t.table_get(TableIndex(table)),
        Operator::TableSet { table } => t.table_set(TableIndex(table)),
        Operator::TableSize { table } => t.table_size(TableIndex(table)),
        Operator::TableGrow { table } => t.table_grow(TableIndex(table)),
        _ => Err(CompileError::internal(format!("not a table instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    fn table_get(&mut self, table: TableIndex) -> Translated {
        let index = self.pop_table_index(table)?;
        let entry = self.table_entry(table, index, TrapCode::TableOutOfBounds);
        let region = Region::table(self.module, table);
        let value = if self.is_function_table(table) {
            self.find_function(table, index, entry)?;
            self.load_word(types::I64, region, entry, ENTRY_FUNC)
        } else {
            self.load_word(types::I64, region, entry, 0)
        };
        self.push1(value);
        Ok(())
    }

    /// Makes an entry hold its function object, or null. If that is not known, the runtime writes it. It is read
    /// again afterwards: a value from three blocks would make register allocation slower.
    fn find_function(&mut self, table: TableIndex, index: Value, entry: Value) -> Translated {
        let region = Region::table(self.module, table);
        let func = self.load_word(types::I64, region, entry, ENTRY_FUNC);
        let (none, find, done) =
            (self.create_cold_block(), self.create_cold_block(), self.create_block());
        self.b.ins().brif(func, done, &[], none, &[]);
        self.continue_in(none);
        let head = self.load_word(types::I64, region, entry, ENTRY_SIG);
        let null = self.i64_const(ENTRY_NULL as i64);
        let is_null = self.b.ins().icmp(IntCC::Equal, head, null);
        self.b.ins().brif(is_null, done, &[], find, &[]);
        self.continue_in(find);
        let number = self.i32_const(table.0 as i32);
        self.call_builtin_for(Builtin::TableGetFunc, &[number, index])?;
        self.b.ins().jump(done, &[]);
        self.continue_in(done);
        Ok(())
    }

    fn table_set(&mut self, table: TableIndex) -> Translated {
        let value = self.pop1()?;
        let index = self.pop_table_index(table)?;
        let entry = self.table_entry(table, index, TrapCode::TableOutOfBounds);
        if !self.is_function_table(table) {
            let flags = self.in_region(TRUSTED, Region::table(self.module, table));
            self.b.ins().store(flags, value, entry, 0);
            return Ok(());
        }
        self.mark_written(table);
        let (null, func, done) = (self.create_block(), self.create_block(), self.create_block());
        self.b.ins().brif(value, func, &[], null, &[]);
        self.continue_in(null);
        let (head, zero) = (self.i64_const(ENTRY_NULL as i64), self.i64_const(0));
        self.store_entry(table, entry, [head, zero, zero, zero]);
        self.b.ins().jump(done, &[]);
        self.continue_in(func);
        let mut word = |offset| self.load_word(types::I64, Region::Functions, value, offset);
        let (sig, slot, vmctx) = (word(FUNC_SIG), word(FUNC_SLOT), word(FUNC_VMCTX));
        let code = self.load_word(types::I64, Region::Slots, slot, 0);
        let words = [sig, code, vmctx, value];
        self.store_entry(table, entry, words);
        self.b.ins().jump(done, &[]);
        self.continue_in(done);
        Ok(())
    }

    /// Marks the table so that the tracer looks at its elements.
    fn mark_written(&mut self, table: TableIndex) {
        let definition = self.table_definition(table);
        let flags = self.in_region(TRUSTED, Region::TableDefinitions);
        let one = self.i64_const(1);
        self.b.ins().store(flags, one, definition, TABLE_WRITTEN);
    }

    fn store_entry(&mut self, table: TableIndex, entry: Value, words: [Value; 4]) {
        let flags = self.in_region(TRUSTED, Region::table(self.module, table));
        let offsets = [ENTRY_SIG, ENTRY_CODE, ENTRY_VMCTX, ENTRY_FUNC];
        for (word, offset) in words.into_iter().zip(offsets) {
            self.b.ins().store(flags, word, entry, offset);
        }
    }

    fn table_size(&mut self, table: TableIndex) -> Translated {
        let length = self.table_length(table);
        self.push_index(length, self.module.tables[table.index()].ty.is_64);
        Ok(())
    }

    fn table_grow(&mut self, table: TableIndex) -> Translated {
        let is_64 = self.module.tables[table.index()].ty.is_64;
        let elements = self.pop_index(is_64)?;
        let value = self.pop1()?;
        let number = self.i32_const(table.0 as i32);
        let former = self.call_builtin_for(Builtin::TableGrow, &[number, elements, value])?;
        self.push_index(former, is_64);
        Ok(())
    }

    /// Address and offset of the entry for an indirect call, which may hold any function.
    pub fn entry_to_call(&mut self, table: TableIndex) -> Result<(Value, Value), CompileError> {
        let index = self.pop_table_index(table)?;
        let offset = self.element_offset(table, index, TrapCode::UndefinedElement);
        let base = self.table_base(table);
        Ok((self.b.ins().iadd(base, offset), offset))
    }

    /// Checks that such an entry holds a function of type `ty`.
    pub fn check_entry(
        &mut self,
        ty: TypeIndex,
        table: TableIndex,
        (entry, offset): (Value, Value),
    ) {
        let element = self.module.tables[table.index()].ty.element;
        let exact = element.heap == HeapType::Concrete(self.module.types[ty.index()].0);
        if exact && !element.nullable {
            return;
        }
        let region = Region::table(self.module, table);
        let sig = self.load_word(types::I32, region, entry, ENTRY_SIG);
        let fits = if exact { sig } else { self.is_signature(ty, sig) };
        let (doubtful, passed) = (self.create_cold_block(), self.create_block());
        self.b.ins().brif(fits, passed, &[], doubtful, &[]);
        self.continue_in(doubtful);
        self.b.ins().store(TRUSTED, offset, self.vmctx, VMCTX_CALLEE);
        self.call_builtin(Builtin::CheckCallee, &[]);
        self.b.ins().jump(passed, &[]);
        self.continue_in(passed);
    }

    fn is_signature(&mut self, ty: TypeIndex, sig: Value) -> Value {
        let place = self.module.layout.sig_id(ty);
        let flags = self.in_region(TRUSTED, Region::Constant);
        let expected = self.b.ins().load(types::I32, flags, self.vmctx, place);
        self.b.ins().icmp(IntCC::Equal, sig, expected)
    }

    /// The address of an element, after a check of its index.
    fn table_entry(&mut self, table: TableIndex, index: Value, code: TrapCode) -> Value {
        let offset = self.element_offset(table, index, code);
        let base = self.table_base(table);
        self.b.ins().iadd(base, offset)
    }

    /// The offset of an element from the table's base, after a check of its index.
    fn element_offset(&mut self, table: TableIndex, mut index: Value, code: TrapCode) -> Value {
        let ty = &self.module.tables[table.index()].ty;
        let in_bounds = ty.is_fixed_size()
            && self.as_extended_constant(index).is_some_and(|index| index < ty.limits.min);
        if !in_bounds {
            let length = self.table_length(table);
            let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
            self.trap_if(outside, code);
            if self.has_masks() {
                let zero = self.i64_const(0);
                index = self.b.ins().select_spectre_guard(outside, zero, index);
            }
        }
        let shift =
            if self.is_function_table(table) { ENTRY_SIZE_LOG2 } else { REFERENCE_SIZE_LOG2 };
        self.b.ins().ishl_imm_u(index, i64::from(shift))
    }

    fn table_base(&mut self, table: TableIndex) -> Value {
        if self.module.tables[table.index()].ty.is_fixed_size() {
            return self.constant_at(self.module.layout.table_base(table), types::I64);
        }
        let definition = self.table_definition(table);
        self.load_word(types::I64, Region::TableDefinitions, definition, TABLE_BASE)
    }

    /// Current number of elements.
    fn table_length(&mut self, table: TableIndex) -> Value {
        let ty = &self.module.tables[table.index()].ty;
        if ty.is_fixed_size() {
            return self.i64_const(ty.limits.min as i64);
        }
        let definition = self.table_definition(table);
        self.load_word(types::I64, Region::TableDefinitions, definition, TABLE_LENGTH)
    }

    fn table_definition(&mut self, table: TableIndex) -> Value {
        self.constant_at(self.module.layout.table_definition(table), types::I64)
    }

    fn is_function_table(&self, table: TableIndex) -> bool {
        RefType::is_func(self.module.tables[table.index()].ty.element)
    }

    fn pop_table_index(&mut self, table: TableIndex) -> Result<Value, CompileError> {
        self.pop_index(self.module.tables[table.index()].ty.is_64)
    }
}
