//! Relaxed vector instructions, which have several allowed results in corner cases.
//!
//! The choice depends on the features of the machine alone, so it is the same in all code of a process. An
//! instruction of the machine is used where one fits; otherwise the operation gives the result of the
//! specification's deterministic profile (an unfused multiplication and addition where there is no fused one). No
//! library function is ever called.

use super::bitwise;
use super::conversion::{TRUNC_SAT_S, TRUNC_SAT_S_ZERO, TRUNC_SAT_U, TRUNC_SAT_U_ZERO};
use super::float::{PMAX, PMIN};
use super::integer::{ADD_PAIRS_S, dot};
use super::operands::{
    Binary, Claimed, Unary, binary, constant, pop, pop_pair, pop_triple, push, unary,
};
use crate::optimize::error::Translated;
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    use Operator::*;
    match op {
        I8x16RelaxedSwizzle => swizzle(t)?,

        I32x4RelaxedTruncF32x4S => trunc_s(t)?,
        I32x4RelaxedTruncF64x2SZero => trunc_s_zero(t)?,
        I32x4RelaxedTruncF32x4U => unary(t, TRUNC_SAT_U, F32X4)?,
        I32x4RelaxedTruncF64x2UZero => unary(t, TRUNC_SAT_U_ZERO, F64X2)?,

        F32x4RelaxedMadd => multiply_add(t, F32X4)?,
        F64x2RelaxedMadd => multiply_add(t, F64X2)?,
        F32x4RelaxedNmadd => negated_multiply_add(t, F32X4)?,
        F64x2RelaxedNmadd => negated_multiply_add(t, F64X2)?,

        F32x4RelaxedMin => binary(t, PMIN, F32X4)?,
        F64x2RelaxedMin => binary(t, PMIN, F64X2)?,
        F32x4RelaxedMax => binary(t, PMAX, F32X4)?,
        F64x2RelaxedMax => binary(t, PMAX, F64X2)?,

        I8x16RelaxedLaneselect => lane_select(t, I8X16)?,
        I16x8RelaxedLaneselect => lane_select(t, I16X8)?,
        I32x4RelaxedLaneselect => lane_select(t, I32X4)?,
        I64x2RelaxedLaneselect => lane_select(t, I64X2)?,

        I16x8RelaxedQ15mulrS => q15_multiply(t)?,
        I16x8RelaxedDotI8x16I7x16S => dot_bytes(t)?,
        I32x4RelaxedDotI8x16I7x16AddS => dot_bytes_add(t)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Whether code is generated for x86-64, the only target of the `x86_` operations. (The check is for SSSE3, which
/// our minimum includes.)
fn is_x64(t: &FuncTranslator<'_>) -> bool {
    t.isa.has_x86_pshufb_lowering()
}

/// Indices from 16 to 127 may select anything.
fn swizzle(t: &mut FuncTranslator<'_>) -> Translated {
    if t.isa.has_x86_pshufb_lowering() {
        binary(t, |b, x, y| b.ins().x86_pshufb(x, y), I8X16)
    } else {
        binary(t, |b, x, y| b.ins().swizzle(x, y), I8X16)
    }
}

/// NaNs and numbers outside the range of `i32` may give the smallest `i32`.
fn trunc_s(t: &mut FuncTranslator<'_>) -> Translated {
    let native = is_x64(t);
    let make: Unary = if native { |b, x| b.ins().x86_cvtt2dq(I32X4, x) } else { TRUNC_SAT_S };
    unary(t, make, F32X4)
}

fn trunc_s_zero(t: &mut FuncTranslator<'_>) -> Translated {
    const NATIVE: Unary = |b, x| {
        let wide = b.ins().x86_cvtt2dq(I64X2, x);
        let zero = constant(b, [0; 16], I64X2);
        b.ins().snarrow(wide, zero)
    };
    let make = if is_x64(t) { NATIVE } else { TRUNC_SAT_S_ZERO };
    unary(t, make, F64X2)
}

/// `x * y + z`
fn multiply_add(t: &mut FuncTranslator<'_>, ty: Type) -> Translated {
    let (x, y, z) = pop_triple(t, ty)?;
    let result = if t.isa.has_native_fma() {
        t.b.ins().fma(x, y, z)
    } else {
        let product = t.b.ins().fmul(x, y);
        t.b.ins().fadd(product, z)
    };
    push(t, result);
    Ok(())
}

/// `-(x * y) + z`
fn negated_multiply_add(t: &mut FuncTranslator<'_>, ty: Type) -> Translated {
    let (x, y, z) = pop_triple(t, ty)?;
    let result = if t.isa.has_native_fma() {
        let x = t.b.ins().fneg(x);
        t.b.ins().fma(x, y, z)
    } else {
        let product = t.b.ins().fmul(x, y);
        t.b.ins().fsub(z, product)
    };
    push(t, result);
    Ok(())
}

/// A mask lane that is neither all ones nor all zeros may select by its top bit or bit by bit.
fn lane_select(t: &mut FuncTranslator<'_>, ty: Type) -> Translated {
    if !t.isa.has_blendv_lowering(ty) {
        return bitwise::bitselect(t);
    }
    let (if_one, if_zero, mask) = pop_triple(t, ty)?;
    let result = t.b.ins().blendv(mask, if_one, if_zero);
    push(t, result);
    Ok(())
}

/// `-1.0 * -1.0` may overflow.
fn q15_multiply(t: &mut FuncTranslator<'_>) -> Translated {
    if t.isa.has_x86_pmulhrsw_lowering() {
        binary(t, |b, x, y| b.ins().x86_pmulhrsw(x, y), I16X8)
    } else {
        binary(t, |b, x, y| b.ins().sqmul_round_sat(x, y), I16X8)
    }
}

/// Products of bytes, adjacent ones added. Bytes of the second operand with the top bit set may count as unsigned,
/// and the sums may saturate.
fn byte_products(t: &FuncTranslator<'_>) -> Binary {
    if t.isa.has_x86_pmaddubsw_lowering() { |b, x, y| b.ins().x86_pmaddubsw(x, y) } else { dot }
}

fn dot_bytes(t: &mut FuncTranslator<'_>) -> Translated {
    let make = byte_products(t);
    binary(t, make, I8X16)
}

/// The four products of each `i32` lane, added to the third operand.
fn dot_bytes_add(t: &mut FuncTranslator<'_>) -> Translated {
    let sum = pop(t, I32X4)?;
    let (x, y) = pop_pair(t, I8X16)?;
    let pairs = byte_products(t)(&mut t.b, x, y);
    let fours = ADD_PAIRS_S(&mut t.b, pairs);
    let result = t.b.ins().iadd(fours, sum);
    push(t, result);
    Ok(())
}
