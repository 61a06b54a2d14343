//! Comparisons of integer lanes that the processor lacks: those for unequal, for at most and at least, and of
//! unsigned lanes. Of two lanes the first is at least the second if it is their maximum.

use super::bitwise::invert;
use super::operands::{T, U, binary};
use crate::asm::x64::*;
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::Kind::V128;
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match op {
        I64x2GtS => binary(e, greater_64),
        I64x2LeS => binary(e, |e, x, y| {
            greater_64(e, x, y);
            invert(e, x);
        }),
        I64x2LtS => binary(e, less_64),
        I64x2GeS => binary(e, |e, x, y| {
            less_64(e, x, y);
            invert(e, x);
        }),
        _ => match by_extreme(op) {
            Some(comparison) => comparison.emit(e),
            None => return false,
        },
    }
    true
}

/// `extreme(x, y) == x`, inverted or not.
struct ByExtreme {
    extreme: Option<Sse>,
    equal: Sse,
    inverted: bool,
}

fn by_extreme(op: &Operator<'_>) -> Option<ByExtreme> {
    use Operator::*;
    use Sse::*;
    let (extreme, equal, inverted) = match op {
        I8x16Ne => (None, Pcmpeqb, true),
        I16x8Ne => (None, Pcmpeqw, true),
        I32x4Ne => (None, Pcmpeqd, true),
        I64x2Ne => (None, Pcmpeqq, true),
        I8x16LeS => (Some(Pminsb), Pcmpeqb, false),
        I16x8LeS => (Some(Pminsw), Pcmpeqw, false),
        I32x4LeS => (Some(Pminsd), Pcmpeqd, false),
        I8x16GeS => (Some(Pmaxsb), Pcmpeqb, false),
        I16x8GeS => (Some(Pmaxsw), Pcmpeqw, false),
        I32x4GeS => (Some(Pmaxsd), Pcmpeqd, false),
        I8x16LeU => (Some(Pminub), Pcmpeqb, false),
        I16x8LeU => (Some(Pminuw), Pcmpeqw, false),
        I32x4LeU => (Some(Pminud), Pcmpeqd, false),
        I8x16GeU => (Some(Pmaxub), Pcmpeqb, false),
        I16x8GeU => (Some(Pmaxuw), Pcmpeqw, false),
        I32x4GeU => (Some(Pmaxud), Pcmpeqd, false),
        I8x16LtU => (Some(Pmaxub), Pcmpeqb, true),
        I16x8LtU => (Some(Pmaxuw), Pcmpeqw, true),
        I32x4LtU => (Some(Pmaxud), Pcmpeqd, true),
        I8x16GtU => (Some(Pminub), Pcmpeqb, true),
        I16x8GtU => (Some(Pminuw), Pcmpeqw, true),
        I32x4GtU => (Some(Pminud), Pcmpeqd, true),
        _ => return None,
    };
    Some(ByExtreme { extreme, equal, inverted })
}

impl ByExtreme {
    fn emit(self, e: &mut Emitter<'_>) {
        let (to, y) = e.pop_accumulator_and_xmm();
        match self.extreme {
            Some(extreme) => {
                e.asm.move_vector(T, to);
                e.asm.sse(extreme, T, y);
                e.asm.sse(self.equal, to, T);
            }
            None => e.asm.sse(self.equal, to, y),
        }
        if self.inverted {
            invert(e, to);
        }
        e.release_xmm(y);
        e.push_xmm(V128, to);
    }
}

fn greater_64(e: &mut Emitter<'_>, x: Xmm, y: Xmm) {
    e.asm.move_vector(T, y);
    difference_signs(e, x, y);
    e.asm.sse_imm(Sse::Pshufd, x, T, UPPER_HALVES);
}

fn less_64(e: &mut Emitter<'_>, x: Xmm, y: Xmm) {
    e.asm.move_vector(T, x);
    difference_signs(e, y, x);
    e.asm.sse_imm(Sse::Pshufd, x, T, UPPER_HALVES);
}

const UPPER_HALVES: u8 = 0b11_11_01_01;

/// Makes the upper halves of T, which is `less`, all ones where `greater > less`: the upper halves of the operands
/// are greater, or they are equal and `less - greater` borrows from them.
fn difference_signs(e: &mut Emitter<'_>, greater: Xmm, less: Xmm) {
    e.asm.sse(Sse::Psubq, T, greater);
    e.asm.move_vector(U, greater);
    e.asm.sse(Sse::Pcmpeqd, U, less);
    e.asm.sse(Sse::Pand, T, U);
    e.asm.move_vector(U, greater);
    e.asm.sse(Sse::Pcmpgtd, U, less);
    e.asm.sse(Sse::Por, T, U);
}
