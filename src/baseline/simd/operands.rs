//! How sequences of instructions get at vectors: in place of the first operand, with the two scratch registers.

use crate::asm::x64::Xmm;
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::Kind::V128;
use crate::baseline::registers::{SCRATCH_XMM, SECOND_SCRATCH_XMM};

/// The scratch registers.
pub(super) const T: Xmm = SCRATCH_XMM;
pub(super) const U: Xmm = SECOND_SCRATCH_XMM;

/// Replaces the vector in a register.
pub(super) type Unary = fn(&mut Emitter<'_>, Xmm);
/// The same with a second operand, which is only read.
pub(super) type Binary = fn(&mut Emitter<'_>, Xmm, Xmm);

pub(super) fn unary(e: &mut Emitter<'_>, make: Unary) {
    let to = e.pop_accumulator_xmm();
    make(e, to);
    e.push_xmm(V128, to);
}

pub(super) fn binary(e: &mut Emitter<'_>, make: Binary) {
    let (to, y) = e.pop_accumulator_and_xmm();
    make(e, to, y);
    e.release_xmm(y);
    e.push_xmm(V128, to);
}
