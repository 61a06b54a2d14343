//! Values of a script against values of the C functions.
//!
//! A `v128` crosses the boundary as two `i64`, low half first; all else is one `wasm_val_t`. Results are matched by
//! bits, except where the script names a set of NaNs or several allowed values.

use super::c_api::*;
use super::handles::{Owned, Ref};
use std::cell::RefCell;
use std::collections::HashMap;
use wast::core::{NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};

/// What crosses the boundary for one WebAssembly type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
    Extern,
}

impl Shape {
    /// The kinds of the `wasm_val_t`s that carry one value.
    pub fn kinds(self) -> &'static [u8] {
        match self {
            Shape::I32 => &[WASM_I32],
            Shape::I64 => &[WASM_I64],
            Shape::F32 => &[WASM_F32],
            Shape::F64 => &[WASM_F64],
            Shape::V128 => &[WASM_I64, WASM_I64],
            Shape::Func => &[WASM_FUNCREF],
            Shape::Extern => &[WASM_EXTERNREF],
        }
    }
}

pub const NULL_VALUE: wasm_val_t =
    wasm_val_t { kind: WASM_EXTERNREF, of: wasm_val_union { reference: std::ptr::null_mut() } };

/// A result, taken out of its `wasm_val_t`s.
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128([u8; 16]),
    Ref(Option<Ref>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::I32(value) => write!(out, "i32 {value}"),
            Value::I64(value) => write!(out, "i64 {value}"),
            Value::F32(bits) => write!(out, "f32 {bits:#010x}"),
            Value::F64(bits) => write!(out, "f64 {bits:#018x}"),
            Value::V128(bytes) => write!(out, "v128 {bytes:02x?}"),
            Value::Ref(None) => write!(out, "null"),
            Value::Ref(Some(_)) => write!(out, "a reference"),
        }
    }
}

/// The objects behind `ref.extern N`: a foreign object for each number.
#[derive(Default)]
pub struct HostObjects {
    objects: RefCell<HashMap<u32, Ref>>,
}

impl HostObjects {
    pub fn object(&self, store: *mut wasm_store_t, number: u32) -> Option<*mut wasm_ref_t> {
        let mut objects = self.objects.borrow_mut();
        if let std::collections::hash_map::Entry::Vacant(entry) = objects.entry(number) {
            // SAFETY: the store is alive; the cast is a view of the handle, which it takes over.
            let object = unsafe { (api().wasm_foreign_as_ref)((api().wasm_foreign_new)(store)) };
            entry.insert(Owned::new(object, api().wasm_ref_delete)?);
        }
        objects.get(&number).map(Ref::get)
    }

    fn is(&self, number: u32, reference: &Ref) -> bool {
        let objects = self.objects.borrow();
        // SAFETY: both objects are alive.
        objects
            .get(&number)
            .is_some_and(|object| unsafe { (api().wasm_ref_same)(object.get(), reference.get()) })
    }
}

/// Appends the `wasm_val_t`s of one argument. References among them are borrowed.
pub fn push_argument(
    arg: &WastArgCore<'_>,
    shape: Shape,
    host: impl Fn(u32) -> Option<*mut wasm_ref_t>,
    out: &mut Vec<wasm_val_t>,
) -> Result<(), String> {
    let mut push = |kind, of| out.push(wasm_val_t { kind, of });
    match (arg, shape) {
        (WastArgCore::I32(value), Shape::I32) => push(WASM_I32, wasm_val_union { i32: *value }),
        (WastArgCore::I64(value), Shape::I64) => push(WASM_I64, wasm_val_union { i64: *value }),
        (WastArgCore::F32(value), Shape::F32) => {
            push(WASM_F32, wasm_val_union { f32_bits: value.bits })
        }
        (WastArgCore::F64(value), Shape::F64) => {
            push(WASM_F64, wasm_val_union { f64_bits: value.bits })
        }
        (WastArgCore::V128(value), Shape::V128) => {
            let bits = u128::from_le_bytes(value.to_le_bytes());
            push(WASM_I64, wasm_val_union { i64: bits as i64 });
            push(WASM_I64, wasm_val_union { i64: (bits >> 64) as i64 });
        }
        (WastArgCore::RefNull(_), Shape::Func | Shape::Extern) => {
            push(shape.kinds()[0], wasm_val_union { reference: std::ptr::null_mut() });
        }
        (WastArgCore::RefExtern(number), Shape::Extern) => {
            let reference = host(*number).ok_or("the library made no host object")?;
            push(WASM_EXTERNREF, wasm_val_union { reference });
        }
        _ => return Err(format!("{arg:?} does not fit a parameter of type {shape:?}")),
    }
    Ok(())
}

