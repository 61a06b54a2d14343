//! A function with tens of thousands of checks, calls or constants runs on the usual stack: values that are not live
//! together do not each have a place of their own in its frame.

use super::*;

/// Instructions that are repeated, how often, and the result of the function, whose parameter is 8.
const REPEATED: &[(&str, usize, i32)] = &[
    ("(local.set $x (call $same (local.get $x)))", 180_000, 8),
    ("(i64.store offset=16 (local.get $x) (i64.const 5))", 60_000, 8),
    ("(local.set $a (i32.load offset=16 (local.get $x)))", 60_000, 8),
    ("(drop (i32.atomic.rmw.add (local.get $x) (i32.const 1)))", 60_000, 8),
    ("(memory.fill (local.get $x) (local.get $x) (local.get $x))", 45_000, 8),
    ("(memory.copy (local.get $x) (local.get $a) (local.get $x))", 45_000, 8),
    ("(local.set $x (i32.trunc_f64_s (local.get $d)))", 60_000, 0),
    ("(local.set $a (i32.div_s (local.get $a) (local.get $x)))", 60_000, 8),
    ("(local.set $x (call_indirect (type $unary) (local.get $x) (local.get $a)))", 45_000, 8),
    ("(local.set $q (table.get (local.get $a)))", 45_000, 8),
    ("(block (try_table (catch_all 0) (call $nothing)))", 30_000, 8),
    ("try call $nothing catch_all local.get $a local.set $x end", 30_000, 8),
];

fn repeated(body: &str, count: usize) -> Vec<u8> {
    let text = format!(
        "(module (memory 1) (table 8 funcref) (elem (i32.const 0) $same)
           (type $unary (func (param i32) (result i32)))
           (func $same (type $unary) (local.get 0))
           (func $nothing)
           (func (export \"run\") (param $x i32) (result i32)
             (local $a i32) (local $d f64) (local $q funcref)
             {} (local.get $x)))",
        format!("{body}\n").repeat(count)
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn a_function_with_tens_of_thousands_of_checks_runs_on_the_usual_stack() {
    // Explicit bounds and traps by calls, so that accesses are checked by code, and everything optimized at once.
    let mode = modes::MODES.iter().find(|mode| mode.name == "masks_explicit");
    let mode = if is_foreign() { &modes::MODES[0] } else { mode.expect("a mode that optimizes") };
    for &(body, count, expected) in REPEATED {
        let engine = mode.new_engine().unwrap();
        let store = mode.new_store(&engine).unwrap();
        let module = new_module(&store, &repeated(body, count)).expect(body);
        let instance = new_instance(&store, &module, &[]).unwrap();
        let exports = instance_exports(&instance);
        // SAFETY: the export is alive, and a function.
        let run = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
        assert_eq!(call(run, 8), Ok(expected), "{count} times {body}");
    }
}
