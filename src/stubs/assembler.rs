//! An encoder for the few x86-64 instructions that stubs are made of.
//!
//! Memory operands are always base + displacement, of 8 bits where that suffices. Jumps go to labels
//! behind them. The buffer is reserved once: an assembler that ran out of it has failed, and `finish`
//! says so.

use crate::abi::signature::{C_INT_ARGS, INT_ARGS, INT_RESULTS};

/// A general register, by its number in the encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reg(u8);

pub const RAX: Reg = Reg(0);
pub const RCX: Reg = Reg(1);
pub const RDX: Reg = Reg(2);
pub const RBX: Reg = Reg(3);
pub const RSP: Reg = Reg(4);
pub const RBP: Reg = Reg(5);
pub const RSI: Reg = Reg(6);
pub const RDI: Reg = Reg(7);
pub const R8: Reg = Reg(8);
pub const R9: Reg = Reg(9);
pub const R10: Reg = Reg(10);
pub const R11: Reg = Reg(11);
pub const R12: Reg = Reg(12);
pub const R13: Reg = Reg(13);
pub const R14: Reg = Reg(14);
pub const R15: Reg = Reg(15);

/// Integer argument registers of guest code, in order; the first is the vmctx.
pub const INT_ARG_REGS: [Reg; INT_ARGS] = [RDI, RSI, RDX, RCX, R8, R9];
/// Integer result registers of guest code, in order.
pub const INT_RESULT_REGS: [Reg; INT_RESULTS] = [RAX, RCX, RDX, RSI, RDI, R8, R9, R10];

/// Integer argument registers of the platform's C functions, in order.
pub const C_ARG_REGS: [Reg; C_INT_ARGS] = [RDI, RSI, RDX, RCX, R8, R9];

/// A vector register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Xmm(pub u8);

/// How much of a register moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    B32,
    B64,
}

/// base + displacement
#[derive(Clone, Copy, Debug)]
pub struct Mem(pub Reg, pub i32);

/// A place further on, to which jumps go. Until it is bound, the distance fields of its jumps form
/// a list: each holds the offset of the one before, zero ends it.
#[derive(Default, Debug)]
pub struct Label {
    last_jump: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Condition {
    Below = 2,
    AboveOrEqual = 3,
    NotEqual = 5,
}

pub struct Assembler {
    bytes: Vec<u8>,
    failed: bool,
}

impl Assembler {
    /// With room for `capacity` bytes; `None` when there is no memory for them.
    pub fn new(capacity: usize) -> Option<Assembler> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(capacity).ok()?;
        Some(Assembler { bytes, failed: false })
    }

    /// The code, if it did fit.
    pub fn finish(self) -> Option<Vec<u8>> {
        (!self.failed).then_some(self.bytes)
    }

    fn emit(&mut self, bytes: &[u8]) {
        if self.bytes.capacity() - self.bytes.len() >= bytes.len() {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.failed = true;
        }
    }

    fn emit_i32(&mut self, value: i32) {
        self.emit(&value.to_le_bytes());
    }

    /// Optional prefix, REX, opcode, and a memory operand.
    fn mem_op(&mut self, prefix: Option<u8>, width: Width, opcode: &[u8], reg: u8, mem: Mem) {
        if let Some(prefix) = prefix {
            self.emit(&[prefix]);
        }
        self.rex(width, reg, mem.0.0);
        self.emit(opcode);
        let short = i8::try_from(mem.1);
        let size = if short.is_ok() { 0x40 } else { 0x80 };
        self.emit(&[size | (reg & 7) << 3 | (mem.0.0 & 7)]);
        if mem.0.0 & 7 == RSP.0 {
            self.emit(&[0x24]);
        }
        match short {
            Ok(short) => self.emit(&short.to_le_bytes()),
            Err(_) => self.emit_i32(mem.1),
        }
    }

    fn reg_op(&mut self, width: Width, opcode: u8, reg: u8, rm: Reg) {
        self.rex(width, reg, rm.0);
        self.emit(&[opcode, 0xc0 | (reg & 7) << 3 | (rm.0 & 7)]);
    }