/// Takes one result of the given shape from the front of `values`.
pub fn take_result(values: &[wasm_val_t], shape: Shape) -> Result<Value, String> {
    for (value, &kind) in values.iter().zip(shape.kinds()) {
        if value.kind != kind {
            return Err(format!("a result has kind {} where {kind} was due", value.kind));
        }
    }
    // SAFETY: the kinds were just checked, so the union holds the member that is read.
    unsafe {
        Ok(match shape {
            Shape::I32 => Value::I32(values[0].of.i32),
            Shape::I64 => Value::I64(values[0].of.i64),
            Shape::F32 => Value::F32(values[0].of.f32_bits),
            Shape::F64 => Value::F64(values[0].of.f64_bits),
            Shape::V128 => {
                let (low, high) = (values[0].of.i64 as u64, values[1].of.i64 as u64);
                Value::V128((u128::from(high) << 64 | u128::from(low)).to_le_bytes())
            }
            Shape::Func | Shape::Extern => {
                Value::Ref(Owned::new(values[0].of.reference, api().wasm_ref_delete))
            }
        })
    }
}

pub fn matches(expected: &WastRetCore<'_>, actual: &Value, host: &HostObjects) -> bool {
    match (expected, actual) {
        (WastRetCore::I32(value), Value::I32(actual)) => value == actual,
        (WastRetCore::I64(value), Value::I64(actual)) => value == actual,
        (WastRetCore::F32(pattern), Value::F32(bits)) => matches_f32(pattern, *bits),
        (WastRetCore::F64(pattern), Value::F64(bits)) => matches_f64(pattern, *bits),
        (WastRetCore::V128(pattern), Value::V128(bytes)) => matches_v128(pattern, bytes),
        (WastRetCore::RefNull(_), Value::Ref(reference)) => reference.is_none(),
        (WastRetCore::RefExtern(Some(number)), Value::Ref(Some(reference))) => {
            host.is(*number, reference)
        }
        (WastRetCore::RefExtern(None) | WastRetCore::RefFunc(_), Value::Ref(reference)) => {
            reference.is_some()
        }
        (WastRetCore::Either(cases), actual) => {
            cases.iter().any(|case| matches(case, actual, host))
        }
        _ => false,
    }
}

fn matches_f32(pattern: &NanPattern<F32>, bits: u32) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(value) => value.bits == bits,
    }
}

fn matches_f64(pattern: &NanPattern<F64>, bits: u64) -> bool {
    const QUIET: u64 = 0x7ff8_0000_0000_0000;
    match pattern {
        NanPattern::CanonicalNan => bits & (u64::MAX >> 1) == QUIET,
        NanPattern::ArithmeticNan => bits & QUIET == QUIET,
        NanPattern::Value(value) => value.bits == bits,
    }
}

fn matches_v128(pattern: &V128Pattern, bytes: &[u8; 16]) -> bool {
    fn lanes<const N: usize>(bytes: &[u8; 16]) -> impl Iterator<Item = [u8; N]> + '_ {
        bytes.chunks_exact(N).map(|lane| std::array::from_fn(|i| lane[i]))
    }
    match pattern {
        V128Pattern::I8x16(lane) => lane.iter().copied().eq(lanes(bytes).map(i8::from_le_bytes)),
        V128Pattern::I16x8(lane) => lane.iter().copied().eq(lanes(bytes).map(i16::from_le_bytes)),
        V128Pattern::I32x4(lane) => lane.iter().copied().eq(lanes(bytes).map(i32::from_le_bytes)),
        V128Pattern::I64x2(lane) => lane.iter().copied().eq(lanes(bytes).map(i64::from_le_bytes)),
        V128Pattern::F32x4(lane) => lane
            .iter()
            .zip(lanes(bytes))
            .all(|(pattern, bits)| matches_f32(pattern, u32::from_le_bytes(bits))),
        V128Pattern::F64x2(lane) => lane
            .iter()
            .zip(lanes(bytes))
            .all(|(pattern, bits)| matches_f64(pattern, u64::from_le_bytes(bits))),
    }
}
