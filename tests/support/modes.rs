//! The configurations under which the suite must give the same answers.
//!
//! A mode is a number of compile workers, a way to check bounds, and signals on or off, and with that one of the two
//! sets of functions that carry values; and what is compiled when. `cargo test` runs everything in the default
//! configuration and in the one that differs from it in all points, in each setting of what is compiled when, with
//! metered code, and with functions that are left for better code at every place where that can be: at a call, in the
//! first iteration of a loop, or by chance. In the other configurations it runs a sample of files;
//! `WASMRT_SPEC_MODES=all` runs everything everywhere.

use super::c_api::*;
use super::handles::{Engine, Owned, Store, new_store};

#[derive(Clone, Copy)]
pub struct Mode {
    pub name: &'static str,
    /// Options for `wasmrt_config_set`; none means the default configuration.
    options: &'static [(i32, u64)],
    pub files: Files,
    /// One engine for all threads, instead of one each.
    pub shared_engine: bool,
    /// Modules are serialized and loaded again before they are used.
    pub serializes: bool,
    /// The functions by which values cross the boundary.
    pub carrier: Carrier,
    /// Stores have fuel, so that code is metered.
    pub metered: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Files {
    All,
    Sample,
}

const GUARD: u64 = 1;
const EXPLICIT: u64 = 2;
const LAZY_BASELINE: u64 = 1;
const BASELINE: u64 = 2;
const TIERED: u64 = 0;
const OPTIMIZED: u64 = 3;
const BOTH: u64 = 4;

/// This and the number of an iteration, as the tier-up option: the first call of a function is hot in that iteration of
/// its loops.
pub const ITERATIONS: u64 = 0x2000_0000;

/// From here on the tier-up option is a seed: each function gets a budget by chance.
pub const RANDOM_BUDGETS: u64 = 0x4000_0000;

/// Compiled with the baseline first; hot after `percent` of what is usual.
const fn tiered(compile: u64, workers: u64, percent: u64) -> [(i32, u64); 3] {
    [
        (WASMRT_OPTION_COMPILE, compile),
        (WASMRT_OPTION_WORKERS, workers),
        (WASMRT_OPTION_TIER_UP, percent),
    ]
}

/// With masks against speculation, and with checks that need them.
const fn masked(compile: u64) -> [(i32, u64); 3] {
    [
        (WASMRT_OPTION_COMPILE, compile),
        (WASMRT_OPTION_BOUNDS, EXPLICIT),
        (WASMRT_OPTION_SPECTRE_MASKS, 1),
    ]
}

const LAZY: &[(i32, u64)] = &[(WASMRT_OPTION_COMPILE, LAZY_BASELINE)];

const fn mode(name: &'static str, options: &'static [(i32, u64)], files: Files) -> Mode {
    let carrier = Carrier::Narrow;
    Mode { name, options, files, shared_engine: false, serializes: false, carrier, metered: false }
}

/// The same with metered code.
const fn metered(mode: Mode) -> Mode {
    Mode { metered: true, ..mode }
}

/// The same with the values of `wasmrt.h`.
const fn wide(mode: Mode) -> Mode {
    Mode { carrier: Carrier::Wide, ..mode }
}

macro_rules! options {
    ($workers:expr, $bounds:expr, $signals:expr) => {
        &[
            (WASMRT_OPTION_WORKERS, $workers),
            (WASMRT_OPTION_BOUNDS, $bounds),
            (WASMRT_OPTION_SIGNALS, $signals),
        ]
    };
    ($workers:expr, $bounds:expr, $signals:expr, $compile:expr) => {
        &[
            (WASMRT_OPTION_WORKERS, $workers),
            (WASMRT_OPTION_BOUNDS, $bounds),
            (WASMRT_OPTION_SIGNALS, $signals),
            (WASMRT_OPTION_COMPILE, $compile),
        ]
    };
}

pub const MODES: &[Mode] = &[
    mode("default", &[], Files::All),
    wide(mode("workers_0_explicit_no_signals", options!(0, EXPLICIT, 0), Files::All)),
    mode("workers_0_explicit_signals", options!(0, EXPLICIT, 1), Files::Sample),
    mode("workers_0_guard_no_signals", options!(0, GUARD, 0), Files::Sample),
    wide(mode("workers_0_guard_signals", options!(0, GUARD, 1), Files::Sample)),
    mode("optimized", &[(WASMRT_OPTION_COMPILE, OPTIMIZED)], Files::All),
    wide(mode(
        "optimized_workers_0_explicit_no_signals",
        options!(0, EXPLICIT, 0, OPTIMIZED),
        Files::Sample,
    )),
    mode("optimized_workers_2_explicit", options!(2, EXPLICIT, 1, OPTIMIZED), Files::Sample),
    metered(mode("optimized_metered", options!(0, GUARD, 1, OPTIMIZED), Files::Sample)),
    Mode {
        name: "one_engine_for_all_threads",
        options: &[],
        files: Files::Sample,
        shared_engine: true,
        serializes: false,
        carrier: Carrier::Wide,
        metered: false,
    },
    Mode {
        name: "serialized_modules",
        options: &[],
        files: Files::Sample,
        shared_engine: false,
        serializes: true,
        carrier: Carrier::Narrow,
        metered: false,
    },
    mode("lazy", LAZY, Files::All),
    mode(
        "lazy_workers_0_explicit_no_signals",
        options!(0, EXPLICIT, 0, LAZY_BASELINE),
        Files::Sample,
    ),
    metered(mode("lazy_metered", LAZY, Files::Sample)),
    Mode { serializes: true, ..mode("lazy_serialized_modules", LAZY, Files::Sample) },
    mode("baseline", &[(WASMRT_OPTION_COMPILE, BASELINE)], Files::All),
    mode(
        "baseline_explicit_no_signals",
        &[
            (WASMRT_OPTION_COMPILE, BASELINE),
            (WASMRT_OPTION_BOUNDS, EXPLICIT),
            (WASMRT_OPTION_SIGNALS, 0),
        ],
        Files::Sample,
    ),
    metered(mode("baseline_metered", &[(WASMRT_OPTION_COMPILE, BASELINE)], Files::Sample)),
    mode("tiered_at_once", &tiered(TIERED, 2, 0), Files::All),
    mode("tiered_at_once_without_workers", &tiered(TIERED, 0, 0), Files::All),
    mode("tiered_in_the_first_iteration", &tiered(TIERED, 0, ITERATIONS + 1), Files::All),
    metered(mode(
        "tiered_metered_in_the_second_iteration",
        &tiered(TIERED, 0, ITERATIONS + 2),
        Files::Sample,
    )),
    mode("random_tiers", &tiered(TIERED, 0, RANDOM_BUDGETS + 1), Files::All),
    mode("random_tiers_with_workers", &tiered(BOTH, 2, RANDOM_BUDGETS + 2), Files::Sample),
    mode("masks_explicit", &masked(OPTIMIZED), Files::Sample),
    mode("masks_baseline_explicit", &masked(BASELINE), Files::Sample),
    metered(mode("tiered_metered", &tiered(TIERED, 0, 0), Files::Sample)),
    mode("both", &tiered(BOTH, 2, 1), Files::All),
    metered(mode("metered", &[], Files::All)),
    metered(mode("metered_explicit_no_signals", options!(0, EXPLICIT, 0), Files::Sample)),
];

/// Starts of the file names in a sample: what workers, bounds and signals can change.
const SAMPLE: &[&str] = &[
    "address",
    "align",
    "atomic",
    "bulk",
    "call_indirect",
    "call_ref",
    "conversions",
    "data",
    "elem",
    "exceptions",
    "float_memory",
    "i32.",
    "i64.",
    "imports",
    "legacy",
    "linking",
    "load",
    "memory",
    "return_call",
    "simd_address",
    "simd_load",
    "simd_store",
    "skip",
    "stack",
    "start",
    "store",
    "table",
    "traps",
    "unreachable",
    "unwind",
];

impl Mode {
    pub fn new_engine(&self) -> Result<Engine, String> {
        engine_with(self.options)
    }

