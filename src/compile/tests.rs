//! Tests the drivers with a function compiler that only copies bodies and links calls: its output is easy to
//! predict, and it is fast.

use super::module::{NOTHING_ELSE, place};
use super::units::{Backend, ModuleBodies, Unit};
use super::*;
use crate::abi::{Bounds, CallRelocation, CodeMode, FunctionCode, Metering, Site, Tier, Traps};
use crate::binary::{self, Limits, bodies};
use crate::body::{ValidationBuffers, validate_body};
use crate::error::{Error, ErrorKind};
use crate::types::{DefinedFuncIndex, FuncIndex, TypeRegistry};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use wasmparser::Operator;

const MODE: CodeMode =
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::Off };

/// "Code" of a body: its bytes times `swell`, then a field and a site for each direct call.
struct Copier {
    swell: usize,
}

impl Backend for Copier {
    type Compiler = ();

    fn compile(&self, unit: Unit<'_>, _: &mut ()) -> Result<FunctionCode, Error> {
        let Unit { module, func, validation, .. } = unit;
        let body = bodies::function_body(module, func);
        let limits = Limits::default();
        validate_body(module, validation, func, &limits, &mut ValidationBuffers::default())?;
        let mut code = FunctionCode {
            bytes: module.body(func).repeat(self.swell),
            alignment: 16,
            in_line: None,
            calls: Vec::new(),
            sites: Vec::new(),
            details: Vec::new(),
        };
        for operator in body.get_operators_reader().unwrap().into_iter_with_offsets() {
            let (Operator::Call { function_index }, wasm) = operator.unwrap() else { continue };
            let target = module.defined(FuncIndex(function_index)).unwrap();
            let offset = code.bytes.len() as u32;
            code.bytes.extend_from_slice(&[0; 4]);
            code.calls.push(CallRelocation { offset, target });
            code.sites.push(Site { code_offset: offset + 4, wasm_offset: wasm as u32, trap: None });
        }
        Ok(code)
    }
}

/// `n` functions of different sizes that call forwards and backwards.
fn generated(n: usize) -> Vec<u8> {
    let mut text = String::from("(module");
    for i in 0..n {
        write!(text, "(func $f{i} (param i32) (result i32) local.get 0").unwrap();
        (0..i * 7 % 50).for_each(|k| write!(text, " i32.const {k} i32.add").unwrap());
        if i % 97 == 0 {
            text.push_str(&" i32.const 5 i32.mul".repeat(3000));
        }
        write!(text, " call $f{} call $f{})", (i * 31 + 7) % n, i / 2).unwrap();
    }
    text.push(')');
    wat::parse_str(&text).unwrap()
}

fn bodies_of(bytes: &[u8]) -> ModuleBodies {
    let decoded = binary::decode(bytes, &TypeRegistry::default(), &Limits::default()).unwrap();
    let validation = decoded.validation;
    ModuleBodies {
        module: Arc::new(decoded.module),
        validation,
        limits: Limits::default(),
        are_valid: false,
        counters: Arc::default(),
    }
}

/// Everything is optimized at once.
fn config() -> CompileConfig {
    CompileConfig { setting: CompileSetting::Optimized, ..CompileConfig::default() }
}

fn context(workers: usize) -> CompileContext {
    CompileContext::new(CompileConfig { workers, ..config() })
}

fn build(bytes: &[u8], workers: usize, swell: usize) -> Result<CodeSet, Error> {
    let (bodies, plan) = (bodies_of(bytes), Plan::Whole(Tier::Optimized));
    let context = Arc::new(context(workers));
    let kind = plan.kind(MODE).unwrap();
    let placed = place(&context, Copier { swell }, bodies.clone(), kind, NOTHING_ELSE)?;
    plan.code_set(&context, bodies, MODE, Some(placed))
}

fn code(set: &CodeSet) -> &[u8] {
    set.parts().unwrap().0
}

#[test]
fn workers_make_the_same_code_as_the_caller() {
    let bytes = generated(400);
    let serial = build(&bytes, 0, 1).unwrap();
    for workers in [1, 2, 5] {
        let parallel = build(&bytes, workers, 1).unwrap();
        assert!(code(&serial) == code(&parallel));
        let offsets = |set: &CodeSet| {
            let start = code(set).as_ptr() as usize;
            set.slots().iter().map(|slot| slot.load(Relaxed) - start).collect::<Vec<_>>()
        };
        assert_eq!(offsets(&serial), offsets(&parallel));
    }
}

