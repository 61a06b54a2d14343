//! Bulk instructions and references: mostly calls of the runtime.
//!
//! `memory.copy` and `memory.fill` check bounds here and call the C library, where `abi::bounds` allows it.

use super::cold::ColdKind;
use super::emitter::Emitter;
use super::operand::{Kind, Operand, Place, Source};
use super::registers::SCRATCH;
use crate::abi::bounds::{BlockCheck, check_block};
use crate::abi::{Builtin, TrapCode};
use crate::asm::x64::*;
use crate::types::MemoryIndex;
use wasmparser::Operator;

impl Emitter<'_> {
    /// Whether the operator is one of these; then it is compiled.
    pub fn bulk(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::MemoryFill { mem } => self.memory_fill(MemoryIndex(mem)),
            Operator::MemoryCopy { dst_mem, src_mem } => {
                self.memory_copy(MemoryIndex(dst_mem), MemoryIndex(src_mem));
            }
            Operator::MemoryInit { data_index, mem } => {
                self.with_three(Builtin::MemoryInit, &[mem, data_index]);
            }
            Operator::TableFill { table } => self.with_three(Builtin::TableFill, &[table]),
            Operator::TableCopy { dst_table, src_table } => {
                self.with_three(Builtin::TableCopy, &[dst_table, src_table]);
            }
            Operator::TableInit { elem_index, table } => {
                self.with_three(Builtin::TableInit, &[table, elem_index]);
            }
            Operator::DataDrop { data_index } => {
                self.call_builtin(Builtin::DataDrop, &[Operand::number(data_index)]);
            }
            Operator::ElemDrop { elem_index } => {
                self.call_builtin(Builtin::ElemDrop, &[Operand::number(elem_index)]);
            }
            _ => return false,
        }
        true
    }

    /// Calls a builtin with numbers and the three topmost operands.
    fn with_three(&mut self, builtin: Builtin, numbers: &[u32]) {
        let third = self.pop();
        let (first, second) = self.pop2();
        let numbers = numbers.iter().map(|number| Operand::number(*number));
        let args: Vec<Operand> = numbers.chain([first, second, third]).collect();
        self.call_builtin(builtin, &args);
    }

    fn memory_fill(&mut self, memory: MemoryIndex) {
        let ty = self.module.memories[memory.index()];
        if check_block(&ty, self.mode) == BlockCheck::Runtime {
            return self.with_three(Builtin::MemoryFill, &[memory.0]);
        }
        let length = self.pop_in_reg();
        let byte = self.pop();
        let to = self.pop_in_reg();
        let to = self.block(memory, to, length);
        let args = [operand(to), byte, operand(length)];
        self.call_builtin(Builtin::FillBytes, &args);
    }

    fn memory_copy(&mut self, to_memory: MemoryIndex, from_memory: MemoryIndex) {
        let memories = [to_memory, from_memory];
        let in_runtime = |memory: &MemoryIndex| {
            let ty = &self.module.memories[memory.index()];
            check_block(ty, self.mode) == BlockCheck::Runtime
        };
        if memories.iter().any(in_runtime) {
            return self.with_three(Builtin::MemoryCopy, &[to_memory.0, from_memory.0]);
        }
        let length = self.pop_in_reg();
        let from = self.pop_in_reg();
        let to = self.pop_in_reg();
        let to = self.block(to_memory, to, length);
        let from = self.block(from_memory, from, length);
        self.call_builtin(Builtin::CopyBytes, &[operand(to), operand(from), operand(length)]);
    }

    fn pop_in_reg(&mut self) -> Reg {
        let operand = self.pop();
        self.in_reg(operand)
    }

    /// The address of a block after the check of [`BlockCheck::Compare32`], in a register of its own.
    fn block(&mut self, memory: MemoryIndex, index: Reg, length: Reg) -> Reg {
        let ty = self.module.memories[memory.index()];
        let (at, len) = (Source::Reg(index), Source::Reg(length));
        let outside = self.cold(ColdKind::OutOfBounds { memory, index: at, offset: 0, len });
        self.asm.lea(SCRATCH, Mem::indexed(index, length, 0));
        self.compare_with_length(SCRATCH, memory, &ty);
        self.jump_if(Condition::Above, outside);
        let address = self.take();
        self.load_memory_base(address, memory);
        self.asm.alu(Alu::Add, Width::B64, address, index);
        self.release_reg(index);
        address
    }

    /// Whether the operator is one of references that needs no branch; then it is compiled.
    pub fn references(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::RefNull { .. } => self.push_constant(Kind::I64, 0),
            Operator::RefIsNull => self.is_zero(Kind::I64),
            Operator::RefFunc { function_index } => {
                self.call_builtin(Builtin::RefFunc, &[Operand::number(function_index)]);
            }
            Operator::RefAsNonNull => {
                let mut value = self.pop();
                if value.as_constant().is_some() {
                    value.place = Place::Reg(self.owned(value));
                }
                self.compare_with_zero(value);
                self.trap_if(Condition::Equal, TrapCode::NullReference);
                self.push(value.kind, value.place);
            }
            _ => return false,
        }
        true
    }

    /// The reference stays on the stack when it is not null; the branch drops it.
    pub fn branch_on_null(&mut self, depth: u32) {
        let value = self.pop();
        let value = Operand { kind: Kind::I64, place: Place::Reg(self.owned(value)) };
        self.compare_with_zero(value);
        self.branch_on(super::blocks::Test::If(Condition::Equal), depth);
        self.push(value.kind, value.place);
    }

    /// The branch takes the reference along; it is dropped when it is null.
    pub fn branch_on_non_null(&mut self, depth: u32) {
        let value = self.pop();
        let value = Operand { kind: Kind::I64, place: Place::Reg(self.owned(value)) };
        self.push(value.kind, value.place);
        self.compare_with_zero(value);
        self.branch_on(super::blocks::Test::If(Condition::NotEqual), depth);
        self.drop_operand();
    }
}

fn operand(reg: Reg) -> Operand {
    Operand { kind: Kind::I64, place: Place::Reg(reg) }
}
