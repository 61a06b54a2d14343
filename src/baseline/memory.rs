//! Loads and stores of scalars, and the size of memories. Part of the sandbox: emits the checks that `abi::bounds`
//! asks for.

use super::cold::ColdKind;
use super::emitter::Emitter;
use super::operand::{Kind, Operand, Place, Source};
use super::registers::{MEMORY_BASE_REG, SCRATCH, VMCTX};
use crate::abi::bounds::{
    self, Check, check, fixed_length, guard_catches, has_fixed_base, is_short,
};
use crate::abi::vmctx::{MEMORY_BASE, MEMORY_LENGTH};
use crate::abi::{Builtin, TrapCode};
use crate::asm::x64::*;
use crate::body::Sign::{Signed, Unsigned};
use crate::body::accesses::{Access, Direction, memory_of};
use crate::types::{MemoryIndex, MemoryType};
use wasmparser::MemArg;

/// A checked place in memory. Its registers are to be released after the access.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub place: Mem,
    /// The access may fault.
    pub faults: bool,
}

impl Emitter<'_> {
    pub fn access(&mut self, access: Access, memarg: &MemArg) {
        match memory_of(memarg) {
            Some(memory) => self.access_in(&access, memory, memarg.offset),
            None => self.fail("access to something that is not a memory"),
        }
    }

    /// The same with the parts of a `memarg`.
    pub fn access_in(&mut self, access: &Access, memory: MemoryIndex, offset: u64) {
        match access.direction {
            Direction::Load => self.load(access, memory, offset),
            Direction::Store => self.store(access, memory, offset),
        }
    }

    fn load(&mut self, access: &Access, memory: MemoryIndex, offset: u64) {
        let address = self.pop_address_in(memory, offset, access.width);
        let kind = Kind::of(access.ty);
        if !kind.is_int() {
            let result = self.result_xmm(&[]);
            self.may_fault_at(address);
            let width = if kind == Kind::F32 { Width::B32 } else { Width::B64 };
            self.asm.load_float(width, result, address.place);
            self.release_address(address);
            return self.push_xmm(kind, result);
        }
        let target = self.target(&[]);
        self.release_address(address);
        let result = target.unwrap_or_else(|| self.take());
        self.may_fault_at(address);
        let width = super::emitter::width(kind);
        match (access.width, access.sign) {
            (1, Signed) => self.asm.load_extended(Extend::Sign8(width), result, address.place),
            (1, Unsigned) => self.asm.load_extended(Extend::Zero8, result, address.place),
            (2, Signed) => self.asm.load_extended(Extend::Sign16(width), result, address.place),
            (2, Unsigned) => self.asm.load_extended(Extend::Zero16, result, address.place),
            (4, Signed) => self.asm.load_extended(Extend::Sign32, result, address.place),
            (4, Unsigned) => self.asm.load_extended(Extend::Zero32, result, address.place),
            _ => self.asm.load(Width::B64, result, address.place),
        }
        self.push_reg(kind, result);
    }

    fn store(&mut self, access: &Access, memory: MemoryIndex, offset: u64) {
        let value = self.pop();
        let kind = Kind::of(access.ty);
        let from = match self.source(value) {
            Source::Const(bits) if fits(access.width, bits) => None,
            _ if kind.is_int() => Some(Source::Reg(self.in_reg(value))),
            _ => Some(Source::Xmm(self.in_xmm(value))),
        };
        let address = self.pop_address_in(memory, offset, access.width);
        self.may_fault_at(address);
        let to = address.place;
        match from {
            Some(Source::Reg(from)) => {
                self.asm.store_low(access.width, to, from);
                self.release_reg(from);
            }
            Some(Source::Xmm(from)) => {
                let width = if kind == Kind::F32 { Width::B32 } else { Width::B64 };
                self.asm.store_float(width, to, from);
                self.registers.release_xmm(from);
            }
            _ => {
                let bits = value.as_constant().unwrap_or(0);
                self.asm.store_low_const(access.width, to, bits as i32);
            }
        }
        self.release_address(address);
    }

    /// Notes that the next instruction, an access, may fault.
    pub fn may_fault_at(&mut self, address: Address) {
        if address.faults {
            self.fault_site(TrapCode::MemoryOutOfBounds);
        }
    }

    pub fn release_address(&mut self, address: Address) {
        self.release_place(address.place);
    }

    /// Gives up the registers of a place.
    pub fn release_place(&mut self, place: Mem) {
        self.release_reg(place.base);
        if let Some(index) = place.index {
            self.release_reg(index);
        }
    }

    /// Pops the address operand of an access of `width` bytes and checks it.
    pub fn pop_address(&mut self, memarg: &MemArg, width: u32) -> Address {
        let Some(memory) = memory_of(memarg) else {
            self.fail("access to something that is not a memory");
            return Address { place: Mem(VMCTX, 0), faults: false };
        };
        self.pop_address_in(memory, memarg.offset, width)
    }

    /// The same with the parts of a `memarg`.
    #[inline]
    fn pop_address_in(&mut self, memory: MemoryIndex, offset: u64, width: u32) -> Address {
        let index = self.pop();
        if self.is_guarded && memory.0 == 0 && is_short(offset) && index.as_constant().is_none() {
            let index = self.in_reg(index);
            let place = Mem::indexed(MEMORY_BASE_REG, index, offset as i32);
            return Address { place, faults: true };
        }
        self.checked_address(index, memory, offset, width)
    }

    fn checked_address(
        &mut self,
        index: Operand,
        memory: MemoryIndex,
        offset: u64,
        width: u32,
    ) -> Address {
        let ty = self.module.memories[memory.index()];
        let access = bounds::Access { offset, width, index: index.as_constant() };
        let check = check(&ty, self.mode, access);
        match check {
            Check::Never => {
                self.release(index);
                let always = self.cold(ColdKind::Trap(TrapCode::MemoryOutOfBounds));
                self.jump(always);
                return Address { place: Mem(VMCTX, 0), faults: false };
            }
            Check::None { at } => {
                let faults = guard_catches(&ty, self.mode);
                let place = self.at_constant(memory, at);
                return Address { place, faults };
            }
            _ => {}
        }
        let index = self.in_reg(index);
        let mask = match check {
            Check::Guard => None,
            _ => self.begin_mask(),
        };
        self.emit_check(check, memory, &ty, index, access, mask);
        let faults = guard_catches(&ty, self.mode);
        let place = self.at_index(memory, index, offset);
        let place = self.masked_place(mask, place);
        Address { place, faults }
    }

    /// The base of a memory, plus a constant.
    fn at_constant(&mut self, memory: MemoryIndex, at: u64) -> Mem {
        let base = self.memory_base(memory);
        match i32::try_from(at) {
            Ok(at) => Mem(base, at),
            Err(_) => {
                let index = self.take();
                self.asm.set_64(index, at);
                Mem::indexed(base, index, 0)
            }
        }
    }

    /// The base of a memory, plus an index, plus an offset.
    fn at_index(&mut self, memory: MemoryIndex, index: Reg, offset: u64) -> Mem {
        if let Ok(offset) = i32::try_from(offset) {
            let base = self.memory_base(memory);
            return Mem::indexed(base, index, offset);
        }
        let sum = if self.registers.is_operands(index) { index } else { self.take() };
        self.asm.set_64(SCRATCH, offset);
        self.asm.lea(sum, Mem::indexed(SCRATCH, index, 0));
        let base = self.memory_base(memory);
        Mem::indexed(base, sum, 0)
    }

    /// A register with the base of a memory. To be released.
    fn memory_base(&mut self, memory: MemoryIndex) -> Reg {
        if memory.0 == 0 && self.base_in_register {
            return MEMORY_BASE_REG;
        }
        let base = self.take();
        self.load_memory_base(base, memory);
        base
    }

    pub fn load_memory_base(&mut self, to: Reg, memory: MemoryIndex) {
        let layout = &self.module.layout;
        if has_fixed_base(&self.module.memories[memory.index()], self.mode) {
            return self.asm.load(Width::B64, to, Mem(VMCTX, layout.memory_base(memory)));
        }
        self.asm.load(Width::B64, to, Mem(VMCTX, layout.memory_definition(memory)));
        self.asm.load(Width::B64, to, Mem(to, MEMORY_BASE));
    }

    fn emit_check(
        &mut self,
        check: Check,
        memory: MemoryIndex,
        ty: &MemoryType,
        index: Reg,
        access: bounds::Access,
        mask: Option<Reg>,
    ) {
        match check {
            Check::Never | Check::None { .. } | Check::Guard => {}
            Check::GuardUpTo { last } => {
                self.asm.set_64(SCRATCH, last);
                self.asm.alu(Alu::Cmp, Width::B64, index, SCRATCH);
                self.trap_if(Condition::Above, TrapCode::MemoryOutOfBounds);
                self.narrow_mask(mask, Condition::Above);
            }
            Check::Compare32 { end } => {
                let place = self.out_of_bounds(memory, index, access);
                self.load_sum(SCRATCH, index, end);
                self.compare_with_length(SCRATCH, memory, ty);
                self.jump_if(Condition::Above, place);
                self.narrow_mask(mask, Condition::Above);
            }
            Check::Compare64 { end, may_be_short } => {
                let place = self.out_of_bounds(memory, index, access);
                let last = self.take();
                self.load_length(last, memory, ty);
                self.asm.set_64(SCRATCH, end);
                self.asm.alu(Alu::Sub, Width::B64, last, SCRATCH);
                if may_be_short {
                    self.jump_if(Condition::Below, place);
                    self.narrow_mask(mask, Condition::Below);
                }
                self.asm.alu(Alu::Cmp, Width::B64, index, last);
                self.jump_if(Condition::Above, place);
                self.narrow_mask(mask, Condition::Above);
                self.release_reg(last);
            }
        }
    }

    /// Where an access out of bounds continues. Where a trap is a call anyway, it also passes where the access was.
    fn out_of_bounds(
        &mut self,
        memory: MemoryIndex,
        index: Reg,
        access: bounds::Access,
    ) -> super::blocks::LabelId {
        if self.may_fault() {
            return self.cold(ColdKind::Trap(TrapCode::MemoryOutOfBounds));
        }
        let len = Source::Const(access.width.into());
        let (index, offset) = (Source::Reg(index), access.offset);
        self.cold(ColdKind::OutOfBounds { memory, index, offset, len })
    }

    /// `to = index + end`, which cannot overflow.
    pub fn load_sum(&mut self, to: Reg, index: Reg, end: u64) {
        match i32::try_from(end) {
            Ok(end) => self.asm.lea(to, Mem(index, end)),
            Err(_) => {
                self.asm.set_64(to, end);
                self.asm.alu(Alu::Add, Width::B64, to, index);
            }
        }
    }

    /// Compares a register with the length of a memory in bytes.
    pub fn compare_with_length(&mut self, left: Reg, memory: MemoryIndex, ty: &MemoryType) {
        if let Some(length) = fixed_length(ty).and_then(|length| i32::try_from(length).ok()) {
            return self.asm.alu_const(Alu::Cmp, Width::B64, left, length);
        }
        let length = self.take();
        self.load_length(length, memory, ty);
        self.asm.alu(Alu::Cmp, Width::B64, left, length);
        self.release_reg(length);
    }

    /// Loads the length of a memory in bytes.
    fn load_length(&mut self, to: Reg, memory: MemoryIndex, ty: &MemoryType) {
        if let Some(length) = fixed_length(ty) {
            return self.asm.set_64(to, length);
        }
        let definition = self.module.layout.memory_definition(memory);
        self.asm.load(Width::B64, to, Mem(VMCTX, definition));
        self.asm.load(Width::B64, to, Mem(to, MEMORY_LENGTH));
    }

    pub fn memory_size(&mut self, memory: MemoryIndex) {
        let ty = self.module.memories[memory.index()];
        let result = self.result_reg(&[]);
        self.load_length(result, memory, &ty);
        match ty.page.log2() {
            0 => {}
            log2 => self.asm.shift_const(Shift::Right, Width::B64, result, log2 as u8),
        }
        self.push_reg(index_kind(ty.is_64), result);
    }

    pub fn memory_grow(&mut self, memory: MemoryIndex) {
        let is_64 = self.module.memories[memory.index()].is_64;
        let pages = self.pop();
        self.call_builtin(Builtin::MemoryGrow, &[Operand::number(memory.0), pages]);
        self.narrow_index(is_64);
    }

    /// Makes the 64-bit result of a builtin, an index or -1, as wide as those of a memory or table.
    pub fn narrow_index(&mut self, is_64: bool) {
        if is_64 {
            return;
        }
        let value = self.pop();
        if let Place::Reg(reg) = value.place {
            self.asm.mov(Width::B32, reg, reg);
        }
        self.push(Kind::I32, value.place);
    }
}

/// The type of indices of a memory or table.
pub(super) fn index_kind(is_64: bool) -> Kind {
    if is_64 { Kind::I64 } else { Kind::I32 }
}

/// Whether the low bytes of a number are a sign-extended 32-bit constant.
fn fits(width: u32, bits: u64) -> bool {
    width < 8 || i32::try_from(bits as i64).is_ok()
}
