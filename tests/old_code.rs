//! Do calls that arrive at old code go on to the new code, however the budget of the old code was lost?
//!
//! When a function has got better code, the budget of its old code is set far below zero (see `abi::budgets`). Threads
//! count without locks, so that word may hold anything afterwards. These tests write it as other threads would, while a
//! table still has the old address, and see from what a call costs which code it ran: old code counts iterations, too.

#[path = "support/mod.rs"]
mod support;

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use support::c_api::*;
use support::handles::*;
use support::modes::engine_with;
use wasmrt::abi::budgets::{ENTRY_COST, LOOP_COST, REPLACED, budget_offset};
use wasmrt::abi::vmctx::VmFunc;
use wasmrt::runtime::func::Func as FuncObject;
use wasmrt::runtime::object::Header;

/// Functions that add up the numbers to their argument in a loop which calls the host. Other code can continue the loop of
/// the first one, but not that of the second.
const MODULE: &str = r#"(module
    (type $t (func (param i32) (result i32)))
    (import "host" "tell" (func $tell (param i32)))
    (tag $tag)
    (table funcref (elem $continued $refused))
    (func $continued (export "continued") (type $t) (local $sum i32)
      (loop $again
        (call $tell (local.get 0))
        (local.set $sum (i32.add (local.get $sum) (local.get 0)))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get $sum))
    (func $refused (export "refused") (type $t) (local $sum i32)
      try
        (throw $tag)
      catch $tag
        (loop $again
          (call $tell (local.get 0))
          (local.set $sum (i32.add (local.get $sum) (local.get 0)))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      end
      (local.get $sum))
    (func (export "through the table") (param i32 i32) (result i32)
      (call_indirect (type $t) (local.get 0) (local.get 1))))"#;

const CONTINUED: i32 = 0;
const REFUSED: i32 = 1;
const CALLER: usize = 2;

/// Of all baseline code at once, which nothing but these tests makes hot.
const OPTIONS: &[(i32, u64)] =
    &[(WASMRT_OPTION_COMPILE, 4), (WASMRT_OPTION_WORKERS, 0), (WASMRT_OPTION_TIER_UP, 1_000_000)];

/// The sentinel, and what would be left of it after years of counting.
const SENTINELS: [i64; 2] = [REPLACED, i64::MIN + 64 * ENTRY_COST as i64];

/// Fewer than bring the tables up to date.
const FEW_CALLS: usize = 50;

/// What is written to the budget when the loop arrives at a number.
struct Plan {
    word: Cell<*const AtomicUsize>,
    at: Cell<i32>,
    budget: Cell<i64>,
}

extern "C" fn tell(
    env: *mut c_void,
    args: *const wasm_val_vec_t,
    _: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    // SAFETY: the plan of a world that is alive, and one i32; the word is the budget, or not used yet.
    unsafe {
        let plan = &*env.cast::<Plan>();
        if (*args).as_slice()[0].of.i32 == plan.at.get() {
            (*plan.word.get()).store(plan.budget.get() as usize, Relaxed);
        }
    }
    ptr::null_mut()
}

/// An instance of the module, and one of its functions. The fields are in the order in which they must be dropped.
struct World {
    exports: OwnedVector<*mut wasm_extern_t>,
    plan: Box<Plan>,
    function: i32,
    _instance: Instance,
    _store: Store,
    _engine: Engine,
}

impl World {
    /// The function is optimized, and its old address in a table.
    fn new(function: i32) -> World {
        let engine = engine_with(OPTIONS).unwrap();
        let store = new_store(&engine).unwrap();
        let module = new_module(&store, &wat::parse_str(MODULE).unwrap()).unwrap();
        let plan = Plan { word: Cell::default(), at: Cell::new(0), budget: Cell::default() };
        let plan = Box::new(plan);
        let host = host_function(&store, &plan);
        // SAFETY: the function is alive.
        let import = unsafe { (api().wasm_func_as_extern)(host.get()) };
        let instance = new_instance(&store, &module, &[import]).unwrap();
        let exports = instance_exports(&instance);
        let world =
            World { exports, plan, function, _instance: instance, _store: store, _engine: engine };
        world.plan.word.set(world.budget_word());
        world.call(1);
        let old = world.code();
        world.set_budget(-1);
        world.call(1);
        assert_ne!(world.code(), old, "the function is not optimized");
        assert_eq!(world.budget(), REPLACED);
        world
    }

    fn export(&self, at: usize) -> *const wasm_func_t {
        // SAFETY: the export is alive, and a function.
        unsafe { (api().wasm_extern_as_func)(self.exports.items()[at]) }
    }

    fn vm(&self) -> VmFunc {
        let header = self.export(self.function as usize).cast::<Header>();
        // SAFETY: a handle is the address of an object, which is alive.
        let object = unsafe { &*header }.downcast::<FuncObject>();
        object.expect("a function").vm.get()
    }

