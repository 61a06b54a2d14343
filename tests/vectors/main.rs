//! Vector and atomic accesses at the end of a memory, in every mode.
//!
//! A vector instruction that fills its lanes from fewer bytes reads exactly those bytes, also when the code generator
//! merges the load into the instruction that uses it: an access that ends with the memory succeeds, one byte further it
//! traps. Atomic accesses check alignment first, then bounds, then whether the memory may be waited on.

#[path = "../support/mod.rs"]
mod support;

use support::{c_api::*, handles::*, modes};

const LENGTH: i32 = 0x10000;

/// Expressions of a vector that read at `local 0`, and how many bytes they need there.
const LOADS: &[(&str, i32)] = &[
    ("(v128.load8_splat (local.get 0))", 1),
    ("(v128.load16_splat (local.get 0))", 2),
    ("(v128.load32_splat (local.get 0))", 4),
    ("(v128.load64_splat (local.get 0))", 8),
    ("(i8x16.splat (i32.load8_u (local.get 0)))", 1),
    ("(i16x8.splat (i32.load16_s (local.get 0)))", 2),
    ("(i32x4.splat (i32.load (local.get 0)))", 4),
    ("(i64x2.splat (i64.load (local.get 0)))", 8),
    ("(f32x4.splat (f32.load (local.get 0)))", 4),
    ("(f64x2.splat (f64.load (local.get 0)))", 8),
    ("(v128.load32_zero (local.get 0))", 4),
    ("(v128.load64_zero (local.get 0))", 8),
    ("(v128.load8x8_s (local.get 0))", 8),
    ("(v128.load8x8_u (local.get 0))", 8),
    ("(v128.load16x4_s (local.get 0))", 8),
    ("(v128.load16x4_u (local.get 0))", 8),
    ("(v128.load32x2_s (local.get 0))", 8),
    ("(v128.load32x2_u (local.get 0))", 8),
    ("(i16x8.extend_low_i8x16_s (v128.load64_zero (local.get 0)))", 8),
    ("(f64x2.convert_low_i32x4_s (v128.load64_zero (local.get 0)))", 8),
    ("(f64x2.convert_low_i32x4_u (v128.load64_zero (local.get 0)))", 8),
    ("(f64x2.promote_low_f32x4 (v128.load64_zero (local.get 0)))", 8),
    ("(f32x4.add (v128.load32_zero (local.get 0)) (global.get $v))", 4),
    ("(v128.load8_lane 15 (local.get 0) (global.get $v))", 1),
    ("(v128.load16_lane 7 (local.get 0) (global.get $v))", 2),
    ("(v128.load32_lane 3 (local.get 0) (global.get $v))", 4),
    ("(v128.load64_lane 1 (local.get 0) (global.get $v))", 8),
    ("(i8x16.replace_lane 1 (global.get $v) (i32.load8_u (local.get 0)))", 1),
    ("(i32x4.replace_lane 1 (global.get $v) (i32.load (local.get 0)))", 4),
    ("(f32x4.replace_lane 0 (global.get $v) (f32.load (local.get 0)))", 4),
    ("(f32x4.replace_lane 1 (global.get $v) (f32.load (local.get 0)))", 4),
    ("(f64x2.replace_lane 0 (global.get $v) (f64.load (local.get 0)))", 8),
    ("(f64x2.replace_lane 1 (global.get $v) (f64.load (local.get 0)))", 8),
    ("(v128.load (local.get 0))", 16),
    ("(f32x4.mul (v128.load (local.get 0)) (global.get $v))", 16),
];

/// Instructions that write at `local 0`.
const STORES: &[(&str, i32)] = &[
    ("(v128.store8_lane 3 (local.get 0) (global.get $v))", 1),
    ("(v128.store16_lane 3 (local.get 0) (global.get $v))", 2),
    ("(v128.store32_lane 0 (local.get 0) (global.get $v))", 4),
    ("(v128.store32_lane 3 (local.get 0) (global.get $v))", 4),
    ("(v128.store64_lane 0 (local.get 0) (global.get $v))", 8),
    ("(v128.store64_lane 1 (local.get 0) (global.get $v))", 8),
    ("(v128.store (local.get 0) (global.get $v))", 16),
];

const BOUNDS: &str = "out of bounds memory access";
const ALIGNMENT: &str = "unaligned atomic";
const UNSHARED: &str = "expected shared memory";
const FINE: &str = "";

