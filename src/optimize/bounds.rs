//! Addresses in linear memory. Part of the sandbox: emits the checks that `abi::bounds` asks for.

use super::accesses::{Index, Target};
use super::error::CompileError;
use super::regions::Region;
use super::translator::FuncTranslator;
use crate::abi::bounds::{Access, Check, check, fixed_length, guard_catches, has_fixed_base};
use crate::abi::vmctx::{MEMORY_BASE, MEMORY_LENGTH};
use crate::abi::{Builtin, TrapCode};
use crate::body::accesses;
use crate::types::{MemoryIndex, MemoryType};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types};
use wasmparser::MemArg;

/// A checked position in linear memory, as operands of a load or store.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub base: Value,
    pub offset: i32,
    pub flags: MemFlagsData,
}

/// An access to check: its memory, its index as 64 bits, and what is known about it.
#[derive(Clone, Copy)]
struct Checked {
    memory: MemoryIndex,
    ty: MemoryType,
    index: Value,
    access: Access,
}

impl Address {
    /// The address as one value, without an offset.
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
    /// Pops the address operand and checks a `width`-byte access there.
    pub fn pop_address(&mut self, memarg: &MemArg, width: u32) -> Result<Address, CompileError> {
        let index = self.pop1()?;
        self.address(memarg, index, width)
    }

    /// The checked address of a `width`-byte access at `index`.
    pub fn address(
        &mut self,
        memarg: &MemArg,
        index: Value,
        width: u32,
    ) -> Result<Address, CompileError> {
        let memory = memory_of(memarg)?;
        let ty = self.module.memories[memory.index()];
        let access = Access { offset: memarg.offset, width, index: self.as_constant(index) };
        let check = check(&ty, self.mode, access);
        match check {
            Check::Never => return Ok(self.never_in_bounds(memory)),
            Check::None { at } => {
                let base = self.memory_base(memory, &ty);
                let target = Target { index: Index::Constant(at), offset: 0, width };
                let flags = self.memory_flags(memory, &ty, target);
                return Ok(self.with_offset(flags, base, at));
            }
            _ => {}
        }
        let target = Target { index: Index::Value(index), offset: memarg.offset, width };
        let index = if ty.is_64 { index } else { self.b.ins().uextend(types::I64, index) };
        let outside = self.emit_check(check, Checked { memory, ty, index, access });
        let base = self.memory_base(memory, &ty);
        let base = self.b.ins().iadd(base, index);
        let flags = self.memory_flags(memory, &ty, target);
        let address = self.with_offset(flags, base, memarg.offset);
        match outside {
            Some(outside) if self.has_masks() => Ok(self.masked_address(address, outside)),
            _ => Ok(address),
        }
    }

    /// The address, or 0 where the processor executes ahead although the access will trap.
    fn masked_address(&mut self, address: Address, outside: Value) -> Address {
        let flat = address.flat(self);
        let zero = self.i64_const(0);
        let base = self.b.ins().select_spectre_guard(outside, zero, flat);
        Address { base, offset: 0, ..address }
    }