    /// The address at which calls of the function arrive.
    fn code(&self) -> usize {
        // SAFETY: the slot lives as long as the instance.
        unsafe { &*self.vm().slot }.load(Relaxed)
    }

    fn budget_word(&self) -> *const AtomicUsize {
        let vm = self.vm();
        // SAFETY: the context of an instance whose functions have budgets.
        unsafe { (*vm.vmctx).code_table.byte_offset(budget_offset(vm.own) as isize) }
    }

    fn budget(&self) -> i64 {
        // SAFETY: the budget lives as long as the instance.
        unsafe { &*self.budget_word() }.load(Relaxed) as i64
    }

    fn set_budget(&self, budget: i64) {
        // SAFETY: the budget lives as long as the instance.
        unsafe { &*self.budget_word() }.store(budget as usize, Relaxed);
    }

    /// Calls the function through the table, with so many iterations.
    fn call(&self, iterations: i32) {
        let value = |i32| wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32 } };
        let mut results = [value(0)];
        let args = [value(iterations), value(self.function)];
        let trap = call_func(self.export(CALLER), &args, &mut results);
        assert_eq!(trap.map(|trap| trap_message(&trap)), None);
        // SAFETY: the function returned an i32.
        assert_eq!(unsafe { results[0].of.i32 }, iterations * (iterations + 1) / 2);
    }

    /// The same, while the host writes a budget in one of the iterations.
    fn call_with_budget_in_loop(&self, iterations: i32, at: i32, budget: i64) {
        self.plan.budget.set(budget);
        self.plan.at.set(at);
        self.call(iterations);
        self.plan.at.set(0);
    }

    /// What a call takes from the budget.
    fn cost(&self, iterations: i32) -> i64 {
        let before = self.budget();
        self.call(iterations);
        before - self.budget()
    }

    /// Calls the function until its old code forwards calls. How many calls ran in the old code.
    fn calls_in_old_code(&self, iterations: i32) -> usize {
        let mut calls = 0;
        while self.budget() >= 0 {
            assert!(calls < 2000, "calls of {iterations} iterations stay in the old code");
            self.call(iterations);
            calls += usize::from(self.budget() >= 0);
        }
        calls
    }

    /// From now on all calls go on to the new code, which counts nothing.
    fn forwards(&self, iterations: i32) {
        for _ in 0..FEW_CALLS {
            assert_eq!(self.cost(iterations), i64::from(ENTRY_COST), "a call ran in old code");
        }
    }
}

fn host_function(store: &Store, plan: &Plan) -> Func {
    let env = ptr::from_ref(plan).cast_mut().cast();
    // SAFETY: vectors and types are given away or deleted; the plan outlives the store.
    unsafe {
        let kind = (api().wasm_valtype_new)(WASM_I32);
        let (mut params, mut results) = (Vector::EMPTY, Vector::EMPTY);
        (api().wasm_valtype_vec_new)(&mut params, 1, &kind);
        let ty = (api().wasm_functype_new)(&mut params, &mut results);
        let host = (api().wasm_func_new_with_env)(store.get(), ty, tell, env, None);
        (api().wasm_functype_delete)(ty);
        Owned::new(host, api().wasm_func_delete).unwrap()
    }
}

#[test]
fn old_code_counts_calls_and_iterations() {
    for function in [CONTINUED, REFUSED] {
        let world = World::new(function);
        world.set_budget(1 << 24);
        assert_eq!(world.cost(10), i64::from(ENTRY_COST + 10 * LOOP_COST));
    }
}

#[test]
fn calls_of_an_old_address_go_on_in_new_code_after_the_sentinel_was_overwritten() {
    for function in [CONTINUED, REFUSED] {
        for iterations in [1, 2, 10, 127, 128, 129, 257] {
            for budget in [0, 31, 32, 63, 64, 500, 4095, 4096, 1 << 15] {
                let world = World::new(function);
                world.set_budget(budget);
                world.calls_in_old_code(iterations);
                world.forwards(iterations);
            }
        }
    }
}

#[test]
fn a_sentinel_forwards_however_far_it_was_counted_down() {
    for function in [CONTINUED, REFUSED] {
        for budget in SENTINELS {
            let world = World::new(function);
            world.set_budget(budget);
            world.forwards(10);
        }
    }
}

#[test]
fn a_loop_that_runs_in_old_code_ends_right_whatever_its_budget_becomes() {
    for budget in SENTINELS.into_iter().chain([-1, 0, 31, 32, 100, 4095, 1 << 24]) {
        for at in [1, 2, 5, 200] {
            for function in [CONTINUED, REFUSED] {
                let world = World::new(function);
                world.set_budget(1 << 24);
                world.call_with_budget_in_loop(200, at, budget);
                if function == CONTINUED && budget < 0 && at > 1 {
                    assert_eq!(world.budget(), REPLACED, "the loop stays in the old code");
                }
                world.set_budget(world.budget().min(1000));
                world.calls_in_old_code(7);
                world.forwards(7);
            }
        }
    }
}