#[test]
fn calls_are_linked_and_return_addresses_found_in_a_large_module() {
    const N: usize = 5000;
    let bytes = generated(N);
    let set = build(&bytes, 2, 1).unwrap();
    let object = set.object().unwrap();
    assert_eq!(set.slots().len(), N);
    let starts: Vec<usize> = set.slots().iter().map(|slot| slot.load(Relaxed)).collect();
    for i in 0..N {
        let body = object.module().body(DefinedFuncIndex(i as u32));
        let start = starts[i];
        // SAFETY: the function's code: its body, then two fields.
        let code = unsafe { std::slice::from_raw_parts(start as *const u8, body.len() + 8) };
        assert_eq!(&code[..body.len()], body);
        assert_eq!(start % 16, 0);
        let targets = [(i * 31 + 7) % N, i / 2];
        for (k, target) in targets.into_iter().enumerate() {
            let end = start + body.len() + 4 * k + 4;
            let field = &code[body.len() + 4 * k..][..4];
            let distance = i32::from_le_bytes(field.try_into().unwrap());
            assert_eq!(end.wrapping_add_signed(distance as isize), starts[target]);
            let location = object.call_at(end).unwrap();
            assert_eq!(location.func, FuncIndex(i as u32));
            assert_eq!(object.module().bytes[location.wasm_offset as usize], 0x10);
        }
        let found = crate::code::object::find(start).unwrap();
        assert_eq!(found.as_ptr().cast_const(), std::ptr::from_ref(object));
    }
}

#[test]
fn code_larger_than_expected_finds_room() {
    let bytes = generated(50);
    let small = build(&bytes, 2, 1).unwrap();
    let large = build(&bytes, 2, 100).unwrap();
    assert!(code(&large).len() > 50 * code(&small).len());
    assert!(code(&large) == code(&build(&bytes, 0, 100).unwrap()));
}

#[test]
fn the_first_error_does_not_depend_on_the_number_of_workers() {
    let mut text = String::from("(module");
    for i in 0..300 {
        let wrong = [250, 120, 131].contains(&i);
        let padding = "nop ".repeat(if i % 50 == 0 { 9000 } else { 100 });
        write!(
            text,
            "(func $f{i} (result i32) {padding} i{}.const 0)",
            if wrong { 64 } else { 32 }
        )
        .unwrap();
    }
    text.push(')');
    let bytes = wat::parse_str(&text).unwrap();
    let report = |error: Error| (error.function(), error.kind(), error.to_string());
    let expected = report(build(&bytes, 0, 1).err().unwrap());
    assert_eq!((expected.0, expected.1), (Some(FuncIndex(120)), ErrorKind::Invalid));
    for workers in [1, 2, 3, 8] {
        assert_eq!(report(build(&bytes, workers, 1).err().unwrap()), expected);
        let types = TypeRegistry::default();
        let error = validate(&bytes, &types, &context(workers)).unwrap_err();
        assert_eq!(report(error), expected);
    }
}

#[test]
fn the_registry_forgets_freed_code() {
    let set = build(&generated(10), 0, 1).unwrap();
    let start = code(&set).as_ptr() as usize;
    assert!(crate::code::object::find(start).is_some());
    drop(set);
    assert!(crate::code::object::find(start).is_none());
}

#[test]
fn a_module_without_functions_needs_no_code() {
    let context = Arc::new(context(2));
    let bytes = wat::parse_str("(module (memory 1))").unwrap();
    let module =
        CompiledModule::new(&context, &bytes, &TypeRegistry::default(), MODE, NOTHING_ELSE)
            .unwrap();
    let set = module.code_set(MODE).unwrap();
    assert!(set.slots().is_empty() && set.object().is_none());
    assert!(Arc::ptr_eq(&set, &module.code_set(MODE).unwrap()));
}

/// A module that calls, branches and touches memory, for the real compiler.
fn realistic(n: usize) -> Vec<u8> {
    let mut text = String::from("(module (memory 1) (table 4 funcref) (type $t (func))");
    for i in 0..n {
        write!(
            text,
            "(func $f{i} (param i32) (result i32) (local i32)
               (loop $l
                 (local.set 1 (i32.add (local.get 1) (i32.load offset={i} (local.get 0))))
                 (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 4)))))
               (if (local.get 1) (then (call_indirect (type $t) (local.get 1))))
               (i32.div_u (call $f{} (local.get 1)) (local.get 0)))",
            (i * 17 + 3) % n
        )
        .unwrap();
    }
    text.push(')');
    wat::parse_str(&text).unwrap()
}

