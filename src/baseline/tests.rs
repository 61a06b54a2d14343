//! Compiles small modules and all modules of the specification's suite, in every mode. Tests of what code does are
//! elsewhere: the suite runs in this compiler's modes, too.

use super::{FunctionCompiler, Task};
use crate::abi::{CodeMode, DirectCalls, Features, FunctionCode, Variant};
use crate::binary::{Decoded, Limits, decode};
use crate::types::{DefinedFuncIndex, TypeRegistry};
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
