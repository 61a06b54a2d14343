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

/// Modes that differ in the code that they have: optimized, from the baseline compiler, or first this and then that;
/// with checks and traps in code, masks and fuel.
const KINDS_OF_CODE: &[&str] = &[
    "masks_explicit",
    "baseline",
    "default",
    "tiered_at_once_without_workers",
    "workers_0_explicit_no_signals",
    "metered_explicit_no_signals",
];

pub fn modes_of_code() -> Vec<&'static modes::Mode> {
    if is_foreign() {
        return vec![&modes::MODES[0]];
    }
    let named = |name| modes::MODES.iter().find(|mode| mode.name == name).expect("a mode");
    KINDS_OF_CODE.iter().map(|name| named(*name)).collect()
}

/// The result of the only export of a module in a mode, or the message of its trap.
pub fn run_in(mode: &modes::Mode, bytes: &[u8], argument: i32) -> Result<i32, String> {
    let engine = mode.new_engine()?;
    let store = mode.new_store(&engine)?;
    let module = new_module(&store, bytes).ok_or("no module")?;
    let instance = new_instance(&store, &module, &[])?;
    let exports = instance_exports(&instance);
    // SAFETY: the export is alive, and a function.
    let run = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
    call(run, argument)
}

#[test]
fn a_function_with_tens_of_thousands_of_checks_runs_on_the_usual_stack() {
    for &(body, count, expected) in REPEATED {
        let bytes = repeated(body, count);
        for mode in modes_of_code() {
            assert_eq!(
                run_in(mode, &bytes, 8),
                Ok(expected),
                "{}: {count} times {body}",
                mode.name
            );
        }
    }
}
