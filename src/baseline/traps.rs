//! Code that rarely runs, and so is emitted after the function: traps, and calls of the runtime in doubtful cases.
//!
//! Where faults are allowed, a failed check jumps to an undefined instruction, which the site table maps to the
//! trap code. Where they are not, it jumps to a call of the trap builtin, whose return address is the site.

use super::blocks::LabelId;
use super::cold::{Cold, ColdKind};
use super::emitter::Emitter;
use super::moves::{Move, Moves, Target};
use super::operand::{Kind, Source};
use super::registers::{SCRATCH, VMCTX};
use crate::abi::vmctx::{VMCTX_BUILTINS, VMCTX_CALLEE};
use crate::abi::{Builtin, TrapCode};
use crate::asm::registers::C_ARG_REGS;
use crate::asm::x64::*;
use crate::types::MemoryIndex;

impl Emitter<'_> {
    /// A label for code after the function.
    pub fn cold(&mut self, kind: ColdKind) -> LabelId {
        let label = self.new_label();
        self.cold.push(Cold { label, at: self.at, kind });
        label
    }

    pub fn trap_if(&mut self, condition: Condition, code: TrapCode) {
        let label = self.cold(ColdKind::Trap(code));
        self.jump_if(condition, label);
    }

    /// Traps. What follows is dead.
    pub fn trap(&mut self, code: TrapCode) {
        self.call_trap(code);
    }

    fn call_trap(&mut self, code: TrapCode) {
        self.asm.mov(Width::B64, C_ARG_REGS[0], VMCTX);
        self.asm.set(C_ARG_REGS[1], code as u32);
        self.call_builtin_address(Builtin::Trap);
        self.return_site();
        // The return address must lie within the function.
        self.asm.undefined();
    }

    /// Calls a builtin whose arguments are in place.
    pub fn call_builtin_address(&mut self, builtin: Builtin) {
        self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, VMCTX_BUILTINS));
        self.asm.call_mem(Mem(SCRATCH, builtin.offset()));
    }

    /// Emits all of it.
    pub fn emit_cold(&mut self) {
        let mut cold = std::mem::take(self.cold);
        for one in cold.drain(..) {
            self.at = one.at;
            self.bind(one.label);
            self.emit_one(one.kind);
        }
        *self.cold = cold;
    }

    fn emit_one(&mut self, kind: ColdKind) {
        match kind {
            ColdKind::Trap(code) if self.may_fault() => {
                self.fault_site(code);
                self.asm.undefined();
            }
            ColdKind::Trap(code) => self.call_trap(code),
            ColdKind::OutOfBounds { memory, index, offset, len } => {
                self.end_out_of_bounds(memory, index, offset, len);
            }
            ColdKind::CheckCallee { offset, back } => {
                self.asm.store(Mem(VMCTX, VMCTX_CALLEE), offset);
                self.call_preserving(Builtin::CheckCallee, &[]);
                self.jump(back);
            }
            ColdKind::OtherTarget { callee, target, back } => {
                self.record_other_target(callee, target, back);
            }
            ColdKind::Refuel { back } => {
                self.call_preserving(Builtin::Refuel, &[]);
                self.jump(back);
            }
            ColdKind::HotLoop { number, back } => self.continue_hot_loop(number, back),
        }
    }

    /// Calls a builtin that preserves all registers, with numbers.
    pub fn call_preserving(&mut self, builtin: Builtin, numbers: &[u32]) {
        // As many as keep the stack pointer a multiple of 16.
        let registers = &C_ARG_REGS[..if numbers.len() < 2 { 2 } else { 4 }];
        registers.iter().for_each(|reg| self.asm.push(*reg));
        self.asm.mov(Width::B64, C_ARG_REGS[0], VMCTX);
        for (reg, number) in C_ARG_REGS[1..].iter().zip(numbers) {
            self.asm.set(*reg, *number);
        }
        self.call_builtin_address(builtin);
        self.return_site();
        registers.iter().rev().for_each(|reg| self.asm.pop(*reg));
    }

    fn end_out_of_bounds(&mut self, memory: MemoryIndex, index: Source, offset: u64, len: Source) {
        let number = Source::Const(memory.0.into());
        let sources = [Source::Reg(VMCTX), number, index, Source::Const(offset), len];
        let target = |(reg, from): (&Reg, _)| {
            let to = Target::Reg(*reg);
            Move { to, kind: Kind::I64, from }
        };
        let moves: Moves = C_ARG_REGS.iter().zip(sources).map(target).collect();
        self.move_all(&moves);
        self.call_builtin_address(Builtin::MemoryOutOfBounds);
        self.return_site();
        self.asm.undefined();
    }
}