/// Atomic instructions, an address, and how they end there.
const ATOMICS: &[(&str, i32, &str)] = &[
    ("(drop (i32.atomic.load (local.get 0)))", LENGTH - 4, FINE),
    ("(drop (i32.atomic.load (local.get 0)))", LENGTH, BOUNDS),
    ("(drop (i32.atomic.load (local.get 0)))", LENGTH + 1, ALIGNMENT),
    ("(drop (i32.atomic.load offset=2 (local.get 0)))", LENGTH - 6, FINE),
    ("(drop (i32.atomic.load offset=2 (local.get 0)))", LENGTH - 2, BOUNDS),
    ("(drop (i32.atomic.load offset=2 (local.get 0)))", 0, ALIGNMENT),
    ("(drop (i64.atomic.rmw16.add_u (local.get 0) (i64.const 1)))", LENGTH - 2, FINE),
    ("(drop (i64.atomic.rmw16.add_u (local.get 0) (i64.const 1)))", LENGTH - 1, ALIGNMENT),
    ("(drop (i64.atomic.rmw16.add_u (local.get 0) (i64.const 1)))", LENGTH, BOUNDS),
    ("(i64.atomic.store (local.get 0) (i64.const 1))", -8, BOUNDS),
    ("(i64.atomic.store (local.get 0) (i64.const 1))", -7, ALIGNMENT),
    ("(drop (memory.atomic.notify (local.get 0) (i32.const 1)))", LENGTH - 4, FINE),
    ("(drop (memory.atomic.notify (local.get 0) (i32.const 1)))", LENGTH, BOUNDS),
    ("(drop (memory.atomic.notify (local.get 0) (i32.const 1)))", 2, ALIGNMENT),
    ("(drop (memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const 0)))", 0, UNSHARED),
    ("(drop (memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const 0)))", LENGTH, BOUNDS),
    ("(drop (memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const 0)))", 2, ALIGNMENT),
    ("(drop (memory.atomic.wait64 (local.get 0) (i64.const 0) (i64.const 0)))", 0, UNSHARED),
    ("(drop (memory.atomic.wait64 (local.get 0) (i64.const 0) (i64.const 0)))", 4, ALIGNMENT),
];

/// Every instruction with an address and the message of its trap, if any.
fn cases() -> Vec<(String, i32, &'static str)> {
    let mut cases = Vec::new();
    let loads = LOADS.iter().map(|(load, width)| (format!("(global.set $sink {load})"), *width));
    let stores = STORES.iter().map(|(store, width)| (store.to_string(), *width));
    for (body, width) in loads.chain(stores) {
        cases.push((body.clone(), LENGTH - width, FINE));
        cases.push((body.clone(), LENGTH - width + 1, BOUNDS));
        cases.push((body, -1, BOUNDS));
    }
    cases.extend(ATOMICS.iter().map(|&(body, at, end)| (body.to_string(), at, end)));
    cases
}

fn module(cases: &[(String, i32, &str)]) -> Vec<u8> {
    let function = |(i, case): (usize, &(String, i32, &str))| {
        format!("(func (export \"{i}\") (param i32) {})\n", case.0)
    };
    let functions: String = cases.iter().enumerate().map(function).collect();
    let text = format!(
        "(module (memory 1 1)
            (global $v (mut v128) (v128.const i32x4 1 2 3 4))
            (global $sink (mut v128) (v128.const i64x2 0 0))
            {functions})"
    );
    wat::parse_str(text).unwrap()
}

/// Calls a function of one `i32` and no result; the message of its trap, if any.
fn call(function: *const wasm_func_t, argument: i32) -> String {
    let arguments = [wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: argument } }];
    let trap = call_func(function, &arguments, &mut []);
    trap.map(|trap| trap_message(&trap)).unwrap_or_default()
}

#[test]
fn accesses_at_the_end_of_a_memory_are_as_wide_as_they_say() {
    let cases = cases();
    let bytes = module(&cases);
    let modes = if is_foreign() { &modes::MODES[..1] } else { modes::MODES };
    for mode in modes {
        let engine = mode.new_engine().unwrap();
        let store = mode.new_store(&engine).unwrap();
        let module = new_module(&store, &bytes).unwrap();
        let instance = new_instance(&store, &module, &[]).unwrap();
        let exports = instance_exports(&instance);
        for (&export, (body, at, expected)) in exports.items().iter().zip(&cases) {
            // SAFETY: the export is alive, and a function.
            let function = unsafe { (api().wasm_extern_as_func)(export) };
            let message = call(function, *at);
            let what = format!("{}: {body} at {at:#x}", mode.name);
            assert_eq!(message.is_empty(), expected.is_empty(), "{what}: {message}");
            assert!(message.contains(expected), "{what}: {message}");
        }
    }
}
