//! Instructions on one or two vectors that the processor has, too.

use crate::asm::x64::Sse;
use crate::baseline::emitter::Emitter;
use crate::baseline::floats::{CEIL, FLOOR, NEAREST, TRUNC};
use crate::baseline::operand::Kind::V128;
use crate::baseline::vectors::Order::{self, Either, First, Second};
use crate::baseline::vectors::Pair;
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    if let Some((op, order)) = integer_pair(op).or_else(|| other_pair(op)) {
        e.pair(V128, Pair::new(op, order));
    } else if let Some((op, imm, order)) = float_comparison(op) {
        e.pair(V128, Pair::with_imm(op, imm, order));
    } else if let Some((op, imm)) = single(op) {
        e.single(V128, op, imm);
    } else {
        return false;
    }
    true
}

fn integer_pair(op: &Operator<'_>) -> Option<(Sse, Order)> {
    use Operator::*;
    Some(match op {
        I8x16Add => (Sse::Paddb, Either),
        I16x8Add => (Sse::Paddw, Either),
        I32x4Add => (Sse::Paddd, Either),
        I64x2Add => (Sse::Paddq, Either),
        I8x16Sub => (Sse::Psubb, First),
        I16x8Sub => (Sse::Psubw, First),
        I32x4Sub => (Sse::Psubd, First),
        I64x2Sub => (Sse::Psubq, First),
        I16x8Mul => (Sse::Pmullw, Either),
        I32x4Mul => (Sse::Pmulld, Either),
        I8x16AddSatS => (Sse::Paddsb, Either),
        I16x8AddSatS => (Sse::Paddsw, Either),
        I8x16AddSatU => (Sse::Paddusb, Either),
        I16x8AddSatU => (Sse::Paddusw, Either),
        I8x16SubSatS => (Sse::Psubsb, First),
        I16x8SubSatS => (Sse::Psubsw, First),
        I8x16SubSatU => (Sse::Psubusb, First),
        I16x8SubSatU => (Sse::Psubusw, First),
        I8x16MinS => (Sse::Pminsb, Either),
        I16x8MinS => (Sse::Pminsw, Either),
        I32x4MinS => (Sse::Pminsd, Either),
        I8x16MinU => (Sse::Pminub, Either),
        I16x8MinU => (Sse::Pminuw, Either),
        I32x4MinU => (Sse::Pminud, Either),
        I8x16MaxS => (Sse::Pmaxsb, Either),
        I16x8MaxS => (Sse::Pmaxsw, Either),
        I32x4MaxS => (Sse::Pmaxsd, Either),
        I8x16MaxU => (Sse::Pmaxub, Either),
        I16x8MaxU => (Sse::Pmaxuw, Either),
        I32x4MaxU => (Sse::Pmaxud, Either),
        I8x16AvgrU => (Sse::Pavgb, Either),
        I16x8AvgrU => (Sse::Pavgw, Either),
        I32x4DotI16x8S => (Sse::Pmaddwd, Either),
        I16x8RelaxedQ15mulrS => (Sse::Pmulhrsw, Either),
        // Unsigned bytes come first.
        I16x8RelaxedDotI8x16I7x16S => (Sse::Pmaddubsw, Second),
        I8x16RelaxedSwizzle => (Sse::Pshufb, First),
        I8x16Eq => (Sse::Pcmpeqb, Either),
        I16x8Eq => (Sse::Pcmpeqw, Either),
        I32x4Eq => (Sse::Pcmpeqd, Either),
        I64x2Eq => (Sse::Pcmpeqq, Either),
        I8x16GtS => (Sse::Pcmpgtb, First),
        I16x8GtS => (Sse::Pcmpgtw, First),
        I32x4GtS => (Sse::Pcmpgtd, First),
        I8x16LtS => (Sse::Pcmpgtb, Second),
        I16x8LtS => (Sse::Pcmpgtw, Second),
        I32x4LtS => (Sse::Pcmpgtd, Second),
        _ => return None,
    })
}

