//! Values of a script against values of the C functions.
//!
//! With `wasm.h` a `v128` crosses the boundary as two `i64`, low half first; with `wasmrt.h` as itself; all else is
//! one C value. Results are compared bit by bit, except where the script names a set of NaNs or several allowed
//! values.

use super::c_api::*;
use super::handles::{Owned, Ref, Trap, call_func};
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

/// A value of C, of either size. 32-bit values have nothing above, references are addresses.
#[derive(Clone, Copy)]
pub struct Carried {
    pub kind: u8,
    pub bits: u128,
}

impl Carried {
    pub const NULL: Carried = Carried { kind: WASM_EXTERNREF, bits: 0 };

    pub fn narrow(self) -> wasm_val_t {
        wasm_val_t { kind: self.kind, of: wasm_val_union { f64_bits: self.bits as u64 } }
    }

    pub fn wide(self) -> wasmrt_val_t {
        wasmrt_val_t { kind: self.kind, of: [self.bits as u64, (self.bits >> 64) as u64] }
    }

    /// From a value that was made by [`Carried::narrow`], whatever the library wrote into it.
    pub fn from_narrow(value: &wasm_val_t) -> Carried {
        // SAFETY: all eight bytes have been written.
        Carried { kind: value.kind, bits: unsafe { value.of.f64_bits }.into() }
    }

    pub fn from_wide(value: &wasmrt_val_t) -> Carried {
        let [low, high] = value.of;
        Carried { kind: value.kind, bits: u128::from(high) << 64 | u128::from(low) }
    }
}

impl Shape {
    /// The kinds of the values of C that carry one value.
    pub fn kinds(self, carrier: Carrier) -> &'static [u8] {
        match self {
            Shape::I32 => &[WASM_I32],
            Shape::I64 => &[WASM_I64],
            Shape::F32 => &[WASM_F32],
            Shape::F64 => &[WASM_F64],
            Shape::V128 if carrier == Carrier::Wide => &[WASMRT_V128],
            Shape::V128 => &[WASM_I64, WASM_I64],
            Shape::Func => &[WASM_FUNCREF],
            Shape::Extern => &[WASM_EXTERNREF],
        }
    }
}

/// A result, taken out of its values of C.
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

/// Appends the values of C of one argument. References among them are borrowed.
pub fn push_argument(
    arg: &WastArgCore<'_>,
    shape: Shape,
    carrier: Carrier,
    host: impl Fn(u32) -> Option<*mut wasm_ref_t>,
    out: &mut Vec<Carried>,
) -> Result<(), String> {
    let bits = match (arg, shape) {
        (WastArgCore::I32(value), Shape::I32) => (*value as u32).into(),
        (WastArgCore::I64(value), Shape::I64) => (*value as u64).into(),
        (WastArgCore::F32(value), Shape::F32) => value.bits.into(),
        (WastArgCore::F64(value), Shape::F64) => value.bits.into(),
        (WastArgCore::V128(value), Shape::V128) => u128::from_le_bytes(value.to_le_bytes()),
        (WastArgCore::RefNull(_), Shape::Func | Shape::Extern) => 0,
        (WastArgCore::RefExtern(number), Shape::Extern) => {
            let reference = host(*number).ok_or("the library made no host object")?;
            reference as usize as u128
        }
        _ => return Err(format!("{arg:?} does not fit a parameter of type {shape:?}")),
    };
    match shape.kinds(carrier) {
        [kind] => out.push(Carried { kind: *kind, bits }),
        kinds => {
            let halves = [u128::from(bits as u64), bits >> 64];
            out.extend(kinds.iter().zip(halves).map(|(&kind, bits)| Carried { kind, bits }));
        }
    }
    Ok(())
}

/// Calls by `wasm.h`; the trap, or the results overwritten.
pub fn call_narrow(
    function: *mut wasm_func_t,
    arguments: &[Carried],
    results: &mut [Carried],
) -> Option<Trap> {
    let arguments: Vec<_> = arguments.iter().map(|value| value.narrow()).collect();
    let mut written: Vec<_> = results.iter().map(|value| value.narrow()).collect();
    let trap = call_func(function, &arguments, &mut written);
    let read = results.iter_mut().zip(&written);
    read.for_each(|(result, value)| *result = Carried::from_narrow(value));
    trap
}

/// Calls by `wasmrt.h`.
pub fn call_wide(
    function: *mut wasm_func_t,
    arguments: &[Carried],
    results: &mut [Carried],
) -> Result<Option<Trap>, String> {
    let call = api().wasmrt_func_call.ok_or("the library has no wasmrt_func_call")?;
    let arguments: Vec<_> = arguments.iter().map(|value| value.wide()).collect();
    let mut written: Vec<_> = results.iter().map(|value| value.wide()).collect();
    let (args, out) = (arguments.as_ptr(), written.as_mut_ptr());
    // SAFETY: the function is alive; both arrays are valid for the call, which keeps neither.
    let trap = unsafe { call(function, args, arguments.len(), out, written.len()) };
    let read = results.iter_mut().zip(&written);
    read.for_each(|(result, value)| *result = Carried::from_wide(value));
    Ok(Owned::new(trap, api().wasm_trap_delete))
}

/// The value of a global.
pub fn read_global(global: *mut wasm_global_t, carrier: Carrier) -> Result<Carried, String> {
    // SAFETY: the global is alive, the value may be written.
    unsafe {
        if carrier == Carrier::Narrow {
            let mut value = Carried::NULL.narrow();
            (api().wasm_global_get)(global, &mut value);
            return Ok(Carried::from_narrow(&value));
        }
        let get = api().wasmrt_global_get.ok_or("the library has no wasmrt_global_get")?;
        let mut value = Carried::NULL.wide();
        get(global, &mut value);
        Ok(Carried::from_wide(&value))
    }
}

/// Takes one result of the given shape from the front of `values`.
pub fn take_result(values: &[Carried], shape: Shape, carrier: Carrier) -> Result<Value, String> {
    let kinds = shape.kinds(carrier);
    for (value, &kind) in values.iter().zip(kinds) {
        if value.kind != kind {
            return Err(format!("a result has kind {} where {kind} was due", value.kind));
        }
    }
    let bits = values[0].bits;
    Ok(match shape {
        Shape::I32 => Value::I32(bits as i32),
        Shape::I64 => Value::I64(bits as i64),
        Shape::F32 => Value::F32(bits as u32),
        Shape::F64 => Value::F64(bits as u64),
        Shape::V128 if kinds.len() == 2 => {
            let low = u128::from(bits as u64);
            Value::V128((values[1].bits << 64 | low).to_le_bytes())
        }
        Shape::V128 => Value::V128(bits.to_le_bytes()),
        Shape::Func | Shape::Extern => {
            let reference = bits as usize as *mut wasm_ref_t;
            Value::Ref(Owned::new(reference, api().wasm_ref_delete))
        }
    })
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
