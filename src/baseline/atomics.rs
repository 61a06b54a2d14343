//! Atomic instructions.
//!
//! The effective address is checked to be a multiple of the width, then it is checked like that of any access.
//! Narrow operations affect exactly their width and zero-extend the former value. Loads need no special instruction,
//! because stores are exchanges. Waiting and notifying are done by the runtime, after a load that traps as they must.

use super::emitter::Emitter;
use super::memory::Address;
use super::operand::{Kind, Operand, Place, Source};
use super::registers::SCRATCH;
use crate::abi::{Builtin, TrapCode};
use crate::asm::x64::*;
use crate::body::Sign;
use crate::body::accesses::{Access, Direction, memory_of};
use crate::body::atomics::{Atomic, AtomicAction, Change};
use wasmparser::{MemArg, Operator};

impl Emitter<'_> {
    /// Whether the operator is one of these; then it is compiled.
    pub fn atomic(&mut self, op: &Operator<'_>) -> bool {
        if let Operator::AtomicFence { .. } = op {
            self.asm.fence();
            return true;
        }
        let Some((atomic, memarg)) = Atomic::of(op) else { return false };
        match atomic.action {
            AtomicAction::Load => self.atomic_load(atomic, memarg),
            AtomicAction::Store => self.atomic_store(atomic, memarg),
            AtomicAction::Modify(change) => self.modify(atomic, memarg, change),
            AtomicAction::CompareExchange => self.compare_exchange(atomic, memarg),
            AtomicAction::Notify => self.notify(atomic, memarg),
            AtomicAction::Wait => self.wait(atomic, memarg),
        }
        true
    }

    fn atomic_load(&mut self, atomic: Atomic, memarg: &MemArg) {
        self.check_alignment(atomic, memarg);
        let Atomic { ty, width, .. } = atomic;
        let direction = Direction::Load;
        self.access(Access { direction, ty, width, sign: Sign::Unsigned }, memarg);
    }

    fn atomic_store(&mut self, atomic: Atomic, memarg: &MemArg) {
        let value = self.pop();
        let value = self.owned(value);
        let address = self.pop_atomic_address(atomic, memarg);
        self.may_fault_at(address);
        self.asm.exchange_mem(atomic.width, address.place, value);
        self.release_address(address);
        self.release_reg(value);
    }

    fn modify(&mut self, atomic: Atomic, memarg: &MemArg, change: Change) {
        let op = match change {
            Change::And => Alu::And,
            Change::Or => Alu::Or,
            Change::Xor => Alu::Xor,
            Change::Add | Change::Sub | Change::Exchange => {
                return self.exchange_or_add(atomic, memarg, change);
            }
        };
        // The former value will be there, so the address and the operand must not.
        self.take_this(RAX);
        let operand = self.pop();
        let operand = self.in_reg(operand);
        let address = self.pop_atomic_address(atomic, memarg);
        self.may_fault_at(address);
        self.load_low(atomic.width, RAX, address.place);
        let again = self.new_label();
        self.bind(again);
        self.asm.mov(Width::B64, SCRATCH, RAX);
        self.asm.alu(op, Width::B64, SCRATCH, operand);
        self.asm.locked_compare_exchange(atomic.width, address.place, SCRATCH);
        self.jump_if(Condition::NotEqual, again);
        self.release_address(address);
        self.release_reg(operand);
        self.push_former(atomic, RAX);
    }

    fn exchange_or_add(&mut self, atomic: Atomic, memarg: &MemArg, change: Change) {
        let value = self.pop();
        let value = self.owned(value);
        let address = self.pop_atomic_address(atomic, memarg);
        if change == Change::Sub {
            self.asm.unary(Unary::Negate, Width::B64, value);
        }
        self.may_fault_at(address);
        match change {
            Change::Exchange => self.asm.exchange_mem(atomic.width, address.place, value),
            _ => self.asm.locked_add(atomic.width, address.place, value),
        }
        self.release_address(address);
        self.push_former(atomic, value);
    }

    fn compare_exchange(&mut self, atomic: Atomic, memarg: &MemArg) {
        self.take_rax_for_second();
        let (expected, replacement) = self.pop2();
        let new = self.in_reg(replacement);
        self.load_rax(expected);
        let address = self.pop_atomic_address(atomic, memarg);
        self.may_fault_at(address);
        self.asm.locked_compare_exchange(atomic.width, address.place, new);
        self.release_address(address);
        self.release_reg(new);
        self.push_former(atomic, RAX);
    }

    /// Pushes the former value, whose register may hold more than the width of the access.
    fn push_former(&mut self, atomic: Atomic, former: Reg) {
        if let Some(extend) = zero_extension(atomic.width) {
            self.asm.extend(extend, former, former);
        }
        self.push_reg(Kind::of(atomic.ty), former);
    }

    fn load_low(&mut self, bytes: u32, to: Reg, from: Mem) {
        match zero_extension(bytes) {
            Some(extend) => self.asm.load_extended(extend, to, from),
            None => self.asm.load(Width::B64, to, from),
        }
    }

    fn notify(&mut self, atomic: Atomic, memarg: &MemArg) {
        let count = self.pop();
        let (memory, address) = self.touch(atomic, memarg);
        self.call_builtin(Builtin::AtomicNotify, &[memory, address, count]);
    }

    fn wait(&mut self, atomic: Atomic, memarg: &MemArg) {
        let (expected, timeout) = self.pop2();
        let (memory, address) = self.touch(atomic, memarg);
        let builtin = if atomic.width == 4 { Builtin::AtomicWait32 } else { Builtin::AtomicWait64 };
        self.call_builtin(builtin, &[memory, address, expected, timeout]);
    }

    /// Pops the index. A misaligned access or one out of bounds traps here; returns the number of the memory and the
    /// effective address, which cannot overflow then.
    fn touch(&mut self, atomic: Atomic, memarg: &MemArg) -> (Operand, Operand) {
        let index = self.pop();
        let effective = self.take();
        self.load_reg(effective, index);
        self.push(index.kind, index.place);
        let address = self.pop_atomic_address(atomic, memarg);
        self.may_fault_at(address);
        self.load_low(atomic.width, SCRATCH, address.place);
        self.release_address(address);
        self.load_sum(SCRATCH, effective, memarg.offset);
        self.asm.mov(Width::B64, effective, SCRATCH);
        let memory = memory_of(memarg).map_or(0, |memory| memory.0);
        let effective = Operand { kind: Kind::I64, place: Place::Reg(effective) };
        (Operand::number(memory), effective)
    }

    /// Pops the address operand and checks alignment and bounds.
    fn pop_atomic_address(&mut self, atomic: Atomic, memarg: &MemArg) -> Address {
        self.check_alignment(atomic, memarg);
        self.pop_address(memarg, atomic.width)
    }

    /// Traps unless the effective address of the index on top is a multiple of the width. A carry out of the sum
    /// cannot change its low bits.
    fn check_alignment(&mut self, atomic: Atomic, memarg: &MemArg) {
        let mask = atomic.width - 1;
        let Some(&index) = self.stack.last() else { return };
        let offset = memarg.offset as u32 & mask;
        let is_aligned = |index: u64| (index as u32).wrapping_add(offset) & mask == 0;
        if mask == 0 || index.as_constant().is_some_and(is_aligned) {
            return;
        }
        let mut low = match self.source(index) {
            Source::Reg(reg) => reg,
            _ => {
                self.load_reg(SCRATCH, index);
                SCRATCH
            }
        };
        if offset != 0 {
            self.asm.lea_32(SCRATCH, Mem(low, offset as i32));
            low = SCRATCH;
        }
        self.asm.test_const(Width::B32, low, mask as i32);
        self.trap_if(Condition::NotEqual, TrapCode::UnalignedAtomic);
    }
}

/// How a value of this size becomes a whole register, if it is none.
fn zero_extension(bytes: u32) -> Option<Extend> {
    match bytes {
        1 => Some(Extend::Zero8),
        2 => Some(Extend::Zero16),
        4 => Some(Extend::Zero32),
        _ => None,
    }
}