    /// Emits a check; what it found, if there was something to find.
    fn emit_check(&mut self, check: Check, at: Checked) -> Option<Value> {
        match check {
            Check::Never | Check::None { .. } | Check::Guard => None,
            Check::GuardUpTo { last } => {
                let last = self.i64_const(last as i64);
                let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, at.index, last);
                self.trap_if(outside, TrapCode::MemoryOutOfBounds);
                Some(outside)
            }
            Check::Compare32 { end } => {
                let length = self.memory_length(at.memory, &at.ty);
                let end = self.i64_const(end as i64);
                let outside = self.ends_beyond(at.index, end, length);
                self.trap_if_outside(outside, at);
                Some(outside)
            }
            Check::Compare64 { end, may_be_short } => Some(self.compare_64(at, end, may_be_short)),
        }
    }

    fn compare_64(&mut self, at: Checked, end: u64, may_be_short: bool) -> Value {
        let length = self.memory_length(at.memory, &at.ty);
        let end = self.i64_const(end as i64);
        let short = may_be_short.then(|| self.b.ins().icmp(IntCC::UnsignedLessThan, length, end));
        if let Some(short) = short {
            self.trap_if_outside(short, at);
        }
        let last = self.b.ins().isub(length, end);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, at.index, last);
        self.trap_if_outside(outside, at);
        match short {
            Some(short) if self.has_masks() => self.b.ins().bor(short, outside),
            _ => outside,
        }
    }

    /// Whether `index + end > length`.
    pub fn ends_beyond(&mut self, index: Value, end: Value, length: Value) -> Value {
        let end = self.b.ins().iadd(index, end);
        self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, length)
    }

    /// An access whose offset alone exceeds any memory always traps. What follows is dead, but needs an address.
    fn never_in_bounds(&mut self, memory: MemoryIndex) -> Address {
        let always = self.i32_const(1);
        self.trap_if(always, TrapCode::MemoryOutOfBounds);
        let base = self.vmctx;
        let flags = self.checked_flags(memory);
        Address { base, offset: 0, flags }
    }

    /// `base + offset`, with the offset left to the instruction where it fits.
    fn with_offset(&mut self, flags: MemFlagsData, base: Value, offset: u64) -> Address {
        if let Ok(offset) = i32::try_from(offset) {
            return Address { base, offset, flags };
        }
        let offset = self.i64_const(offset as i64);
        Address { base: self.b.ins().iadd(base, offset), offset: 0, flags }
    }

    /// Traps when `outside` is not zero. Where a trap is a call anyway, it also passes where the access was.
    fn trap_if_outside(&mut self, outside: Value, at: Checked) {
        if self.may_fault() {
            return self.trap_if(outside, TrapCode::MemoryOutOfBounds);
        }
        self.in_cold_block(outside, |t| {
            let len = t.i64_const(at.access.width.into());
            t.end_out_of_bounds(at.memory, (at.index, at.access.offset), len);
        });
    }

    /// As `trap_if_outside`, for a block of bytes and in every mode.
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

    /// Flags for accesses that were checked.
    pub fn checked_flags(&mut self, memory: MemoryIndex) -> MemFlagsData {
        let flags = MemFlagsData::new().with_endianness(Endianness::Little).with_trap_code(None);
        self.in_region(flags, Region::memory(self.module, memory))
    }

    /// Checked accesses cannot fault; guarded ones trap by faulting.
    fn memory_flags(
        &mut self,
        memory: MemoryIndex,
        ty: &MemoryType,
        target: Target,
    ) -> MemFlagsData {
        let flags = self.checked_flags(memory);
        let block = self.b.current_block().filter(|_| guard_catches(ty, self.mode));
        let at = self.b.srcloc();
        flags.with_trap_code(block.map(|block| self.accesses.next(at, block, target)))
    }

    pub fn memory_base(&mut self, memory: MemoryIndex, ty: &MemoryType) -> Value {
        if has_fixed_base(ty, self.mode) {
            return self.constant_at(self.module.layout.memory_base(memory), types::I64);
        }
        let definition = self.memory_definition(memory);
        self.load_word(types::I64, Region::MemoryDefinitions, definition, MEMORY_BASE)
    }

    /// Current length in bytes. Of a shared memory perhaps a former one, but none older than the last
    /// atomic access or call: code generated for those lets no load be reused. The load is one aligned
    /// word, which the processor reads at once.
    pub fn memory_length(&mut self, memory: MemoryIndex, ty: &MemoryType) -> Value {
        if let Some(length) = fixed_length(ty) {
            return self.i64_const(length as i64);
        }
        let definition = self.memory_definition(memory);
        self.load_word(types::I64, Region::MemoryDefinitions, definition, MEMORY_LENGTH)
    }

    /// Current length in bytes of a shared memory, not earlier than what comes before in the program.
    pub fn shared_length(&mut self, memory: MemoryIndex) -> Value {
        let definition = self.memory_definition(memory);
        let length = self.b.ins().iadd_imm_s(definition, i64::from(MEMORY_LENGTH));
        let flags = MemFlagsData::trusted().with_endianness(Endianness::Little);
        self.b.ins().atomic_load(types::I64, flags, length)
    }

    fn memory_definition(&mut self, memory: MemoryIndex) -> Value {
        self.constant_at(self.module.layout.memory_definition(memory), types::I64)
    }
}
