//! Instructions that read constants from memory.

use super::blocks::LabelId;
use super::constants::ALIGNMENT;
use super::emitter::Emitter;
use crate::asm::x64::*;

impl Emitter<'_> {
    fn constant(&mut self, bits: u128) -> LabelId {
        self.constants.find(bits).unwrap_or_else(|| {
            let label = self.new_label();
            self.constants.add(bits, label);
            label
        })
    }

    /// Applies an operation to a register and a constant.
    pub fn sse_const(&mut self, op: Sse, to: Xmm, bits: u128) {
        let label = self.constant(bits);
        self.sse_label(op, to, label);
    }

    /// The form with three operands.
    pub fn vex_const(&mut self, op: Sse, to: Xmm, left: Xmm, bits: u128) {
        let label = self.constant(bits);
        self.vex_label(op, to, left, label);
    }

    /// Loads a vector. Leaves the flags as they are.
    pub fn load_const(&mut self, to: Xmm, bits: u128) {
        match bits {
            0 => self.asm.clear_vector(to),
            u128::MAX => self.asm.sse(Sse::Pcmpeqd, to, to),
            _ => self.sse_const(Sse::Movaps, to, bits),
        }
    }

    /// Emits all constants, aligned within the body.
    pub fn emit_constants(&mut self) {
        if self.constants.is_empty() {
            return;
        }
        self.asm.align(ALIGNMENT);
        for i in 0..self.constants.all().len() {
            let (bits, label) = self.constants.all()[i];
            self.bind(label);
            self.asm.append(&bits.to_le_bytes());
        }
    }
}
