//! Functions too large to be optimized compute the same as small ones.
//!
//! Each kernel is compiled as it is and once more with thousands of locals, with which the baseline compiler makes its
//! code in every mode; both are called with the same arguments, in every mode.

mod frames;
mod high;
mod low_stack;
#[path = "../support/mod.rs"]
mod support;
mod wide;

use support::{c_api::*, handles::*, modes, skip};

/// Locals that make a function oversized.
const MANY_LOCALS: usize = 4000;

/// Bodies of functions from `$x` to i32; `$a` to `$e` are locals of i32, i64, f32, f64 and v128.
const KERNELS: &[&str] = &[
    // Locals of every type start as zero and keep their values.
    "(local.set $b (i64.add (local.get $b) (i64.extend_i32_s (local.get $x))))
     (local.set $c (f32.add (local.get $c) (f32.convert_i32_s (local.get $x))))
     (local.set $d (f64.sub (local.get $d) (f64.convert_i32_s (local.get $x))))
     (local.set $e (i32x4.add (local.get $e) (i32x4.splat (local.get $x))))
     (i32.add (i32.wrap_i64 (local.get $b)) (i32.add (i32x4.extract_lane 2 (local.get $e))
       (i32.add (i32.trunc_sat_f32_s (local.get $c)) (i32.trunc_sat_f64_s (local.get $d)))))",
    // A loop that carries values.
    "(local.set $a (i32.and (local.get $x) (i32.const 31)))
     (i32.const 1) (i32.const 1)
     (loop $next (param i32 i32) (result i32 i32)
       (local.set $x) (i32.add (local.get $x))
       (local.get $x) (i32.mul (i32.const 3))
       (local.set $a (i32.sub (local.get $a) (i32.const 1)))
       (br_if $next (i32.gt_s (local.get $a) (i32.const 0))))
     (i32.xor)",
    // Branches of a condition that take and leave values, above others.
    "(i32.const 100) (i64.const 200) (local.get $x) (f64.const 2.5)
     (if (param i32 f64) (result f64 i32) (i32.and (local.get $x) (i32.const 1))
       (then (f64.mul (f64.const 2)) (local.set $d) (local.set $a) (local.get $d)
             (i32.add (local.get $a) (i32.const 7)))
       (else (local.set $d) (local.set $a) (f64.add (local.get $d) (f64.const 1))
             (i32.mul (local.get $a) (i32.const 3))))
     (local.set $a) (i32.trunc_sat_f64_s) (i32.add (local.get $a)) (local.set $a)
     (i32.wrap_i64) (i32.add) (i32.add (local.get $a))",
    // The same without an else branch.
    "(i32.const 5) (local.get $x)
     (if (param i32) (result i32) (i32.and (local.get $x) (i32.const 2))
       (then (i32.add (i32.const 1000))))
     (i32.mul)",
    // A branch table whose targets take values.
    "(block $z (result i32 i32) (block $y (result i32 i32) (block $w (result i32 i32)
       (i32.const 10) (i32.add (local.get $x) (i32.const 1))
       (br_table $w $y $z $y (i32.and (local.get $x) (i32.const 7))))
      (i32.add (i32.const 100)))
     (i32.mul (i32.const 3)))
     (i32.sub)",
    // Values that stay on the stack while others branch, return or are dropped.
    "(local.get $x) (i64.const -1) (v128.const i32x4 1 2 3 4) (f32.const 1.5)
     (block $out (br_if $out (i32.lt_s (local.get $x) (i32.const 0)))
       (if (i32.eqz (local.get $x)) (then (return (i32.const 77))))
       (local.set $a (i32.const 9)))
     (i32.trunc_sat_f32_s) (local.set $x) (i32x4.extract_lane 3)
     (i32.add (local.get $x)) (local.set $x) (i32.wrap_i64) (i32.add (local.get $x))
     (i32.add (local.get $a)) (i32.add)",
    // A call with many arguments and results, with values below it.
    "(local.get $x) (i64.const 3)
     (call $many (local.get $x) (i64.const 2) (f32.const 3) (f64.const 4) (local.get $x)
       (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9) (f64.const 10))
     (i32.add) (i32.add) (i32.add) (i32.add) (i32.add) (i32.add)
     (i32.add) (i32.add) (i32.add) (i32.add)
     (local.set $a) (i32.wrap_i64) (i32.mul (local.get $a)) (i32.sub)",
    // A tail call.
    "(if (i32.gt_s (local.get $x) (i32.const 3))
       (then (return_call $small (i32.sub (local.get $x) (i32.const 1)))))
     (local.get $x)",
    // A trap.
    "(i32.const 1) (i32.const 2) (i32.div_s (i32.const 9) (i32.sub (local.get $x) (i32.const 3)))
     (i32.add) (i32.add) (i32.load (local.get $x)) (i32.add (i32.load (local.get $x)))
     (i32.add)",
    // An indirect call and a table, with values below.
    "(i64.const 1) (local.get $x)
     (call_indirect (type $unary) (local.get $x) (i32.and (local.get $x) (i32.const 3)))
     (i32.add) (local.set $a) (i32.wrap_i64) (i32.add (local.get $a))
     (table.set (i32.const 3) (ref.func $small)) (i32.add (ref.is_null (table.get (i32.const 2))))",
];

