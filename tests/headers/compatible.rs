//! Programs written for the published `wasm.h` work with ours.
//!
//! `published.h` lists the published prototypes. Declaring them again after our header makes the compiler compare
//! them: it refuses any difference.

use super::compile::{Language, judge};
use super::{PACKAGE, source};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PUBLISHED: &str = include_str!("published.h");
const STANDARDS: [(Language, &str); 6] = [
    (Language::C, "c99"),
    (Language::C, "c11"),
    (Language::C, "c17"),
    (Language::Cxx, "c++11"),
    (Language::Cxx, "c++17"),
    (Language::Cxx, "c++20"),
];

/// The name that a prototype declares.
fn name(prototype: &str) -> Option<&str> {
    prototype.split_once('(')?.0.rsplit([' ', '*']).next()
}

fn is_helper(prototype: &str) -> bool {
    prototype.starts_with("static inline ")
}

fn published() -> impl Iterator<Item = &'static str> {
    PUBLISHED.lines().filter(|line| line.ends_with(");"))
}

/// The names of the published functions, without the helpers that are part of the header.
pub fn published_functions() -> BTreeSet<String> {
    let functions = published().filter(|line| !is_helper(line)).filter_map(name);
    functions.map(String::from).collect()
}

/// The functions that a committed header declares.
pub fn declared(header: &str) -> BTreeSet<String> {
    let path = Path::new(PACKAGE).join("include").join(header);
    let text = fs::read_to_string(path).expect("the header is there");
    let prototypes = text.split("\nWASM_API_EXTERN ").skip(1);
    prototypes.filter_map(|text| Some(name(text.split_once(';')?.0)?.to_owned())).collect()
}

/// The published prototypes of functions that exist, and all helpers.
fn expected() -> String {
    let ours = declared("wasm.h");
    let kept =
        published().filter(|line| is_helper(line) || name(line).is_some_and(|n| ours.contains(n)));
    kept.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn every_exported_function_is_declared_and_no_other() {
    let declared = &declared("wasm.h") | &declared("wasmrt.h");
    assert!(declared.len() > 200, "the headers are read wrongly");
    assert_eq!(source().exports(), declared);
}

#[test]
fn wasm_h_declares_published_functions_only() {
    let functions = published_functions();
    assert_eq!(functions.len(), 293);
    let invented: Vec<_> = declared("wasm.h").difference(&functions).cloned().collect();
    assert!(invented.is_empty(), "{invented:?}");
    assert!(declared("wasmrt.h").iter().all(|name| name.starts_with("wasmrt_")));
}

#[test]
fn our_header_declares_no_type_without_our_prefix() {
    let path = Path::new(PACKAGE).join("include/wasmrt.h");
    let text = fs::read_to_string(path).expect("the header is there");
    let aliases = text.lines().filter(|line| line.starts_with("typedef "));
    let foreign: Vec<_> = aliases.filter(|line| !line.contains("wasmrt_")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn prototypes_are_the_published_ones() {
    let program = format!("#include <wasm.h>\n{}", expected());
    judge(Language::C, "c11", &[], &program).unwrap_or_else(|refusal| panic!("{refusal}"));
    for (ours, theirs) in [("size_t);", "int);"), ("const wasm_", "wasm_"), ("bool ", "int ")] {
        let differing = program.replacen(ours, theirs, 1);
        assert_ne!(differing, program);
        let refusal = judge(Language::C, "c11", &[], &differing).expect_err("a difference is seen");
        assert!(refusal.contains("conflicting types"), "{refusal}");
    }
}

#[test]
fn sizes_numbers_and_macros_are_the_published_ones() {
    let version = format!("VERSION_NUMBER={}", super::generate::version_number());
    for (language, standard) in STANDARDS {
        // C99 has no static_assert; wasm.h includes assert.h, where C11 has it.
        if standard != "c99" {
            judge(language, standard, &[&version], include_str!("layout.c"))
                .unwrap_or_else(|refusal| panic!("{refusal}"));
        }
    }
}

#[test]
fn a_header_stands_alone_may_be_included_twice_and_leaves_own_alone() {
    for header in ["HEADER=<wasm.h>", "HEADER=<wasmrt.h>", "HEADER=<wasmrt_wasi.h>"] {
        for (language, standard) in STANDARDS {
            judge(language, standard, &[header], include_str!("twice.c"))
                .unwrap_or_else(|refusal| panic!("{header}: {refusal}"));
        }
    }
}

/// The lines that declare functions, types and numbers, each with the line before it. (Doxygen sees
/// members and macros as well, but not numbers.)
fn declarations(header: &str) -> Vec<(String, String)> {
    let path = Path::new(PACKAGE).join("include").join(header);
    let text = fs::read_to_string(path).expect("the header is there");
    let lines: Vec<_> = text.lines().collect();
    let starts = ["WASM_API_EXTERN", "static ", "typedef "];
    let number = |line: &str| line.starts_with("  WASM") && line.contains(" = ");
    let declares = |line: &str| starts.iter().any(|start| line.starts_with(start)) || number(line);
    let pairs = lines.windows(2).filter(|pair| declares(pair[1]));
    pairs.map(|pair| (pair[0].trim().to_owned(), pair[1].trim().to_owned())).collect()
}

#[test]
fn every_declaration_has_a_comment() {
    for (header, least) in [("wasm.h", 350), ("wasmrt.h", 60), ("wasmrt_wasi.h", 25)] {
        let declarations = declarations(header);
        assert!(declarations.len() > least, "{header} is read wrongly: {}", declarations.len());
        let silent =
            |(before, line): &(String, String)| (!before.starts_with("///")).then(|| line.clone());
        let bare: Vec<_> = declarations.iter().filter_map(silent).collect();
        assert!(bare.is_empty(), "{header}: {bare:#?}");
    }
}