#[test]
fn compiled_code_is_the_same_on_any_number_of_workers_and_in_every_run() {
    let bytes = realistic(60);
    for bounds in [Bounds::Guard, Bounds::Explicit] {
        for traps in [Traps::Signals, Traps::Calls] {
            let mode = CodeMode { bounds, traps, metering: Metering::Off };
            let build = |workers| {
                let context = Arc::new(context(workers));
                let types = TypeRegistry::default();
                let module =
                    CompiledModule::new(&context, &bytes, &types, mode, NOTHING_ELSE).unwrap();
                module.code_set(mode).unwrap()
            };
            let serial = build(0);
            assert!(code(&serial) == code(&build(0)));
            assert!(code(&serial) == code(&build(2)));
        }
    }
}

#[test]
fn a_function_whose_size_needs_too_much_memory_to_be_optimized_gets_baseline_code() {
    let limits = Limits { compile_memory: 100_000, ..Limits::default() };
    let body = "(drop (i32.const 1))".repeat(200);
    let bytes = wat::parse_str(format!("(module (func) (func (loop {body})))")).unwrap();
    let (types, func) = (TypeRegistry::default(), DefinedFuncIndex(1));
    for (setting, oversized) in
        [(CompileSetting::Baseline, 0), (CompileSetting::Optimized, 1), (CompileSetting::Tiered, 1)]
    {
        let config = CompileConfig { limits: limits.clone(), setting, workers: 0, ..config() };
        let context = Arc::new(CompileContext::new(config));
        let module = CompiledModule::new(&context, &bytes, &types, MODE, NOTHING_ELSE).unwrap();
        let set = module.code_set(MODE).unwrap();
        set.current_code(func).unwrap();
        if setting == CompileSetting::Tiered {
            assert!(set.used_up_in_loop(func, 0).is_none());
        }
        assert_eq!(module.stats().oversized, oversized);
    }
}

/// A function that moves a thousand values so many times.
fn moving_values(times: usize) -> Vec<u8> {
    let (row, calls) = ("i32 ".repeat(1000), "call $make call $take ".repeat(times));
    let text = format!(
        "(module (func {calls})
           (func $make (result {row}) unreachable) (func $take (param {row})))"
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn a_function_that_needs_too_much_memory_to_be_optimized_gets_baseline_code() {
    let limits = Limits { compile_memory: 10 << 20, ..Limits::default() };
    for setting in [CompileSetting::Optimized, CompileSetting::Tiered] {
        let config = CompileConfig { limits: limits.clone(), setting, workers: 0, ..config() };
        let context = Arc::new(CompileContext::new(config));
        let oversized = |times| {
            let types = TypeRegistry::default();
            let module =
                CompiledModule::new(&context, &moving_values(times), &types, MODE, NOTHING_ELSE)?;
            let (set, func) = (module.code_set(MODE)?, DefinedFuncIndex(0));
            let first = set.current_code(func)?;
            set.used_up(func);
            assert_eq!(set.current_code(func)? != first, setting == CompileSetting::Tiered);
            Ok::<u64, Error>(module.stats().oversized)
        };
        assert_eq!(oversized(1).unwrap(), 0);
        assert_eq!(oversized(50).unwrap(), 1);
    }
}

/// Whether a function is too costly to optimize.
fn is_oversized(body: &str) -> bool {
    let context = Arc::new(CompileContext::new(CompileConfig { workers: 0, ..config() }));
    let text = format!("(module (tag $t) (func $f (param i32) {body}))");
    let (bytes, types) = (wat::parse_str(text).unwrap(), TypeRegistry::default());
    let module = CompiledModule::new(&context, &bytes, &types, MODE, NOTHING_ELSE).unwrap();
    module.code_set(MODE).unwrap();
    module.stats().oversized == 1
}

#[test]
fn a_function_with_very_many_entries_of_branch_tables_is_not_optimized() {
    let tables = |count, entries| {
        let table = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(entries));
        is_oversized(&table.repeat(count))
    };
    assert!(!tables(10, 100) && !tables(100, 10));
    assert!(tables(1, 140_000) && tables(140, 1000));
}