    pub fn new_store(&self, engine: &Engine) -> Result<Store, String> {
        let store = new_store(engine).ok_or("the engine makes no store")?;
        if self.metered {
            let set = api().wasmrt_store_set_fuel.ok_or("the library has no fuel")?;
            // SAFETY: the store is alive.
            if !unsafe { set(store.get(), u64::MAX) } {
                return Err("a new store takes no fuel".to_string());
            }
        }
        Ok(store)
    }

    pub fn runs(&self, file: &str) -> bool {
        self.files == Files::All
            || every_mode_in_full()
            || SAMPLE.iter().any(|start| file.starts_with(start))
    }
}

/// An engine with options; none means the default configuration.
pub fn engine_with(options: &[(i32, u64)]) -> Result<Engine, String> {
    let refused = "the library makes no engine";
    if options.is_empty() {
        // SAFETY: no arguments.
        let engine = unsafe { (api().wasm_engine_new)() };
        return Owned::new(engine, api().wasm_engine_delete).ok_or(refused.to_string());
    }
    let set = api().wasmrt_config_set.ok_or("the library has no wasmrt_config_set")?;
    // SAFETY: the engine consumes the configuration, also when it cannot be made.
    unsafe {
        let config = (api().wasm_config_new)();
        let wrong = options.iter().find(|(option, value)| !set(config, *option, *value));
        let engine =
            Owned::new((api().wasm_engine_new_with_config)(config), api().wasm_engine_delete);
        match wrong {
            Some((option, value)) => Err(format!("option {option} refuses the value {value}")),
            None => engine.ok_or(refused.to_string()),
        }
    }
}

fn every_mode_in_full() -> bool {
    std::env::var("WASMRT_SPEC_MODES").is_ok_and(|modes| modes == "all")
}
