//! Assembles one WebAssembly text file: `wat2wasm IN.wat OUT.wasm`.
//!
//! Examples and C tests keep their modules as text. Assembling them with a program of this workspace, which has
//! the package `wat` do the work, means that nothing besides cargo has to be installed for them, and that the lock
//! file fixes every byte of the result, which expected backtraces with their offsets rely on.

use std::process::ExitCode;

fn assemble(input: &str, output: &str) -> Result<(), String> {
    let binary = wat::parse_file(input).map_err(|error| error.to_string())?;
    std::fs::write(output, binary).map_err(|error| format!("{output}: {error}"))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, input, output] = arguments.as_slice() else {
        eprintln!("usage: wat2wasm IN.wat OUT.wasm");
        return ExitCode::from(2);
    };
    match assemble(input, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
