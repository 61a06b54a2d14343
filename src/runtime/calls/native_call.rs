//! Calls of C functions of a type's own prototype, `R f(void* env, wasm_trap_t** trap, P...)`, with arrays of values.
//!
//! Usually a stub does that, which only moves registers. In stores that are sampled the runtime calls host functions, so that
//! it can ask for the time before and after them. The calling convention (System V for x86-64) assigns registers to integers and
//! floating-point numbers independently, and lets callers pass more than callees take. So one prototype with all
//! registers serves all types with few arguments on the stack.

use crate::abi::signature::{ParamPlace, is_native, native_params};
use crate::abi::value::{RawVal, Value};
use crate::types::{FuncType, ValType};
use std::ffi::c_void;
use std::mem::transmute;
use std::ptr;

/// Words on the stack.
const STACK: usize = 8;

/// A structure that is passed on the stack, because it is large.
#[repr(C)]
struct Words([u64; STACK]);

type Code<R> = unsafe extern "C" fn(
    *mut c_void,
    *mut *mut (),
    u64,
    u64,
    u64,
    u64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
    Words,
) -> R;

/// Whether functions of this type can be called so.
pub fn can_call(ty: &FuncType) -> bool {
    is_native(ty) && native_params(ty).1 as usize <= 8 * STACK
}

/// Calls a C function. Returns the trap, or null and the result.
///
/// # Safety
/// `code` is such a function of the type, for which [`can_call`] holds; the arrays have its arity.
pub unsafe fn call_native(
    code: usize,
    env: *mut c_void,
    ty: &FuncType,
    args: &[RawVal],
    results: &mut [RawVal],
) -> *mut () {
    let (mut ints, mut floats, mut stack) = ([0; 6], [0.0; 8], [0; STACK]);
    for (arg, (_, place)) in args.iter().zip(native_params(ty).0) {
        match place {
            ParamPlace::Int(at) => ints[at as usize] = arg.bits,
            ParamPlace::Float(at) => floats[at as usize] = f64::from_bits(arg.bits),
            ParamPlace::Stack(at) => stack[at as usize / 8] = arg.bits,
        }
    }
    let mut trap = ptr::null_mut();
    let [_, _, i2, i3, i4, i5] = ints;
    let [f0, f1, f2, f3, f4, f5, f6, f7] = floats;
    let (to, stack) = (&raw mut trap, Words(stack));
    let result = ty.results.first();
    // SAFETY: as promised by the caller; what the function does not take is ignored, since the caller removes it. The structure
    // of words lies on the stack like single words.
    let bits = unsafe {
        if result.is_some_and(|ty| ty.is_float_class()) {
            let code = transmute::<usize, Code<f64>>(code);
            code(env, to, i2, i3, i4, i5, f0, f1, f2, f3, f4, f5, f6, f7, stack).to_bits()
        } else {
            let code = transmute::<usize, Code<u64>>(code);
            code(env, to, i2, i3, i4, i5, f0, f1, f2, f3, f4, f5, f6, f7, stack)
        }
    };
    if let (Some(ty), Some(place)) = (result, results.first_mut()) {
        let is_short = matches!(ty, ValType::I32 | ValType::F32);
        place.set(ty.kind(), if is_short { u64::from(bits as u32) } else { bits });
    }
    trap
}
