//! Indirect calls in optimized code that guesses their targets do the same as in code that does not guess.
//!
//! A scene is a program whose calls are made often enough that functions are optimized with what was recorded of them;
//! then elements of its table become something else. Engines that optimize running functions are compared with one that
//! optimizes everything before: results, traps and their backtraces, fuel.

use crate::outcome::{FUEL, Outcome, outcome, set_fuel};
use crate::support::{c_api::*, handles::*, modes::engine_with};

/// The value of the compile option.
const OPTIMIZED: u64 = 3;
const TIERED: u64 = 0;
const BOTH: u64 = 4;
const EXPLICIT: u64 = 2;

/// The first engine knows nothing of what runs.
const ENGINES: &[&[(i32, u64)]] = &[
    &[(WASMRT_OPTION_COMPILE, OPTIMIZED)],
    &[(WASMRT_OPTION_COMPILE, TIERED), (WASMRT_OPTION_WORKERS, 0), (WASMRT_OPTION_TIER_UP, 1)],
    &[(WASMRT_OPTION_COMPILE, TIERED), (WASMRT_OPTION_WORKERS, 0), (WASMRT_OPTION_TIER_UP, 3)],
    &[(WASMRT_OPTION_COMPILE, TIERED), (WASMRT_OPTION_WORKERS, 2), (WASMRT_OPTION_TIER_UP, 1)],
    &[(WASMRT_OPTION_COMPILE, BOTH), (WASMRT_OPTION_WORKERS, 0), (WASMRT_OPTION_TIER_UP, 1)],
    &[
        (WASMRT_OPTION_COMPILE, TIERED),
        (WASMRT_OPTION_WORKERS, 0),
        (WASMRT_OPTION_TIER_UP, 1),
        (WASMRT_OPTION_BOUNDS, EXPLICIT),
        (WASMRT_OPTION_SIGNALS, 0),
    ],
];

/// A table, and a function `f` that calls element `x & 7` twelve times, with `x >> 3` and up. The functions that are
/// called are small; the ones with `PAD` are called, not inlined.
const TABLE: &str = "
    (type $t (func (param i32) (result i32))) (type $other (func))
    (memory 1) (tag $e (param i32)) (global $own (mut i32) (i32.const 7))
    (func $add (type $t) (i32.add (local.get 0) (global.get $own)))
    (func $div (type $t) (i32.div_u (i32.const 1000) (local.get 0)))
    (func $load (type $t) (i32.load (i32.mul (local.get 0) (i32.const 300))))
    (func $large (type $t) (if (i32.eqz (local.get 0)) (then (unreachable))) (i32.const 5) PAD)
    (func $throw (type $t)
      (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0)))) (i32.const 3))
    (func $none (type $other))
    (func $each (param i32 i32) (result i32) (local i32 i32)
      (loop $again
        (block $caught (result i32)
          (try_table (result i32) (catch $e $caught) CALL))
        (local.set 3 (i32.add (local.get 3)))
        (br_if $again (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1)))
          (i32.const 12))))
      (local.get 3))
    (func $plain (param i32 i32) (result i32) (local i32 i32)
      (loop $again
        (local.set 3 (i32.add (i32.rotl (local.get 3) (i32.const 1)) CALL))
        (br_if $again (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1)))
          (i32.const 12))))
      (local.get 3))
    (func (export \"f\") (param i32) (result i32)
      (i32.xor
        (call $plain (i32.and (local.get 0) (i32.const 7))
          (i32.shr_u (local.get 0) (i32.const 3)))
        (call $each (i32.and (local.get 0) (i32.const 7))
          (i32.shr_u (local.get 0) (i32.const 3)))))";

const BY_INDEX: &str = "(call_indirect (type $t)
    (i32.add (local.get 1) (local.get 2)) (local.get 0))";
const BY_REFERENCE: &str = "(call_ref $t
    (i32.add (local.get 1) (local.get 2)) (table.get (local.get 0)))";

/// Of typed references, which `call_ref` needs, there is no null of another type.
const FUNCREFS: &str = "(table (export \"t\") 7 funcref)
    (elem (i32.const 0) $add $div $load $large $throw $none)";
const TYPED: &str = "(table (export \"t\") 7 (ref null $t))
    (elem (i32.const 0) (ref null $t) (ref.func $add) (ref.func $div) (ref.func $load)
      (ref.func $large) (ref.func $throw))";

fn program(table: &str, call: &str) -> Vec<u8> {
    let padding = "nop ".repeat(220);
    assemble(&format!("(module {TABLE} {table})").replace("CALL", call).replace("PAD", &padding))
}

fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// A running program: what was made is kept until the end.
struct Stage<'e> {
    store: &'e Store,
    metered: bool,
    instances: Vec<(Instance, OwnedVector<*mut wasm_extern_t>)>,
    modules: Vec<Module>,
    outcomes: Vec<Outcome>,
}

impl<'e> Stage<'e> {
    fn new(store: &'e Store, metered: bool) -> Stage<'e> {
        let (instances, modules, outcomes) = (Vec::new(), Vec::new(), Vec::new());
        Stage { store, metered, instances, modules, outcomes }
    }

    fn add(&mut self, bytes: &[u8], imports: &[*mut wasm_extern_t]) {
        let module = new_module(self.store, bytes).unwrap_or_else(|| panic!("{:?}", last_error()));
        self.instantiate(module, imports);
    }

    fn instantiate(&mut self, module: Module, imports: &[*mut wasm_extern_t]) {
        let instance = new_instance(self.store, &module, imports).unwrap();
        let exports = instance_exports(&instance);
        self.instances.push((instance, exports));
        self.modules.push(module);
    }

    fn export(&self, instance: usize, export: usize) -> *mut wasm_extern_t {
        self.instances[instance].1.items()[export]
    }

    /// Calls the first export of an instance.
    fn call(&mut self, instance: usize, argument: i32) {
        // SAFETY: the export is alive, and a function.
        let function = unsafe { (api().wasm_extern_as_func)(self.export(instance, 0)) };
        self.outcomes.push(outcome(self.metered, self.store, function, argument));
    }

    /// Calls it until it is optimized.
    fn warm_up(&mut self, instance: usize, element: i32) {
        (0..60).for_each(|_| self.call(instance, 8 * 20 + element));
    }

    /// Calls it with every element, and values with which some trap; metered stores also with too little fuel.
    fn call_all(&mut self, instance: usize) {
        let arguments =
            (0..8).flat_map(|element| [0, 1, 200, 230].map(|value| 8 * value + element));
        arguments.clone().for_each(|argument| self.call(instance, argument));
        for &amount in if self.metered { FUEL } else { &[] } {
            for argument in [8 * 20, 8 * 20 + 1, 8 * 20 + 3] {
                set_fuel(self.store, amount);
                self.call(instance, argument);
            }
            set_fuel(self.store, u64::MAX);
        }
    }
}

/// Plays a scene on every engine.
fn all_engines_agree(scene: impl Fn(&mut Stage<'_>)) {
    for metered in [false, true] {
        let mut expected = Vec::new();
        for options in if is_foreign() { &ENGINES[..1] } else { ENGINES } {
            let engine = engine_with(options).unwrap();
            let store = new_store(&engine).unwrap();
            if metered {
                set_fuel(&store, u64::MAX);
            }
            let mut stage = Stage::new(&store, metered);
            scene(&mut stage);
            if expected.is_empty() {
                expected = stage.outcomes;
                continue;
            }
            for (i, (found, expected)) in stage.outcomes.iter().zip(&expected).enumerate() {
                assert_eq!(found, expected, "call {i} with {options:?}, metered: {metered}");
            }
        }
    }
}

/// A host function that triples its argument.
fn host_function(store: &Store) -> Func {
    extern "C" fn triple(
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t {
        // SAFETY: the function has one parameter and one result.
        unsafe {
            let argument = (*(*args).data).of.i32;
            let of = wasm_val_union { i32: argument.wrapping_mul(3) };
            *(*results).data = wasm_val_t { kind: WASM_I32, of };
        }
        std::ptr::null_mut()
    }
    // SAFETY: the store is alive; the functype takes over both vectors, the function only reads its type.
    unsafe {
        let (mut params, mut results) = (Vector::EMPTY, Vector::EMPTY);
        for list in [&mut params, &mut results] {
            let kind = (api().wasm_valtype_new)(WASM_I32);
            (api().wasm_valtype_vec_new)(list, 1, &kind);
        }
        let ty = (api().wasm_functype_new)(&mut params, &mut results);
        let ty = Owned::new(ty, api().wasm_functype_delete).unwrap();
        let function = (api().wasm_func_new)(store.get(), ty.get(), triple);
        Owned::new(function, api().wasm_func_delete).unwrap()
    }
}

#[test]
fn a_target_that_is_not_the_usual_one_is_called_all_the_same() {
    for (table, call) in [(FUNCREFS, BY_INDEX), (TYPED, BY_REFERENCE)] {
        for usual in 0..6 {
            let program = program(table, call);
            all_engines_agree(|stage| {
                stage.add(&program, &[]);
                stage.warm_up(0, usual);
                stage.call_all(0);
            });
        }
    }
}

#[test]
fn targets_that_change_before_or_after_a_function_is_optimized_are_followed() {
    let program = program(FUNCREFS, BY_INDEX);
    all_engines_agree(|stage| {
        stage.add(&program, &[]);
        for element in [0, 1, 0, 3, 1, 4, 0] {
            (0..7).for_each(|_| stage.call(0, 8 * 20 + element));
        }
        stage.call_all(0);
        stage.warm_up(0, 2);
        stage.call_all(0);
    });
}

/// A module that puts a function of its own, with the number of `$add`, into the first element of a table.
const OTHER: &str = "(module (import \"\" \"t\" (table 7 funcref))
    (func $mine (param i32) (result i32) (i32.sub (i32.const 77) (local.get 0)))
    (func (export \"f\") (param i32) (result i32) (local.get 0))
    (elem (i32.const 0) $mine))";

const HOST: &str = "(module (import \"\" \"t\" (table 7 funcref))
    (import \"\" \"h\" (func $h (param i32) (result i32))) (elem (i32.const 0) $h))";

#[test]
fn an_element_replaced_by_a_function_of_another_instance_is_called() {
    let (program, other) = (program(FUNCREFS, BY_INDEX), assemble(OTHER));
    all_engines_agree(|stage| {
        stage.add(&program, &[]);
        stage.warm_up(0, 0);
        stage.add(&other, &[stage.export(0, 1)]);
        stage.call_all(0);
        stage.warm_up(0, 0);
        stage.call_all(0);
    });
}

#[test]
fn an_element_replaced_by_a_function_of_the_host_is_called() {
    let (program, host) = (program(FUNCREFS, BY_INDEX), assemble(HOST));
    all_engines_agree(|stage| {
        stage.add(&program, &[]);
        stage.warm_up(0, 0);
        let function = host_function(stage.store);
        // SAFETY: the function is alive.
        let function = unsafe { (api().wasm_func_as_extern)(function.get()) };
        stage.add(&host, &[stage.export(0, 1), function]);
        stage.call_all(0);
        stage.warm_up(0, 0);
        stage.call_all(0);
    });
}

#[test]
fn instances_of_one_module_that_share_a_table_keep_their_functions_apart() {
    let table = assemble(
        "(module (func (export \"f\") (param i32) (result i32) (local.get 0))
        (table (export \"t\") 7 funcref))",
    );
    let imported = "(import \"\" \"t\" (table 7 funcref))";
    let text = format!(
        "(module {imported} {TABLE} (elem (i32.const 0) $add $div $load $large $throw $none)
          (func $set (export \"set\") (param i32) (result i32)
            (global.set $own (local.get 0)) (i32.const 0)))"
    );
    let program = assemble(&text.replace("CALL", BY_INDEX).replace("PAD", ""));
    all_engines_agree(|stage| {
        stage.add(&table, &[]);
        stage.add(&program, &[stage.export(0, 1)]);
        stage.warm_up(1, 0);
        stage.add(&program, &[stage.export(0, 1)]);
        // SAFETY: the export is alive, and a function.
        let set = unsafe { (api().wasm_extern_as_func)(stage.export(2, 1)) };
        outcome(stage.metered, stage.store, set, 1000);
        stage.call_all(1);
        stage.call_all(2);
        stage.warm_up(2, 0);
        stage.call_all(1);
        stage.call_all(2);
    });
}

#[test]
fn engines_may_go_while_functions_are_optimized_with_what_was_recorded() {
    let program = program(FUNCREFS, BY_INDEX);
    for calls in 0..40 {
        let options = [(WASMRT_OPTION_COMPILE, TIERED), (WASMRT_OPTION_TIER_UP, 1)];
        let engine = engine_with(if is_foreign() { &[] } else { &options }).unwrap();
        let store = new_store(&engine).unwrap();
        let mut stage = Stage::new(&store, false);
        stage.add(&program, &[]);
        (0..calls).for_each(|_| stage.call(0, 8 * 20));
        assert!(stage.outcomes.iter().all(|outcome| *outcome == stage.outcomes[0]));
    }
}

#[test]
fn code_that_calls_other_code_directly_is_the_same_after_it_was_serialized() {
    let program = program(FUNCREFS, BY_INDEX);
    all_engines_agree(|stage| {
        stage.add(&program, &[]);
        stage.warm_up(0, 3);
        for _ in 0..2 {
            let module = stage.modules.pop().unwrap();
            let module = round_trip(stage.store, module).unwrap();
            stage.instantiate(module, &[]);
            stage.call_all(stage.instances.len() - 1);
            stage.warm_up(stage.instances.len() - 1, 3);
        }
    });
}
