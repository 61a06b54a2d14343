//! Elements with old addresses become current after the calls that pay for it, whatever table they are in.

use super::*;
use crate::abi::value::{RawVal, Value};
use crate::compile::{CompileSetting, Patience};
use crate::runtime::calls::call::call_converted;
use crate::runtime::engines::config::Config;
use crate::runtime::engines::engine::Engine;
use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::object::{Gc, Header};
use crate::runtime::instances::instance::Instance;
use crate::types::{DefinedFuncIndex, ExternKind, FuncIndex, TableIndex};
use std::ptr::NonNull;
use std::sync::Arc;

/// `write` writes elements, which then have the addresses of before the first call. `repeat` calls one so many times.
const OWNER: &str = r#"
    (module
      (type $f (func (result i32)))
      (import "" "host" (func $host (type $f)))
      (table $t (export "table") 8 20 funcref)
      (func $a (type $f) (i32.const 10))
      (func $b (type $f) (i32.const 11))
      (func $never (type $f) (i32.const 12))
      (func (export "write")
        (table.set (i32.const 0) (ref.func $a))
        (table.set (i32.const 1) (ref.func $b))
        (table.set (i32.const 2) (ref.func $never))
        (table.set (i32.const 3) (ref.null func))
        (table.set (i32.const 4) (ref.func $host)))
      (func (export "repeat") (param $n i32) (param $which i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum
            (i32.add (local.get $sum) (call_indirect $t (type $f) (local.get $which))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (elem declare func $a $b $never $host))"#;

const USER: &str = r#"
    (module
      (type $f (func (result i32)))
      (import "" "table" (table $t 8 20 funcref))
      (table $own 8 funcref)
      (func $c (type $f) (i32.const 20))
      (func $d (type $f) (i32.const 21))
      (func (export "write")
        (table.set $t (i32.const 6) (ref.func $c))
        (table.set $own (i32.const 1) (ref.func $d))
        (table.copy $own $t (i32.const 2) (i32.const 0) (i32.const 5)))
      (func (export "call") (result i32)
        (i32.add (call_indirect $t (type $f) (i32.const 6))
                 (call_indirect $own (type $f) (i32.const 1))))
      (elem declare func $c $d))"#;

const LARGE: &str = r#"
    (module
      (type $f (func (result i32)))
      (table $t 8000 funcref)
      (func $a (type $f) (i32.const 10))
      (func $b (type $f) (i32.const 11))
      (func (export "write")
        (table.set (i32.const 0) (ref.func $a))
        (table.set (i32.const 7999) (ref.func $b)))
      (func (export "repeat") (param $n i32) (param $which i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum
            (i32.add (local.get $sum) (call_indirect (type $f) (local.get $which))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (elem declare func $a $b))"#;

struct World(NonNull<Store>);

impl Drop for World {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and nobody uses it any more.
        unsafe { Store::delete(self.0) };
    }
}

impl World {
    /// The calling thread compiles everything.
    fn new(compile: CompileSetting) -> World {
        let patience = Patience::Percent(0);
        let engine = Engine::new(Config { workers: 0, compile, patience, ..Config::default() });
        World(Store::new(engine.unwrap()).unwrap())
    }

    fn store(&self) -> &Store {
        // SAFETY: alive as long as this.
        unsafe { self.0.as_ref() }
    }

    fn compile(&self, text: &str) -> Arc<Compiled> {
        let engine = &self.store().engine;
        let mode = engine.config.default_mode();
        Compiled::new(engine, &wat::parse_str(text).unwrap(), mode).unwrap()
    }

    fn instantiate(&self, module: &Arc<Compiled>, imports: &[Option<&Header>]) -> Gc<Instance> {
        let instance = self.store().instantiate(module, imports);
        instance.unwrap_or_else(|_| panic!("the instance is refused"))
    }

    /// The owner of a table of which all elements that are written have addresses of before the first call, and a user.
    fn owner_and_user(&self) -> [Gc<Instance>; 2] {
        let module = self.compile(OWNER);
        let (id, ty) = &module.module().types[0];
        let host = self.store().new_trapping_func(*id, ty, "the host".into()).unwrap();
        let owner = self.instantiate(&module, &[Some(host.header())]);
        let table = owner.table(TableIndex(0));
        let user = self.instantiate(&self.compile(USER), &[Some(table.header())]);
        [owner, user].map(|instance| {
            call(instance, "write", []);
            instance
        })
    }

    fn stale_calls(&self) -> i32 {
        self.store().context.stale_calls.get()
    }
}

/// Calls an export; what it returns, or zero.
fn call<const N: usize>(instance: Gc<Instance>, name: &str, args: [i32; N]) -> i32 {
    let export = instance.compiled().export(name.as_bytes()).unwrap();
    assert_eq!(export.kind, ExternKind::Func);
    let func = instance.func(FuncIndex(export.index)).unwrap();
    let mut args = args.map(|arg| RawVal { kind: 0, bits: u64::from(arg as u32) });
    let mut results = [RawVal::ZERO];
    let count = func.signature.ty.results.len();
    let done = call_converted(func, &mut args, &mut results[..count]);
    assert!(done.is_ok(), "{name} traps");
    results[0].bits as i32
}

fn code(instance: Gc<Instance>, func: u32) -> usize {
    instance.code_address(DefinedFuncIndex(func))
}

/// Everything in an element.
fn parts(entry: VmFuncEntry) -> (u32, u32, usize, usize, usize) {
    (entry.sig, entry.own, entry.code, entry.vmctx as usize, entry.func as usize)
}

fn elements(instance: Gc<Instance>, table: u32) -> Vec<VmFuncEntry> {
    instance.table(TableIndex(table)).entries().iter().map(|entry| entry.get()).collect()
}

fn codes(elements: &[VmFuncEntry]) -> Vec<usize> {
    elements.iter().map(|entry| entry.code).collect()
}

/// With stubs in the place of old code, and with old code.
const SETTINGS: [CompileSetting; 2] = [CompileSetting::LazyBaseline, CompileSetting::Both];

#[test]
fn calls_of_old_addresses_bring_all_tables_up_to_date() {
    for setting in SETTINGS {
        let world = World::new(setting);
        let [owner, user] = world.owner_and_user();
        let (shared, own) = (elements(owner, 0), elements(user, 1));
        assert_eq!(call(user, "call", []), 41);
        assert_eq!(call(owner, "repeat", [1, 1]), 11);
        assert_eq!(call(owner, "repeat", [500, 0]), 5000);
        assert_eq!(codes(&elements(owner, 0)), codes(&shared), "{setting:?}: too early");
        assert!(shared[0].code != code(owner, 0) && shared[1].code != code(owner, 1));
        assert!(shared[6].code != code(user, 0) && own[1].code != code(user, 1));
        assert!((1..MIN_STALE_CALLS).contains(&world.stale_calls()), "{setting:?}");

        assert_eq!(call(owner, "repeat", [1000, 0]), 10000);
        let (a, b, never) = (code(owner, 0), code(owner, 1), code(owner, 2));
        let (null, host) = (shared[3].code, shared[4].code);
        assert!(host != 0 && shared[2].code == never);
        let now = codes(&elements(owner, 0));
        assert_eq!(now, [a, b, never, null, host, 0, code(user, 0), 0], "{setting:?}");
        let now = codes(&elements(user, 1));
        assert_eq!(now, [0, code(user, 1), a, b, never, null, host, 0], "{setting:?}");
    }
}

#[test]
fn bringing_tables_up_to_date_changes_nothing_but_addresses() {
    for setting in SETTINGS {
        let world = World::new(setting);
        let [owner, user] = world.owner_and_user();
        let before = [elements(owner, 0), elements(user, 1)].concat();
        call(user, "call", []);
        call(owner, "repeat", [2000, 0]);
        let after = [elements(owner, 0), elements(user, 1)].concat();
        assert!(parts(before[0]) != parts(after[0]), "{setting:?}: nothing happened");
        for (before, after) in before.into_iter().zip(after) {
            assert_eq!(parts(VmFuncEntry { code: after.code, ..before }), parts(after));
        }
    }
}

#[test]
fn when_all_elements_are_current_no_call_is_counted() {
    for setting in SETTINGS {
        let world = World::new(setting);
        let [owner, user] = world.owner_and_user();
        call(user, "call", []);
        call(owner, "repeat", [2000, 0]);
        let left = world.stale_calls();
        assert_eq!(call(owner, "repeat", [5000, 0]), 50000);
        assert_eq!(call(user, "call", []), 41);
        assert_eq!(world.stale_calls(), left, "{setting:?}");
    }
}

#[test]
fn large_tables_are_visited_after_a_quarter_as_many_calls_as_they_have_elements() {
    let world = World::new(CompileSetting::LazyBaseline);
    let instance = world.instantiate(&world.compile(LARGE), &[]);
    call(instance, "write", []);
    assert_eq!(world.stale_calls(), MIN_STALE_CALLS);
    // The first call compiles, the last one finds out.
    call(instance, "repeat", [1 + MIN_STALE_CALLS + 1, 0]);
    assert_eq!(elements(instance, 0)[0].code, code(instance, 0));
    assert_eq!(world.stale_calls(), 2000);

    call(instance, "repeat", [1 + 2000, 7999]);
    assert_ne!(elements(instance, 0)[7999].code, code(instance, 1));
    assert_eq!(world.stale_calls(), 0);
    call(instance, "repeat", [1, 7999]);
    assert_eq!(elements(instance, 0)[7999].code, code(instance, 1));
    assert_eq!(world.stale_calls(), 2000);
}