    fn rex(&mut self, width: Width, reg: u8, rm: u8) {
        let wide = u8::from(width == Width::B64) << 3;
        self.emit(&[0x40 | wide | (reg >> 3) << 2 | rm >> 3]);
    }

    pub fn push(&mut self, reg: Reg) {
        self.rex(Width::B32, 0, reg.0);
        self.emit(&[0x50 | (reg.0 & 7)]);
    }

    pub fn pop(&mut self, reg: Reg) {
        self.rex(Width::B32, 0, reg.0);
        self.emit(&[0x58 | (reg.0 & 7)]);
    }

    /// Pushes a sign-extended constant.
    pub fn push_const(&mut self, value: i8) {
        self.emit(&[0x6a]);
        self.emit(&value.to_le_bytes());
    }

    pub fn push_mem(&mut self, from: Mem) {
        self.mem_op(None, Width::B32, &[0xff], 6, from);
    }

    pub fn mov(&mut self, width: Width, to: Reg, from: Reg) {
        self.reg_op(width, 0x89, from.0, to);
    }

    pub fn load(&mut self, width: Width, to: Reg, from: Mem) {
        self.mem_op(None, width, &[0x8b], to.0, from);
    }

    pub fn store(&mut self, to: Mem, from: Reg) {
        self.mem_op(None, Width::B64, &[0x89], from.0, to);
    }

    /// Writes a sign-extended constant.
    pub fn store_const(&mut self, width: Width, to: Mem, value: i32) {
        self.mem_op(None, width, &[0xc7], 0, to);
        self.emit_i32(value);
    }

    pub fn load_float(&mut self, width: Width, to: Xmm, from: Mem) {
        self.mem_op(Some(float_prefix(width)), Width::B32, &[0x0f, 0x10], to.0, from);
    }

    pub fn store_float(&mut self, width: Width, to: Mem, from: Xmm) {
        self.mem_op(Some(float_prefix(width)), Width::B32, &[0x0f, 0x11], from.0, to);
    }

    /// 16 bytes, aligned or not.
    pub fn load_vector(&mut self, to: Xmm, from: Mem) {
        self.mem_op(None, Width::B32, &[0x0f, 0x10], to.0, from);
    }

    pub fn store_vector(&mut self, to: Mem, from: Xmm) {
        self.mem_op(None, Width::B32, &[0x0f, 0x11], from.0, to);
    }

    pub fn lea(&mut self, to: Reg, from: Mem) {
        self.mem_op(None, Width::B64, &[0x8d], to.0, from);
    }

    /// Adds four floats in memory to those in a register.
    pub fn add_floats(&mut self, to: Xmm, from: Mem) {
        self.mem_op(None, Width::B32, &[0x0f, 0x58], to.0, from);
    }

    /// Compares four words with those in memory: all ones where they are equal.
    pub fn cmp_lanes(&mut self, left: Xmm, right: Mem) {
        self.mem_op(Some(0x66), Width::B32, &[0x0f, 0x76], left.0, right);
    }

    /// The sign bits of four words.
    pub fn lane_signs(&mut self, to: Reg, from: Xmm) {
        self.rex(Width::B32, to.0, from.0);
        self.emit(&[0x0f, 0x50, 0xc0 | (to.0 & 7) << 3 | (from.0 & 7)]);
    }

    /// Writes mode and flags of floating-point arithmetic.
    pub fn store_float_state(&mut self, to: Mem) {
        self.mem_op(None, Width::B32, &[0x0f, 0xae], 3, to);
    }

    /// Keeps the bits of a sign-extended constant.
    pub fn and_const(&mut self, to: Reg, mask: i8) {
        self.rex(Width::B32, 0, to.0);
        self.emit(&[0x83, 0xe0 | (to.0 & 7)]);
        self.emit(&mask.to_le_bytes());
    }

    /// Compares a register with a constant.
    pub fn cmp_const(&mut self, left: Reg, right: i32) {
        self.reg_op(Width::B32, 0x81, 7, left);
        self.emit_i32(right);
    }

    /// Compares 32 bits in memory with a constant.
    pub fn cmp_mem_const(&mut self, left: Mem, right: i32) {
        self.mem_op(None, Width::B32, &[0x81], 7, left);
        self.emit_i32(right);
    }

