//! C and C++ compilers as judges: a source is accepted without any warning, or refused.

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Clone, Copy)]
pub enum Language {
    C,
    Cxx,
}

/// The compiler's objections to a source, or `Ok`. The headers are on its path.
pub fn judge(
    language: Language,
    standard: &str,
    defines: &[&str],
    source: &str,
) -> Result<(), String> {
    // `./x` keeps `CC` from cargo's builds and passes it under the other name.
    let (variables, program, name) = match language {
        Language::C => (["WASMRT_TEST_CC", "CC"].as_slice(), "cc", "c"),
        Language::Cxx => (["CXX"].as_slice(), "c++", "c++"),
    };
    let program = variables.iter().find_map(|name| env::var(name).ok()).unwrap_or(program.into());
    let mut command = Command::new(&program);
    command.arg(format!("-std={standard}"));
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror", "-fsyntax-only"]);
    command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"));
    command.args(defines.iter().map(|define| format!("-D{define}")));
    command.args(["-x", name, "-"]).env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut compiler = command.spawn().map_err(|e| format!("{program} does not start: {e}"))?;
    let mut input = compiler.stdin.take().expect("a pipe");
    input.write_all(source.as_bytes()).map_err(|e| e.to_string())?;
    drop(input);
    let run = compiler.wait_with_output().map_err(|e| e.to_string())?;
    match run.status.success() {
        true => Ok(()),
        false => {
            Err(format!("{program} -std={standard}: {}", String::from_utf8_lossy(&run.stderr)))
        }
    }
}