const ARGUMENTS: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 30, 100, 65533, -1, -1000, i32::MIN, i32::MAX];

const LOCALS: &str = "(local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $e v128)";

fn module() -> Vec<u8> {
    let mut text = String::from(
        "(module (memory 1) (table 4 funcref) (elem (i32.const 0) $small $small)
           (type $unary (func (param i32) (result i32)))
           (data (i32.const 0) \"abcdefgh\")
           (elem declare func $small)
           (func $small (param i32) (result i32) (i32.mul (local.get 0) (i32.const 17)))
           (func $many (param i32 i64 f32 f64 i32 i32 i32 i32 i32 f64)
             (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
             (local.get 0) (i32.wrap_i64 (local.get 1)) (i32.trunc_sat_f32_s (local.get 2))
             (i32.trunc_sat_f64_s (local.get 3)) (local.get 4) (local.get 5) (local.get 6)
             (local.get 7) (local.get 8) (i32.trunc_sat_f64_s (local.get 9)) (i32.const 11))",
    );
    let many = format!("(local {})", "i32 ".repeat(MANY_LOCALS));
    for kernel in KERNELS {
        for more in ["", &many] {
            let head = "(func (export \"\") (param $x i32) (result i32)".replace("\"\"", "\"F\"");
            let name = text.len().to_string();
            text += &format!("{} {LOCALS} {more} {kernel})", head.replace('F', &name));
        }
    }
    text.push(')');
    wat::parse_str(text).unwrap()
}

/// The result of a call, or the message of its trap.
fn call(function: *const wasm_func_t, argument: i32) -> Result<i32, String> {
    let arguments = [wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: argument } }];
    let mut values = [wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: 0 } }];
    match call_func(function, &arguments, &mut values) {
        Some(trap) => Err(trap_message(&trap)),
        // SAFETY: the function returned an i32.
        None => Ok(unsafe { values[0].of.i32 }),
    }
}

/// Calls the exports of a module, which are pairs of functions that must do the same, in every mode.
fn pairs_agree(
    bytes: &[u8],
    arguments: impl Iterator<Item = i32> + Clone,
    describe: impl Fn(usize) -> String,
) {
    let modes = if is_foreign() { &modes::MODES[..1] } else { modes::MODES };
    for mode in modes {
        let engine = mode.new_engine().unwrap();
        let store = mode.new_store(&engine).unwrap();
        let module = new_module(&store, bytes).unwrap();
        let instance = new_instance(&store, &module, &[]).unwrap();
        let exports = instance_exports(&instance);
        for (i, pair) in exports.items().chunks(2).enumerate() {
            // SAFETY: the exports are alive, and functions.
            let [small, large] =
                [pair[0], pair[1]].map(|e| unsafe { (api().wasm_extern_as_func)(e) });
            for argument in arguments.clone() {
                let (expected, found) = (call(small, argument), call(large, argument));
                assert_eq!(expected, found, "{}: {argument} in {}", mode.name, describe(i));
            }
        }
    }
}

#[test]
fn a_function_beside_thousands_of_locals_computes_the_same() {
    pairs_agree(&module(), ARGUMENTS.iter().copied(), |pair| KERNELS[pair].to_string());
}
