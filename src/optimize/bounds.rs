//! Addresses in linear memory. Part of the sandbox: a wrong inequality here is an escape.
//!
//! With `k = offset + width` an access at index `i` is in bounds when `i + k <= length`.
//!
//! ```text
//! guarded    32-bit index, faults allowed. k <= GUARD_SIZE: no check, the access falls into
//!            reserved address space. Larger k: trap if i > GUARD_RESERVATION - k
//! checked32  32-bit index: trap if i + k > length; cannot overflow in 64 bits
//! checked64  64-bit index: trap if i > length - k, after a check that length >= k
//!            (none is needed when the memory's minimum says so)
//! ```
//! An index that is a constant below the memory's minimum needs no check in any of them.

use super::error::CompileError;
use super::regions::Region;
use super::translator::FuncTranslator;
use super::traps::clif_code;
use crate::abi::mode::{GUARD_RESERVATION, GUARD_SIZE};
use crate::abi::vmctx::{MEMORY_BASE, MEMORY_LENGTH};
use crate::abi::{Bounds, Builtin, TrapCode};
use crate::body::accesses;
use crate::types::{MemoryIndex, MemoryType, PAGE_SIZE};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types};
use wasmparser::MemArg;

/// A checked place in linear memory, as operands of a load or store.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub base: Value,
    pub offset: i32,
    pub flags: MemFlagsData,
}

/// What is checked: `width` bytes at `index + offset`.
#[derive(Clone, Copy)]
struct Access {
    index: Value,
    offset: u64,
    width: u32,
}

impl Access {
    /// See above; does not overflow.
    fn k(self) -> u64 {
        self.offset + u64::from(self.width)
    }
}

impl Address {
    /// The same place without an offset.
    pub fn flat(self, t: &mut FuncTranslator<'_>) -> Value {
        if self.offset == 0 {
            return self.base;
        }
        let offset = t.i64_const(i64::from(self.offset));
        t.b.ins().iadd(self.base, offset)
    }
}

/// The memory that an instruction names.
pub(super) fn memory_of(memarg: &MemArg) -> Result<MemoryIndex, CompileError> {
    let memory = accesses::memory_of(memarg);
    memory.ok_or_else(|| CompileError::internal("access to something that is not a memory"))
}

