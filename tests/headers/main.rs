//! The headers in `include/` match the source, and C and C++ programs that were written for the published `wasm.h`
//! compile with them.
//!
//! With `WASMRT_RENEW` in the environment the headers are written instead of compared.

mod compatible;
mod compile;
mod expand;
mod exports;
mod generate;
mod groups;
mod prototypes;

use expand::PACKAGE;
use generate::Source;
use std::path::Path;
use std::sync::OnceLock;
use std::{env, fs};

/// The expanded source. When rustc does not expand it, the tests that need it fail.
fn source() -> &'static Source {
    static SOURCE: OnceLock<Result<Source, String>> = OnceLock::new();
    let source = SOURCE.get_or_init(|| expand::expand().map(Source::read));
    source.as_ref().unwrap_or_else(|reason| panic!("rustc does not expand the source: {reason}"))
}

fn renewing() -> bool {
    env::var_os("WASMRT_RENEW").is_some()
}

fn is_current(name: &str, generated: &str) {
    let path = Path::new(PACKAGE).join("include").join(name);
    if renewing() {
        fs::write(&path, generated).expect("include/ is writable");
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differing = committed.lines().zip(generated.lines()).position(|(a, b)| a != b);
    assert!(
        committed == generated,
        "include/{name} is out of date from line {} on; `./x renew` renews it",
        differing.map_or(committed.lines().count(), |line| line + 1)
    );
}

#[test]
fn wasm_h_is_what_the_source_says() {
    is_current("wasm.h", &generate::wasm_h(source()));
}

#[test]
fn wasmrt_h_is_what_the_source_says() {
    is_current("wasmrt.h", &generate::wasmrt_h(source()));
}

#[test]
fn wasmrt_wasi_h_is_what_the_source_says() {
    is_current("wasmrt_wasi.h", &generate::wasmrt_wasi_h());
}

#[test]
fn wasmrt_wat_h_is_what_the_source_says() {
    is_current("wasmrt_wat.h", &generate::wasmrt_wat_h());
}
