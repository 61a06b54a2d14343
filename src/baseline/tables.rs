//! Tables: elements, sizes, and the checks before an indirect call. Part of the sandbox.
//!
//! An element of a function table that was not written yet has no signature, and so takes the same way as one that
//! does not fit: the runtime writes it or traps (see `abi::vmctx`).

use super::cold::ColdKind;
use super::emitter::Emitter;
use super::memory::index_kind;
use super::operand::{Kind, Operand, Place};
use super::registers::{SCRATCH, VMCTX};
use crate::abi::vmctx::{
    ENTRY_CODE, ENTRY_FUNC, ENTRY_NULL, ENTRY_SIG, ENTRY_SIZE_LOG2, ENTRY_VMCTX, FUNC_SIG,
    FUNC_SLOT, FUNC_VMCTX, TABLE_BASE, TABLE_LENGTH, TABLE_WRITTEN,
};
use crate::abi::{Builtin, TrapCode};
use crate::asm::x64::*;
use crate::types::{HeapType, RefType, TableIndex, TypeIndex};

/// log2 of the size of a reference.
const REFERENCE_SIZE_LOG2: u8 = 3;

impl Emitter<'_> {
    /// The element for an indirect call, in rax, checked to hold a function of type `ty`.
    pub fn callable_entry(&mut self, ty: TypeIndex, table: TableIndex) -> Reg {
        let index = self.pop();
        let offset = self.owned(index);
        self.element_offset(table, offset, TrapCode::UndefinedElement);
        let entry = RAX;
        if offset == RAX {
            let other = self.take();
            self.asm.mov(Width::B64, other, offset);
            self.load_table_base(entry, table);
            self.asm.alu(Alu::Add, Width::B64, entry, other);
            self.check_signature(ty, table, entry, other);
            self.record_target(entry, other);
            self.release_reg(other);
            return entry;
        }
        self.take_this(entry);
        self.load_table_base(entry, table);
        self.asm.alu(Alu::Add, Width::B64, entry, offset);
        self.check_signature(ty, table, entry, offset);
        self.record_target(entry, offset);
        self.release_reg(offset);
        entry
    }

    fn check_signature(&mut self, ty: TypeIndex, table: TableIndex, entry: Reg, offset: Reg) {
        let element = self.module.tables[table.index()].ty.element;
        let exact = element.heap == HeapType::Concrete(self.module.types[ty.index()].0);
        if exact && !element.nullable {
            return;
        }
        let back = self.new_label();
        let doubtful = self.cold(ColdKind::CheckCallee { offset, back });
        let condition = if exact {
            self.asm.alu_mem_const(Alu::Cmp, Width::B32, Mem(entry, ENTRY_SIG), 0);
            Condition::Equal
        } else {
            let expected = self.module.layout.sig_id(ty);
            self.asm.load(Width::B32, SCRATCH, Mem(VMCTX, expected));
            self.asm.alu_mem(Alu::Cmp, Width::B32, SCRATCH, Mem(entry, ENTRY_SIG));
            Condition::NotEqual
        };
        self.jump_if(condition, doubtful);
        self.bind(back);
        self.has_calls = true;
    }

    /// Turns the index in a register into the element's offset from the table's base, after a check.
    fn element_offset(&mut self, table: TableIndex, index: Reg, code: TrapCode) {
        let ty = &self.module.tables[table.index()].ty;
        match i32::try_from(ty.limits.min) {
            Ok(length) if ty.is_fixed_size() => {
                self.asm.alu_const(Alu::Cmp, Width::B64, index, length);
            }
            _ => {
                let definition = self.module.layout.table_definition(table);
                self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, definition));
                self.asm.alu_mem(Alu::Cmp, Width::B64, index, Mem(SCRATCH, TABLE_LENGTH));
            }
        }
        self.trap_if(Condition::AboveOrEqual, code);
        self.mask_index(index);
        let shift =
            if self.is_function_table(table) { ENTRY_SIZE_LOG2 } else { REFERENCE_SIZE_LOG2 };
        self.asm.shift_const(Shift::Left, Width::B64, index, shift);
    }

    fn load_table_base(&mut self, to: Reg, table: TableIndex) {
        let layout = &self.module.layout;
        if self.module.tables[table.index()].ty.is_fixed_size() {
            return self.asm.load(Width::B64, to, Mem(VMCTX, layout.table_base(table)));
        }
        self.asm.load(Width::B64, to, Mem(VMCTX, layout.table_definition(table)));
        self.asm.load(Width::B64, to, Mem(to, TABLE_BASE));
    }

    fn is_function_table(&self, table: TableIndex) -> bool {
        RefType::is_func(self.module.tables[table.index()].ty.element)
    }

    /// Pops an index and returns the address of the element, in a register of its own.
    fn pop_element(&mut self, table: TableIndex) -> Reg {
        let index = self.pop();
        let element = self.owned(index);
        self.element_offset(table, element, TrapCode::TableOutOfBounds);
        let base = self.take();
        self.load_table_base(base, table);
        self.asm.alu(Alu::Add, Width::B64, element, base);
        self.release_reg(base);
        element
    }

    pub fn table_get(&mut self, table: TableIndex) {
        if !self.is_function_table(table) {
            let element = self.pop_element(table);
            self.asm.load(Width::B64, element, Mem(element, 0));
            return self.push_reg(Kind::I64, element);
        }
        // The runtime may be called, so what calls do not preserve is saved in any case.
        let index = self.pop();
        let reg = self.owned(index);
        self.spill_all();
        self.save_locals();
        let slot = self.slot_of(self.stack.len());
        let kept = self.frame.use_slot(slot);
        self.asm.store(kept, reg);
        self.element_offset(table, reg, TrapCode::TableOutOfBounds);
        self.load_table_base(SCRATCH, table);
        self.asm.alu(Alu::Add, Width::B64, SCRATCH, reg);
        self.release_reg(reg);
        self.vacate(RAX);
        let (done, find) = (self.new_label(), self.new_label());
        self.asm.load(Width::B64, RAX, Mem(SCRATCH, ENTRY_FUNC));
        self.asm.test(RAX);
        self.jump_if(Condition::NotEqual, done);
        self.asm.load(Width::B64, RDX, Mem(SCRATCH, ENTRY_SIG));
        self.asm.set_64(RCX, ENTRY_NULL);
        self.asm.alu(Alu::Cmp, Width::B64, RDX, RCX);
        self.jump_if(Condition::Equal, done);
        self.bind(find);
        let index = Operand { kind: Kind::I64, place: Place::Slot(slot) };
        self.call_builtin_plainly(Builtin::TableGetFunc, &[Operand::number(table.0), index]);
        self.bind(done);
        self.after_call();
        self.registers.reserve(RAX);
        self.push_reg(Kind::I64, RAX);
    }

    pub fn table_set(&mut self, table: TableIndex) {
        let value = self.pop();
        let value = self.in_reg(value);
        let element = self.pop_element(table);
        if !self.is_function_table(table) {
            self.asm.store(Mem(element, 0), value);
        } else {
            let definition = self.module.layout.table_definition(table);
            self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, definition));
            self.asm.store_low_const(8, Mem(SCRATCH, TABLE_WRITTEN), 1);
            self.store_function(element, value);
        }
        self.release_reg(element);
        self.release_reg(value);
    }

    fn store_function(&mut self, element: Reg, value: Reg) {
        let (null, done) = (self.new_label(), self.new_label());
        self.asm.test(value);
        self.jump_if(Condition::Equal, null);
        let word = |e: &mut Self, from, to| {
            e.asm.load(Width::B64, SCRATCH, Mem(value, from));
            e.asm.store(Mem(element, to), SCRATCH);
        };
        word(self, FUNC_SIG, ENTRY_SIG);
        word(self, FUNC_VMCTX, ENTRY_VMCTX);
        self.asm.load(Width::B64, SCRATCH, Mem(value, FUNC_SLOT));
        self.asm.load(Width::B64, SCRATCH, Mem(SCRATCH, 0));
        self.asm.store(Mem(element, ENTRY_CODE), SCRATCH);
        self.asm.store(Mem(element, ENTRY_FUNC), value);
        self.jump(done);
        self.bind(null);
        self.asm.set_64(SCRATCH, ENTRY_NULL);
        self.asm.store(Mem(element, ENTRY_SIG), SCRATCH);
        for offset in [ENTRY_CODE, ENTRY_VMCTX, ENTRY_FUNC] {
            self.asm.store_low_const(8, Mem(element, offset), 0);
        }
        self.bind(done);
    }

    pub fn table_size(&mut self, table: TableIndex) {
        let ty = &self.module.tables[table.index()].ty;
        let kind = index_kind(ty.is_64);
        if ty.is_fixed_size() {
            return self.push_constant(kind, ty.limits.min);
        }
        let definition = self.module.layout.table_definition(table);
        let result = self.result_reg(&[]);
        self.asm.load(Width::B64, result, Mem(VMCTX, definition));
        self.asm.load(super::emitter::width(kind), result, Mem(result, TABLE_LENGTH));
        self.push_reg(kind, result);
    }

    pub fn table_grow(&mut self, table: TableIndex) {
        let is_64 = self.module.tables[table.index()].ty.is_64;
        let elements = self.pop();
        let value = self.pop();
        self.call_builtin(Builtin::TableGrow, &[Operand::number(table.0), elements, value]);
        self.narrow_index(is_64);
    }
}