impl FuncTranslator<'_> {
    /// Pops the address operand; the address of a `width`-byte access there.
    pub fn pop_address(&mut self, memarg: &MemArg, width: u32) -> Result<Address, CompileError> {
        let index = self.pop1()?;
        self.address(memarg, index, width)
    }

    /// The address of a `width`-byte access at `index`, checked.
    pub fn address(
        &mut self,
        memarg: &MemArg,
        index: Value,
        width: u32,
    ) -> Result<Address, CompileError> {
        let memory = memory_of(memarg)?;
        let ty = self.module.memories[memory.index()];
        let Some(k) = memarg.offset.checked_add(u64::from(width)) else {
            return Ok(self.never_in_bounds(memory));
        };
        let faults = self.faults_catch(&ty);
        if let Some(constant) = self.as_constant(index)
            && let Some(end) = constant.checked_add(k)
            && (end <= minimum_length(&ty) || faults && end <= GUARD_SIZE)
        {
            return Ok(self.at_constant(memory, &ty, end - u64::from(width)));
        }
        let index = if ty.is_64 { index } else { self.b.ins().uextend(types::I64, index) };
        let access = Access { index, offset: memarg.offset, width };
        if faults {
            self.check_against_guard(index, k);
        } else if ty.is_64 {
            self.check_64(memory, &ty, access);
        } else {
            self.check_32(memory, &ty, access);
        }
        let base = self.memory_base(memory, &ty);
        let base = self.b.ins().iadd(base, index);
        Ok(self.with_offset(memory, &ty, base, memarg.offset))
    }

    /// Whether accesses outside a memory fault and become traps by themselves.
    fn faults_catch(&self, ty: &MemoryType) -> bool {
        self.has_guard(ty) && self.may_fault()
    }

    /// Whether the memory has a guard and an unchanging base.
    fn has_guard(&self, ty: &MemoryType) -> bool {
        self.mode.bounds == Bounds::Guard && !ty.is_64
    }

    /// An access whose offset alone exceeds any memory: traps always. What follows is dead, but
    /// needs an address.
    fn never_in_bounds(&mut self, memory: MemoryIndex) -> Address {
        let always = self.i32_const(1);
        self.trap_if(always, TrapCode::MemoryOutOfBounds);
        let base = self.vmctx;
        let flags = self.memory_flags(memory, &self.module.memories[memory.index()]);
        Address { base, offset: 0, flags }
    }

    fn at_constant(&mut self, memory: MemoryIndex, ty: &MemoryType, at: u64) -> Address {
        let base = self.memory_base(memory, ty);
        self.with_offset(memory, ty, base, at)
    }

    /// `base + offset`, the offset in the instruction where it fits.
    fn with_offset(
        &mut self,
        memory: MemoryIndex,
        ty: &MemoryType,
        base: Value,
        offset: u64,
    ) -> Address {
        let flags = self.memory_flags(memory, ty);
        if let Ok(offset) = i32::try_from(offset) {
            return Address { base, offset, flags };
        }
        let offset = self.i64_const(offset as i64);
        Address { base: self.b.ins().iadd(base, offset), offset: 0, flags }
    }

    /// Index and offset stay inside the reservation; the fault does the rest.
    fn check_against_guard(&mut self, index: Value, k: u64) {
        if k > GUARD_SIZE {
            // k <= 2^32 - 1 + 16, so the difference is positive.
            let last = self.i64_const((GUARD_RESERVATION - k) as i64);
            let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, index, last);
            self.trap_if(outside, TrapCode::MemoryOutOfBounds);
        }
    }

    fn check_32(&mut self, memory: MemoryIndex, ty: &MemoryType, access: Access) {
        let length = self.memory_length(memory, ty);
        let k = self.i64_const(access.k() as i64);
        let end = self.b.ins().iadd(access.index, k);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, length);
        self.trap_if_outside(outside, memory, access);
    }

    fn check_64(&mut self, memory: MemoryIndex, ty: &MemoryType, access: Access) {
        let length = self.memory_length(memory, ty);
        let k = self.i64_const(access.k() as i64);
        if access.k() > minimum_length(ty) {
            let short = self.b.ins().icmp(IntCC::UnsignedLessThan, length, k);
            self.trap_if_outside(short, memory, access);
        }
        let last = self.b.ins().isub(length, k);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, access.index, last);
        self.trap_if_outside(outside, memory, access);
    }

    /// Traps when `outside` is not zero, and where a trap is a call anyhow, says where the access was.
    fn trap_if_outside(&mut self, outside: Value, memory: MemoryIndex, access: Access) {
        if self.may_fault() {
            return self.trap_if(outside, TrapCode::MemoryOutOfBounds);
        }
        self.in_cold_block(outside, |t| {
            let len = t.i64_const(access.width.into());
            t.end_out_of_bounds(memory, (access.index, access.offset), len);
        });
    }

    /// As `trap_if_outside` for a block of bytes, and in every mode.
    pub fn call_if_outside(
        &mut self,
        outside: Value,
        memory: MemoryIndex,
        at: (Value, u64),
        len: Value,
    ) {
        self.in_cold_block(outside, |t| t.end_out_of_bounds(memory, at, len));
    }

    fn end_out_of_bounds(
        &mut self,
        memory: MemoryIndex,
        (index, offset): (Value, u64),
        len: Value,
    ) {
        let memory = self.i32_const(memory.0 as i32);
        let offset = self.i64_const(offset as i64);
        self.end_with_call(Builtin::MemoryOutOfBounds, &[memory, index, offset, len]);
    }

    /// For accesses that have been checked.
    pub fn checked_flags(&mut self, memory: MemoryIndex) -> MemFlagsData {
        let flags = MemFlagsData::new().with_endianness(Endianness::Little).with_trap_code(None);
        self.in_region(flags, Region::memory(self.module, memory))
    }

    /// Checked accesses cannot fault; guarded ones trap by faulting.
    fn memory_flags(&mut self, memory: MemoryIndex, ty: &MemoryType) -> MemFlagsData {
        let trap = self.faults_catch(ty).then(|| clif_code(TrapCode::MemoryOutOfBounds));
        self.checked_flags(memory).with_trap_code(trap)
    }

    pub fn memory_base(&mut self, memory: MemoryIndex, ty: &MemoryType) -> Value {
        if self.has_guard(ty) {
            return self.constant_at(self.module.layout.memory_base(memory), types::I64);
        }
        let definition = self.memory_definition(memory);
        self.load_word(types::I64, Region::MemoryDefinitions, definition, MEMORY_BASE)
    }

    /// Current length in bytes.
    pub fn memory_length(&mut self, memory: MemoryIndex, ty: &MemoryType) -> Value {
        if ty.limits.max == Some(ty.limits.min) {
            return self.i64_const(minimum_length(ty) as i64);
        }
        let definition = self.memory_definition(memory);
        self.load_word(types::I64, Region::MemoryDefinitions, definition, MEMORY_LENGTH)
    }

    fn memory_definition(&mut self, memory: MemoryIndex) -> Value {
        self.constant_at(self.module.layout.memory_definition(memory), types::I64)
    }
}

/// Bytes that the memory has at least, at any time.
fn minimum_length(ty: &MemoryType) -> u64 {
    ty.limits.min.saturating_mul(PAGE_SIZE)
}
