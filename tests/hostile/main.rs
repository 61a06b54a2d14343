//! Modules that nobody should trust, through the functions of `wasm.h`.
//!
//! Whatever the bytes are, the result is a module, or NULL with an error message; never a crash, a hang or a panic.
//! Damaged modules are compared with an independent validator: what it calls invalid must not be accepted. Accepted
//! modules are instantiated if that runs none of their code. `WASMRT_HOSTILE_CASES` sets the number of mutated
//! modules, `WASMRT_HOSTILE_COMPILE` the only value of `WASMRT_OPTION_COMPILE`; otherwise there are four.

mod attacks;
mod constructs;
mod generate;
mod growth;
mod lazy;
mod memory;
mod operators;
mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod values;

use support::c_api::{self, WASMRT_OPTION_COMPILE, api, is_foreign, wasm_config_t};
use support::handles::{self, *};
use support::random;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// Only validated when a module is made: each function is compiled at its first call.
const TIERED: u64 = 0;
/// Everything by the baseline compiler at once, or optimized.
const BASELINE: u64 = 2;
const OPTIMIZED: u64 = 3;
/// By the baseline compiler at once, and optimized when hot.
const BOTH: u64 = 4;

/// An engine with a store, as a host would have.
struct Host {
    store: Store,
    _engine: Engine,
}

/// The ways of compiling to try: that of `WASMRT_HOSTILE_COMPILE`, or all. Another library has one.
fn settings() -> Vec<u64> {
    let chosen = std::env::var("WASMRT_HOSTILE_COMPILE").ok();
    match chosen.and_then(|number| number.parse().ok()) {
        Some(setting) => vec![setting],
        None if is_foreign() => vec![TIERED],
        None => vec![TIERED, BASELINE, BOTH, OPTIMIZED],
    }
}

impl Host {
    /// With a value of the option `WASMRT_OPTION_COMPILE`.
    fn compiling(setting: u64) -> Host {
        Host::with_options(&[(WASMRT_OPTION_COMPILE, setting)])
    }

    fn with_options(options: &[(i32, u64)]) -> Host {
        Host::configured(options, |_| {})
    }

    /// With options and whatever else `configure` sets.
    fn configured(options: &[(i32, u64)], configure: impl FnOnce(*mut wasm_config_t)) -> Host {
        // SAFETY: the configuration is given away.
        let engine = unsafe {
            let config = (api().wasm_config_new)();
            if let Some(set) = api().wasmrt_config_set {
                for &(option, value) in options {
                    assert!(set(config, option, value), "option {option}");
                }
            }
            configure(config);
            (api().wasm_engine_new_with_config)(config)
        };
        let engine = Owned::new(engine, api().wasm_engine_delete).expect("an engine");
        Host { store: new_store(&engine).expect("a store"), _engine: engine }
    }

    /// The module, or the reason why there is none.
    fn compile(&self, bytes: &[u8]) -> Result<Module, String> {
        last_error();
        match new_module(&self.store, bytes) {
            Some(module) => Ok(module),
            None if is_foreign() => Err("refused".to_string()),
            None => {
                let reason = last_error().expect("a refusal leaves an error");
                assert!(!reason.is_empty(), "a refusal gives a reason");
                Err(reason)
            }
        }
    }

    /// Compiles damaged bytes and checks the result; returns whether they were accepted.
    fn judge(&self, bytes: &[u8], what: &str) -> bool {
        let compiled = self.compile(bytes);
        let accepted = compiled.is_ok();
        assert_eq!(
            validates(&self.store, bytes),
            accepted,
            "{what}: compiling and validating disagree"
        );
        let Ok(module) = compiled else { return false };
        assert!(is_valid(bytes), "{what}: an invalid module was accepted");
        if !has_start(bytes) && import_names(&module).is_empty() {
            // An instance and a trap are both right.
            let _ = new_instance(&self.store, &module, &[]);
        }
        true
    }
}

fn is_valid(bytes: &[u8]) -> bool {
    let features = WasmFeatures::WASM3
        | WasmFeatures::THREADS
        | WasmFeatures::WIDE_ARITHMETIC
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::CUSTOM_PAGE_SIZES
        | WasmFeatures::COMPACT_IMPORTS;
    Validator::new_with_features(features).validate_all(bytes).is_ok()
}

fn has_start(bytes: &[u8]) -> bool {
    Parser::new(0)
        .parse_all(bytes)
        .any(|payload| matches!(payload, Ok(Payload::StartSection { .. })))
}

fn cases(default: u64) -> u64 {
    std::env::var("WASMRT_HOSTILE_CASES")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(default)
}

#[test]
fn every_prefix_of_a_module_is_refused_unless_it_is_a_module() {
    let module = generate::module_with_every_section();
    for setting in settings() {
        let host = Host::compiling(setting);
        assert!(host.judge(&module, "the whole module"));
        for length in 0..module.len() {
            host.judge(&module[..length], &format!("the first {length} bytes"));
        }
    }
}

#[test]
fn generated_modules_compile() {
    let hosts: Vec<Host> = settings().into_iter().map(Host::compiling).collect();
    for seed in 0..cases(200).min(1000) {
        let bytes = generate::valid_module(seed);
        for host in &hosts {
            if let Err(reason) = host.compile(&bytes) {
                panic!("module {seed} is valid and was refused: {reason}");
            }
        }
    }
}

#[test]
fn modules_with_flipped_bits_are_refused_or_valid() {
    let fixed = generate::module_with_every_section();
    let all_hosts = || settings().into_iter().map(Host::compiling).collect::<Vec<_>>();
    let (mut hosts, mut accepted) = (all_hosts(), 0);
    let count = cases(2000);
    for seed in 0..count {
        if seed % 100 == 0 {
            hosts = all_hosts();
        }
        let mut bytes =
            if seed % 2 == 0 { fixed.clone() } else { generate::valid_module(seed / 16) };
        generate::mutate(&mut bytes, seed);
        let what = format!("mutation {seed}");
        let verdicts: Vec<bool> = hosts.iter().map(|host| host.judge(&bytes, &what)).collect();
        assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{what}: {verdicts:?}");
        accepted += u64::from(verdicts[0]);
    }
    println!("{accepted} of {count} mutated modules were still valid");
    assert!(accepted < count, "no mutation did any damage");
}

#[test]
fn noise_after_a_header_is_refused() {
    for setting in settings() {
        let host = Host::compiling(setting);
        for seed in 0..500 {
            let bytes = generate::noise_after_header(seed);
            host.judge(&bytes, &format!("noise {seed}"));
        }
    }
}
