//! The host's side of a run: arguments, results as far as they can be compared, and functions to import.

use super::c_api::*;
use super::handles::*;
use super::random::Random;
use super::shape::Signature;
use std::ffi::c_void;
use std::ptr;

/// An argument. Above an i32 there is something else.
pub fn argument(kind: u8, random: &mut Random) -> wasmrt_val_t {
    let edges = [0, 1, 2, 7, 8, 63, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX, 4096];
    let wide = |random: &mut Random| random.next() << 8 ^ random.next();
    let mut word = || match random.below(3) {
        0 => edges[random.below(edges.len())],
        1 => random.below(70_000) as u64,
        _ => wide(random),
    };
    let bits = match kind {
        WASM_FUNCREF | WASM_EXTERNREF => [0, 0],
        WASM_I32 | WASM_F32 => [word() & 0xffff_ffff | word() << 32, 0],
        _ => [word(), word()],
    };
    wasmrt_val_t { kind, of: bits }
}

/// A value as far as it can be compared; a reference that is owned is deleted.
pub fn seen(value: &wasmrt_val_t) -> [u64; 2] {
    match value.kind {
        WASM_I32 | WASM_F32 => [value.of[0] & 0xffff_ffff, 0],
        WASMRT_V128 => value.of,
        WASM_FUNCREF | WASM_EXTERNREF => {
            let reference = value.of[0] as *mut wasm_ref_t;
            // SAFETY: the reference is ours.
            drop(Owned::new(reference, api().wasm_ref_delete));
            [u64::from(!reference.is_null()), 0]
        }
        _ => [value.of[0], 0],
    }
}

/// The results of a host function, which depend on its arguments and on nothing else.
pub fn mixed(args: impl Iterator<Item = (u8, [u64; 2])>, results: &[u8]) -> Vec<[u64; 2]> {
    let step = |all: u64, (kind, bits)| all.wrapping_mul(31).wrapping_add(number(kind, bits));
    let sum = args.fold(7, step);
    let result = |(kind, n): (&u8, u64)| {
        let word = sum.wrapping_mul(n);
        match *kind {
            WASM_FUNCREF | WASM_EXTERNREF => [0, 0],
            // No NaN with a payload.
            WASM_F32 => [u64::from((word as u32 as f32).to_bits()) | !0 << 32, 0],
            WASM_F64 => [(word as f64).to_bits(), 0],
            WASM_I32 => [word & 0xffff_ffff | !0 << 32, 0],
            _ => [word, word],
        }
    };
    results.iter().zip(1..).map(result).collect()
}

/// What an argument counts.
fn number(kind: u8, bits: [u64; 2]) -> u64 {
    match kind {
        _ if is_nan(kind, bits) => 0x7ff8,
        WASM_I32 | WASM_F32 => bits[0] & 0xffff_ffff,
        WASM_FUNCREF | WASM_EXTERNREF => u64::from(bits[0] != 0),
        _ => bits[0],
    }
}

/// Which bits a NaN has is not determined, unless the module sees to it.
pub fn is_nan(kind: u8, bits: [u64; 2]) -> bool {
    match kind {
        WASM_F32 => f32::from_bits(bits[0] as u32).is_nan(),
        WASM_F64 => f64::from_bits(bits[0]).is_nan(),
        _ => false,
    }
}

/// A function to import.
pub fn host_function(store: &Store, ty: &Signature) -> Func {
    extern "C" fn mix(
        _: *mut c_void,
        args: *const wasmrt_val_t,
        n_args: usize,
        results: *mut wasmrt_val_t,
        n_results: usize,
    ) -> *mut wasm_trap_t {
        // SAFETY: the library gives arrays of these lengths.
        let (args, results) = unsafe {
            (
                if n_args == 0 { &[] } else { std::slice::from_raw_parts(args, n_args) },
                if n_results == 0 {
                    &mut []
                } else {
                    std::slice::from_raw_parts_mut(results, n_results)
                },
            )
        };
        let kinds: Vec<u8> = results.iter().map(|value| value.kind).collect();
        let bits = mixed(args.iter().map(|value| (value.kind, value.of)), &kinds);
        results.iter_mut().zip(bits).for_each(|(value, bits)| value.of = bits);
        ptr::null_mut()
    }
    let new = api().wasmrt_func_new.expect("functions of any type");
    // SAFETY: the vectors own what goes into them, the type owns them; the function copies it.
    unsafe {
        let vector = |kinds: &[u8]| {
            let types: Vec<_> = kinds.iter().map(|kind| (api().wasm_valtype_new)(*kind)).collect();
            let mut vector = Vector::EMPTY;
            (api().wasm_valtype_vec_new)(&mut vector, types.len(), types.as_ptr());
            vector
        };
        let (mut params, mut results) = (vector(&ty.params), vector(&ty.results));
        let ty = (api().wasm_functype_new)(&mut params, &mut results);
        let ty = Owned::new(ty, api().wasm_functype_delete).expect("a type");
        let func = new(store.get(), ty.get(), mix, ptr::null_mut(), None);
        Owned::new(func, api().wasm_func_delete).expect("a function")
    }
}
