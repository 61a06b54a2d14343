//! Functions that are inlined do the same as functions that are called: results, traps and their backtraces, memory
//! and globals, fuel.
//!
//! Each module is compiled as it is and once more with bodies too large to be inlined, by instructions that do
//! nothing and cost nothing. Both are called with the same arguments, in every mode. Some modules are written by
//! hand, most are generated from seeds; `WASMRT_INLINED_CASES` sets the number of seeds.

mod generate;
mod guarded;
mod outcome;
#[path = "../support/mod.rs"]
mod support;

use outcome::{Program, outcomes};
use support::{c_api::is_foreign, modes};

/// Makes a body too large.
const PADDING: usize = 220;

const ARGUMENTS: &[i32] = &[0, 1, 2, 3, 7, 20, 100, 65533, 65536, -1, i32::MIN, i32::MAX];

/// Modules that export a function `f` from i32 to i32. `PAD` is where a body is made larger.
const MODULES: &[(&str, &str)] = &[
    (
        "recursion",
        "(func $f (export \"f\") (param i32) (result i32)
           (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
           (if (i32.gt_u (local.get 0) (i32.const 20)) (then (unreachable)))
           (i32.add (call $f (i32.sub (local.get 0) (i32.const 1)))
                    (call $f (i32.sub (local.get 0) (i32.const 2)))) PAD)",
    ),
    (
        "endless recursion",
        "(func $f (export \"f\") (param i32) (result i32)
           (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 1)) PAD)",
    ),
    (
        "mutual recursion",
        "(func $f (export \"f\") (param i32) (result i32)
           (if (result i32) (i32.le_s (local.get 0) (i32.const 0)) (then (i32.const 1))
             (else (call $g (i32.sub (i32.and (local.get 0) (i32.const 1023)) (i32.const 1))))) PAD)
         (func $g (param i32) (result i32)
           (if (result i32) (i32.le_s (local.get 0) (i32.const 0)) (then (i32.const 2))
             (else (call $f (i32.sub (local.get 0) (i32.const 1))))) PAD)",
    ),
    (
        "locals that are zero at each call",
        "(func $count (param i32) (result i32) (local i32 i64 f64)
           (local.set 1 (i32.add (local.get 1) (local.get 0)))
           (local.set 2 (i64.add (local.get 2) (i64.const 1)))
           (local.set 3 (f64.add (local.get 3) (f64.const 1)))
           (i32.add (local.get 1) (i32.add (i32.wrap_i64 (local.get 2))
             (i32.trunc_f64_s (local.get 3)))) PAD)
         (func (export \"f\") (param i32) (result i32) (local i32 i32)
           (loop $again
             (local.set 2 (i32.add (local.get 2) (call $count (local.get 1))))
             (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
               (i32.const 9))))
           (local.get 2) PAD)",
    ),
    (
        "several results, returned from inside of blocks",
        "(func $two (param i32) (result i32 i64) (i32.const 77)
           (block $out (br_if $out (i32.and (local.get 0) (i32.const 1)))
             (return (local.get 0) (i64.const 5)))
           (i32.const 1) (i64.const 6) (br_if 0 (i32.and (local.get 0) (i32.const 2)))
           (drop) (drop) (drop) (i32.const 3) (i64.const 4) PAD)
         (func (export \"f\") (param i32) (result i32)
           (local.get 0) (call $two (local.get 0)) (i32.wrap_i64) (i32.mul) (i32.sub) PAD)",
    ),
    (
        "more results than registers",
        "(func $many (param i32) (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
           (local.get 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
           (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10) (i32.const 11) PAD)
         (func (export \"f\") (param i32) (result i32)
           (call $many (local.get 0)) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub)
           (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) PAD)",
    ),
    (
        "callees that never return",
        "(func $never (param i32) (result i32 i32) (unreachable) PAD)
         (func $round (loop (br 0)) PAD)
         (func (export \"f\") (param i32) (result i32)
           (if (i32.and (local.get 0) (i32.const 1))
             (then (call $never (local.get 0)) (return (i32.add))))
           (if (i32.eq (local.get 0) (i32.const 12345)) (then (call $round)))
           (local.get 0) PAD)",
    ),
    (
        "accesses and divisions that trap",
        "(memory 1)
         (func $load (param i32) (result i32) (i32.load (local.get 0)) PAD)
         (func $both (param i32) (result i32)
           (i32.div_s (i32.const 1000) (call $load (local.get 0))) PAD)
         (func (export \"f\") (param i32) (result i32)
           (i32.store (i32.const 0) (i32.const 7))
           (call $both (call $load (local.get 0))) PAD)",
    ),
    (
        "exceptions through callees",
        "(tag $e (param i32)) (tag $other)
         (func $fail (param i32) (result i32)
           (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
           (if (i32.and (local.get 0) (i32.const 2)) (then (throw $other)))
           (i32.const 5) PAD)
         (func $through (param i32) (result i32)
           (i32.add (i32.const 10) (call $fail (local.get 0))) PAD)
         (func $catch (param i32) (result i32)
           (block $caught (result i32)
             (try_table (result i32) (catch $e $caught) (call $through (local.get 0))) (return)) PAD)
         (func (export \"f\") (param i32) (result i32)
           (i32.mul (call $catch (local.get 0)) (i32.const 3)) PAD)",
    ),
    (
        "tail calls in callees",
        "(func $last (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)) PAD)
         (func $tail (param i32) (result i32) (return_call $last (local.get 0)) PAD)
         (func (export \"f\") (param i32) (result i32)
           (i32.add (call $tail (local.get 0)) (call $last (i32.const 1))) PAD)",
    ),
    (
        "callees that call through a table",
        "(type $t (func (param i32) (result i32))) (table 3 funcref) (elem (i32.const 0) $one $two)
         (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)) PAD)
         (func $two (param i32) (result i32) (i32.div_u (i32.const 8) (local.get 0)) PAD)
         (func $choose (param i32) (result i32)
           (call_indirect (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 3))) PAD)
         (func (export \"f\") (param i32) (result i32) (local i32 i32)
           (loop $again
             (local.set 2 (i32.add (local.get 2)
               (call $choose (i32.add (local.get 0) (local.get 1)))))
             (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
               (i32.const 3))))
           (local.get 2) PAD)",
    ),
    (
        "callees in loops, with loops around",
        "(memory 1) (global $g (mut i32) (i32.const 0))
         (func $step (param i32 i32)
           (if (i32.rem_u (local.get 0) (i32.const 3)) (then
             (global.set $g (i32.add (global.get $g) (local.get 1))))
           (else (i32.store8 (local.get 1) (i32.load8_u (local.get 0))))) PAD)
         (func (export \"f\") (param i32) (result i32) (local i32 i32)
           (loop $outer (local.set 2 (i32.const 0))
             (loop $inner
               (call $step (local.get 2) (i32.add (local.get 0) (local.get 2)))
               (br_if $inner (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1)))
                 (i32.const 10))))
             (br_if $outer (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
               (i32.const 10))))
           (global.get $g) PAD)",
    ),
];

