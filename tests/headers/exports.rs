//! The shared library exports the published functions and our own, and nothing else.
//!
//! The table that the dynamic linker sees is what matters, so the built library is examined, not the source.

use super::compatible::{declared, published_functions};
use std::collections::BTreeSet;
use std::env;
use std::process::Command;

/// What the dynamic linker finds in the library that cargo built with this test.
fn exported() -> BTreeSet<String> {
    let program = env::current_exe().expect("this program has a path");
    let library = program.with_file_name("libwasmrt.so");
    assert!(library.exists(), "{} is missing", library.display());
    let nm = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output();
    let nm = nm.expect("nm of binutils starts");
    assert!(nm.status.success(), "{}", String::from_utf8_lossy(&nm.stderr));
    let text = String::from_utf8(nm.stdout).expect("names are UTF-8");
    // "ADDRESS TYPE NAME", the name with "@VERSION" if symbols have versions.
    let names = text.lines().filter_map(|line| line.split_whitespace().nth(2));
    names.map(|name| name.split('@').next().unwrap_or(name).to_owned()).collect()
}

#[test]
fn library_exports_what_the_headers_declare_and_nothing_else() {
    let exported = exported();
    let declared = &declared("wasm.h") | &declared("wasmrt.h");
    let hidden: Vec<_> = declared.difference(&exported).collect();
    assert!(hidden.is_empty(), "declared but not exported: {hidden:?}");
    let secret: Vec<_> = exported.difference(&declared).collect();
    assert!(secret.is_empty(), "exported but not declared: {secret:?}");
}

#[test]
fn library_exports_every_published_function() {
    let (published, exported) = (published_functions(), exported());
    assert_eq!(published.len(), 293);
    let missing: Vec<_> = published.difference(&exported).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    let own: Vec<_> = exported.difference(&published).collect();
    assert!(own.iter().all(|name| name.starts_with("wasmrt_")), "{own:?}");
}