    /// Compares a register with memory.
    pub fn cmp(&mut self, left: Reg, right: Mem) {
        self.mem_op(None, Width::B64, &[0x3b], left.0, right);
    }

    pub fn cmp_regs(&mut self, left: Reg, right: Reg) {
        self.reg_op(Width::B64, 0x39, right.0, left);
    }

    /// Compares a byte in memory with a constant.
    pub fn cmp_byte(&mut self, left: Mem, right: u8) {
        self.mem_op(None, Width::B32, &[0x80], 7, left);
        self.emit(&[right]);
    }

    /// Compares a word in memory with a constant.
    pub fn cmp_word(&mut self, left: Mem, right: i8) {
        self.mem_op(None, Width::B64, &[0x83], 7, left);
        self.emit(&right.to_le_bytes());
    }

    pub fn test(&mut self, reg: Reg) {
        self.reg_op(Width::B64, 0x85, reg.0, reg);
    }

    pub fn clear(&mut self, reg: Reg) {
        self.reg_op(Width::B32, 0x31, reg.0, reg);
    }

    /// A zero-extended constant.
    pub fn set(&mut self, to: Reg, value: u32) {
        self.rex(Width::B32, 0, to.0);
        self.emit(&[0xb8 | (to.0 & 7)]);
        self.emit(&value.to_le_bytes());
    }

    pub fn set_address(&mut self, to: Reg, value: usize) {
        self.rex(Width::B64, 0, to.0);
        self.emit(&[0xb8 | (to.0 & 7)]);
        self.emit(&(value as u64).to_le_bytes());
    }

    pub fn add(&mut self, to: Reg, value: i32) {
        self.reg_op(Width::B64, 0x81, 0, to);
        self.emit_i32(value);
    }

    pub fn sub(&mut self, to: Reg, value: i32) {
        self.reg_op(Width::B64, 0x81, 5, to);
        self.emit_i32(value);
    }

    pub fn call(&mut self, target: Reg) {
        self.reg_op(Width::B32, 0xff, 2, target);
    }

    pub fn call_mem(&mut self, target: Mem) {
        self.mem_op(None, Width::B32, &[0xff], 2, target);
    }

    pub fn jump_reg(&mut self, target: Reg) {
        self.reg_op(Width::B32, 0xff, 4, target);
    }

    /// Bytes that do nothing but say something.
    pub fn mark(&mut self, mark: [u8; 8]) {
        self.emit(&mark);
    }

    pub fn leave(&mut self) {
        self.emit(&[0xc9]);
    }

    /// Returns and pops `bytes` of arguments.
    pub fn ret(&mut self, bytes: u16) {
        if bytes == 0 {
            self.emit(&[0xc3]);
        } else {
            self.emit(&[0xc2]);
            self.emit(&bytes.to_le_bytes());
        }
    }

    /// A position, for [`Assembler::jump_back`].
    pub fn here(&self) -> usize {
        self.bytes.len()
    }

    pub fn jump_back(&mut self, to: usize) {
        let end = self.bytes.len() + 5;
        self.emit(&[0xe9]);
        self.emit_i32(to as i32 - end as i32);
    }

    pub fn jump_if(&mut self, condition: Condition, label: &mut Label) {
        self.emit(&[0x0f, 0x80 | condition as u8]);
        self.jump_distance(label);
    }

    fn jump_distance(&mut self, label: &mut Label) {
        let field = self.bytes.len() as i32;
        self.emit_i32(label.last_jump);
        label.last_jump = field;
    }

    /// Puts the label here.
    pub fn bind(&mut self, label: Label) {
        let here = self.bytes.len() as i32;
        let mut at = label.last_jump;
        while let Some(field) = self.field(at) {
            let before = i32::from_le_bytes(*field);
            *field = (here - (at + 4)).to_le_bytes();
            at = before;
        }
    }

    fn field(&mut self, at: i32) -> Option<&mut [u8; 4]> {
        if at == 0 {
            return None;
        }
        self.bytes.get_mut(at as usize..)?.first_chunk_mut()
    }
}

fn float_prefix(width: Width) -> u8 {
    match width {
        Width::B32 => 0xf3,
        Width::B64 => 0xf2,
    }
}