fn other_pair(op: &Operator<'_>) -> Option<(Sse, Order)> {
    use Operator::*;
    Some(match op {
        I8x16NarrowI16x8S => (Sse::Packsswb, First),
        I8x16NarrowI16x8U => (Sse::Packuswb, First),
        I16x8NarrowI32x4S => (Sse::Packssdw, First),
        I16x8NarrowI32x4U => (Sse::Packusdw, First),
        V128And => (Sse::Pand, Either),
        V128Or => (Sse::Por, Either),
        V128Xor => (Sse::Pxor, Either),
        // The first operand is inverted.
        V128AndNot => (Sse::Pandn, Second),
        F32x4Add => (Sse::Addps, Either),
        F64x2Add => (Sse::Addpd, Either),
        F32x4Sub => (Sse::Subps, First),
        F64x2Sub => (Sse::Subpd, First),
        F32x4Mul => (Sse::Mulps, Either),
        F64x2Mul => (Sse::Mulpd, Either),
        F32x4Div => (Sse::Divps, First),
        F64x2Div => (Sse::Divpd, First),
        // `first < second ? first : second`
        F32x4PMin | F32x4RelaxedMin => (Sse::Minps, Second),
        F64x2PMin | F64x2RelaxedMin => (Sse::Minpd, Second),
        F32x4PMax | F32x4RelaxedMax => (Sse::Maxps, Second),
        F64x2PMax | F64x2RelaxedMax => (Sse::Maxpd, Second),
        _ => return None,
    })
}

/// What the instruction compares for.
const EQUAL: u8 = 0;
const LESS: u8 = 1;
const LESS_OR_EQUAL: u8 = 2;
const NOT_EQUAL: u8 = 4;

fn float_comparison(op: &Operator<'_>) -> Option<(Sse, u8, Order)> {
    use Operator::*;
    use Sse::{Cmppd, Cmpps};
    Some(match op {
        F32x4Eq => (Cmpps, EQUAL, Either),
        F64x2Eq => (Cmppd, EQUAL, Either),
        F32x4Ne => (Cmpps, NOT_EQUAL, Either),
        F64x2Ne => (Cmppd, NOT_EQUAL, Either),
        F32x4Lt => (Cmpps, LESS, First),
        F64x2Lt => (Cmppd, LESS, First),
        F32x4Gt => (Cmpps, LESS, Second),
        F64x2Gt => (Cmppd, LESS, Second),
        F32x4Le => (Cmpps, LESS_OR_EQUAL, First),
        F64x2Le => (Cmppd, LESS_OR_EQUAL, First),
        F32x4Ge => (Cmpps, LESS_OR_EQUAL, Second),
        F64x2Ge => (Cmppd, LESS_OR_EQUAL, Second),
        _ => return None,
    })
}

/// Instructions on one vector, with the constant of those that have one.
fn single(op: &Operator<'_>) -> Option<(Sse, Option<u8>)> {
    use Operator::*;
    Some(match op {
        I8x16Abs => (Sse::Pabsb, None),
        I16x8Abs => (Sse::Pabsw, None),
        I32x4Abs => (Sse::Pabsd, None),
        I16x8ExtendLowI8x16S => (Sse::Pmovsxbw, None),
        I32x4ExtendLowI16x8S => (Sse::Pmovsxwd, None),
        I64x2ExtendLowI32x4S => (Sse::Pmovsxdq, None),
        I16x8ExtendLowI8x16U => (Sse::Pmovzxbw, None),
        I32x4ExtendLowI16x8U => (Sse::Pmovzxwd, None),
        I64x2ExtendLowI32x4U => (Sse::Pmovzxdq, None),
        F32x4Sqrt => (Sse::Sqrtps, None),
        F64x2Sqrt => (Sse::Sqrtpd, None),
        F32x4Nearest => (Sse::Roundps, Some(NEAREST)),
        F64x2Nearest => (Sse::Roundpd, Some(NEAREST)),
        F32x4Floor => (Sse::Roundps, Some(FLOOR)),
        F64x2Floor => (Sse::Roundpd, Some(FLOOR)),
        F32x4Ceil => (Sse::Roundps, Some(CEIL)),
        F64x2Ceil => (Sse::Roundpd, Some(CEIL)),
        F32x4Trunc => (Sse::Roundps, Some(TRUNC)),
        F64x2Trunc => (Sse::Roundpd, Some(TRUNC)),
        F32x4ConvertI32x4S => (Sse::Cvtdq2ps, None),
        F64x2ConvertLowI32x4S => (Sse::Cvtdq2pd, None),
        F32x4DemoteF64x2Zero => (Sse::Cvtpd2ps, None),
        F64x2PromoteLowF32x4 => (Sse::Cvtps2pd, None),
        I32x4RelaxedTruncF32x4S => (Sse::Cvttps2dq, None),
        I32x4RelaxedTruncF64x2SZero => (Sse::Cvttpd2dq, None),
        _ => return None,
    })
}
