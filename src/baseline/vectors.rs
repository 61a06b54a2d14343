//! Operands and results in vector registers: of floats and of vectors.
//!
//! An instruction with two operands overwrites the first. So it works on a copy, on the register of an operand that
//! nobody else needs, or on that of the local that the result becomes next. With AVX there is a third operand, and
//! no copy. Vectors in the frame may be misaligned, which only moves and AVX allow.

use super::emitter::Emitter;
use super::operand::{Kind, Operand, Place, Source};
use super::registers::SCRATCH_XMM;
use crate::abi::features::Extension;
use crate::asm::x64::*;

/// An instruction on two operands.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    op: Sse,
    imm: Option<u8>,
    order: Order,
}

/// Which WebAssembly operand is the instruction's first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    First,
    Second,
    Either,
}

impl Pair {
    pub const fn new(op: Sse, order: Order) -> Pair {
        Pair { op, imm: None, order }
    }

    pub const fn with_imm(op: Sse, imm: u8, order: Order) -> Pair {
        Pair { op, imm: Some(imm), order }
    }
}

impl Emitter<'_> {
    pub fn has_avx(&self) -> bool {
        self.features.has(Extension::Avx)
    }

    pub fn release_xmm(&mut self, xmm: Xmm) {
        self.registers.release_xmm(xmm);
    }

    /// The register of an operand that was popped, if nobody else needs its value.
    fn own_xmm(&self, operand: Operand) -> Option<Xmm> {
        match operand.place {
            Place::Xmm(reg) => self.registers.is_operands_xmm(reg).then_some(reg),
            _ => None,
        }
    }

    /// Pops an operand into a register that will hold the result.
    pub fn pop_accumulator_xmm(&mut self) -> Xmm {
        let operand = self.pop();
        self.accumulator_xmm(operand, &[])
    }

    /// Pops two operands: the first into a register that will hold the result, the second into one that is to be
    /// read and released.
    pub fn pop_accumulator_and_xmm(&mut self) -> (Xmm, Xmm) {
        let (x, y) = self.pop2();
        let to = self.accumulator_xmm(x, &[y]);
        (to, self.in_xmm(y))
    }

    /// Pops two operands and pushes the result of one instruction on them.
    pub fn pair(&mut self, kind: Kind, pair: Pair) {
        let (x, y) = self.pop2();
        let exchanged = match pair.order {
            Order::First => false,
            Order::Second => true,
            Order::Either => self.preference(y) > self.preference(x),
        };
        let (first, second) = if exchanged { (y, x) } else { (x, y) };
        let to = self.emit_pair(pair, first, second);
        self.push_xmm(kind, to);
    }

    /// How well a register for the first operand comes from it.
    fn preference(&self, operand: Operand) -> u8 {
        match self.source(operand) {
            Source::Xmm(_) if self.own_xmm(operand).is_some() => 2,
            Source::Xmm(_) => 1,
            _ => 0,
        }
    }

    fn emit_pair(&mut self, pair: Pair, first: Operand, second: Operand) -> Xmm {
        if let Source::Xmm(left) = self.source(first)
            && self.own_xmm(first).is_none()
            && self.has_avx()
        {
            let to = self.result_xmm(&[]);
            self.emit_vex(pair, to, left, second);
            self.release(second);
            return to;
        }
        let to = self.accumulator_xmm(first, &[second]);
        self.apply(pair, to, second);
        self.release(second);
        to
    }

    fn emit_vex(&mut self, pair: Pair, to: Xmm, left: Xmm, right: Operand) {
        match (self.source(right), pair.imm) {
            (Source::Xmm(right), None) => self.asm.vex(pair.op, to, left, right),
            (Source::Xmm(right), Some(imm)) => self.asm.vex_imm(pair.op, to, left, right, imm),
            (Source::Mem(right), None) => self.asm.vex_mem(pair.op, to, left, right),
            (Source::Const(bits), None) => self.vex_const(pair.op, to, left, bits.into()),
            (_, imm) => {
                self.load_xmm(SCRATCH_XMM, right);
                self.asm.vex_imm(pair.op, to, left, SCRATCH_XMM, imm.unwrap_or(0));
            }
        }
    }

    /// Applies an instruction to a register and an operand that was popped.
    pub fn apply(&mut self, pair: Pair, to: Xmm, right: Operand) {
        let is_scalar = right.kind != Kind::V128;
        match (self.source(right), pair.imm) {
            (Source::Xmm(right), None) => self.asm.sse(pair.op, to, right),
            (Source::Xmm(right), Some(imm)) => self.asm.sse_imm(pair.op, to, right, imm),
            (Source::Mem(right), None) if is_scalar => self.asm.sse_mem(pair.op, to, right),
            (Source::Mem(right), None) if self.has_avx() => {
                self.asm.vex_mem(pair.op, to, to, right);
            }
            (Source::Const(bits), None) if is_scalar => self.sse_const(pair.op, to, bits.into()),
            (_, imm) => {
                self.load_xmm(SCRATCH_XMM, right);
                match imm {
                    Some(imm) => self.asm.sse_imm(pair.op, to, SCRATCH_XMM, imm),
                    None => self.asm.sse(pair.op, to, SCRATCH_XMM),
                }
            }
        }
    }

    /// Pops an operand and pushes the result of an instruction that only reads it.
    pub fn single(&mut self, kind: Kind, op: Sse, imm: Option<u8>) {
        let operand = self.pop();
        let target = self.target_xmm(&[]);
        let from = self.in_xmm(operand);
        let to = target.unwrap_or_else(|| match self.registers.is_operands_xmm(from) {
            true => from,
            false => self.take_xmm(),
        });
        match imm {
            None => self.asm.sse(op, to, from),
            Some(imm) => self.asm.sse_imm(op, to, from, imm),
        }
        if to != from {
            self.release_xmm(from);
        }
        self.push_xmm(kind, to);
    }
}