/// The same module twice: with bodies that may be inlined, and with larger ones.
fn both(body: &str) -> [Program; 2] {
    let padding = "nop ".repeat(PADDING);
    ["", &padding].map(|pad| Program::new(&format!("(module {})", body.replace("PAD", pad))))
}

fn inlined_and_called_agree(name: &str, body: &str, arguments: &[i32]) {
    let modes = if is_foreign() { &modes::MODES[..1] } else { modes::MODES };
    let [inlined, called] = both(body);
    for mode in modes {
        let (found, expected) =
            (outcomes(mode, &inlined, arguments), outcomes(mode, &called, arguments));
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let argument = arguments[i % arguments.len()];
            assert_eq!(found, expected, "{}: {name}: {argument}, call {i}\n{body}", mode.name);
        }
    }
}

#[test]
fn inlined_functions_do_what_called_ones_do() {
    for (name, body) in MODULES {
        // How deep a stack is when it overflows differs, and with it what was taken of the fuel.
        if *name != "endless recursion" {
            inlined_and_called_agree(name, body, ARGUMENTS);
        }
    }
}

#[test]
fn generated_functions_do_the_same_inlined_and_called() {
    let number = std::env::var("WASMRT_INLINED_CASES").ok().and_then(|n| n.parse().ok());
    for seed in 0..number.unwrap_or(60) {
        let body = generate::module(seed);
        inlined_and_called_agree(&format!("seed {seed}"), &body, &[0, 1, 5, -3, 70000]);
    }
}

#[test]
fn endless_recursion_overflows_the_stack_at_the_same_order_of_depth() {
    let body = MODULES.iter().find(|(name, _)| *name == "endless recursion").unwrap().1;
    let counting = body.replace(
        "(func $f (export \"f\") (param i32) (result i32)",
        "(global $g (mut i32) (i32.const 0))
         (func $f (export \"f\") (param i32) (result i32)
           (if (i32.eq (local.get 0) (i32.const -1)) (then (return (global.get $g))))
           (global.set $g (local.get 0))",
    );
    let depths = both(&counting).map(|program| {
        let found = outcomes(&modes::MODES[0], &program, &[0, -1]);
        assert_eq!(found[0].result, Err("call stack exhausted".to_string()));
        assert_eq!(found[0].frames.len(), 256);
        assert!(found[0].frames.iter().all(|frame| frame.0 == 0));
        found[1].result.clone().unwrap()
    });
    assert!(depths[0] > depths[1] / 4 && depths[0] < depths[1] * 16, "{depths:?}");
}