#[test]
fn a_function_with_very_many_clauses_for_exceptions_is_not_optimized() {
    let clauses = |count| {
        let catches = "(catch $t 0) ".repeat(count);
        is_oversized(&format!("(block (try_table {catches} (call $f (local.get 0))))"))
    };
    assert!(!clauses(100) && clauses(4000));
    assert!(is_oversized(&"try (call $f (local.get 0)) catch_all end ".repeat(4000)));
}

#[test]
fn a_function_that_needs_too_much_memory_for_any_compiler_is_refused() {
    let limits = Limits { compile_memory: 10 << 20, ..Limits::default() };
    let context = Arc::new(CompileContext::new(CompileConfig { limits, ..config() }));
    let row = "i32 ".repeat(1000);
    let text = format!(
        "(module (func $make (result {row}) unreachable) (func $big {} unreachable))",
        "call $make ".repeat(500)
    );
    let bytes = wat::parse_str(text).unwrap();
    let error = CompiledModule::new(&context, &bytes, &TypeRegistry::default(), MODE, NOTHING_ELSE)
        .err()
        .unwrap();
    assert_eq!((error.kind(), error.function()), (ErrorKind::Limit, Some(FuncIndex(1))));
    assert_eq!(error.function_name(), Some("big"));
    assert!(error.byte_offset().is_some());
}

/// A function whose only branch table has so many targets, to each of which it takes a thousand values elsewhere.
fn branching_with_values(targets: usize) -> Vec<u8> {
    let row = "i32 ".repeat(1000);
    let depths: String = (0..targets).map(|depth| format!("{depth} ")).collect();
    let text = format!(
        "(module (type $row (func (result {row})))
           (func {} call $make i32.const 0 br_table {depths} {} call $take)
           (func $make (type $row) unreachable) (func $take (param {row})))",
        "i32.const 0 block (type $row) ".repeat(targets),
        "end call $take drop call $make ".repeat(targets),
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn a_small_function_that_becomes_much_code_is_refused() {
    let limits = Limits { compile_memory: 10 << 20, ..Limits::default() };
    for setting in [CompileSetting::Baseline, CompileSetting::Optimized, CompileSetting::Tiered] {
        let config = CompileConfig { limits: limits.clone(), setting, workers: 0, ..config() };
        let (context, types) = (Arc::new(CompileContext::new(config)), TypeRegistry::default());
        let compile = |bytes: Vec<u8>| {
            let module = CompiledModule::new(&context, &bytes, &types, MODE, NOTHING_ELSE)?;
            module.code_set(MODE)?.current_code(DefinedFuncIndex(0)).map(|_| ())
        };
        compile(moving_values(50)).unwrap();
        compile(branching_with_values(20)).unwrap();
        for bytes in [moving_values(5_000), branching_with_values(500)] {
            let error = compile(bytes).unwrap_err();
            assert_eq!((error.kind(), error.function()), (ErrorKind::Limit, Some(FuncIndex(0))));
            assert!(error.message().contains("WASMRT_OPTION_MAX_COMPILE_MEMORY"), "{error}");
        }
    }
}

#[test]
fn calls_from_a_loop_of_old_code_go_on_in_the_new_code() {
    let config = CompileConfig { setting: CompileSetting::Tiered, workers: 0, ..config() };
    let context = Arc::new(CompileContext::new(config));
    let module =
        CompiledModule::new(&context, &realistic(1), &TypeRegistry::default(), MODE, NOTHING_ELSE)
            .unwrap();
    let (set, func) = (module.code_set(MODE).unwrap(), DefinedFuncIndex(0));
    let old = set.current_code(func).unwrap();
    for _ in 0..2 {
        assert!(set.used_up_in_loop(func, 0).is_some());
        assert_ne!(set.slots()[0].load(Relaxed), old);
        assert!(set.all_slots().budget(func).unwrap() < 0, "calls would go on in the old code");
    }
}

#[test]
fn a_module_compiles_on_a_tiny_stack() {
    let worker = crate::sys::thread::spawn_worker("tiny", 64 << 10, || {
        let context = Arc::new(context(0));
        let bytes = realistic(5);
        CompiledModule::new(&context, &bytes, &TypeRegistry::default(), MODE, NOTHING_ELSE)
            .map(|_| ())
    });
    worker.unwrap().join().unwrap().unwrap();
}
