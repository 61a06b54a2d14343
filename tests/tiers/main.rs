//! The compilers agree: whatever a module does, it does the same in code of any of them.
//!
//! Generated and damaged modules run on engines of every tier and several modes, and everything a host can see is
//! compared: results, traps with their frames and offsets, the fuel that is left, memories, tables and globals.
//! `WASMRT_TIERS_SEEDS=from..to` sets which seeds are tried, `WASMRT_TIERS_MODULES` names files and folders of real
//! modules to damage, and `WASMRT_TIERS_SAVE` a folder for modules that differ.

mod cases;
mod dense;
mod host;
mod loops;
mod real;
mod run;
mod shape;
mod smith;
#[path = "../support/mod.rs"]
mod support;

use run::{
    BASELINE, BOTH, Config, EXPLICIT, GUARD, LAZY_BASELINE, Machine, OPTIMIZED, Outcome, TIERED,
};
use shape::Shape;
use std::ops::Range;
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use support::{c_api, handles, random};

/// From here on the tier-up option is a seed.
const RANDOM_BUDGETS: u64 = 0x4000_0000;

/// Engines that are compared. The first is the reference.
struct Machines(Vec<Machine>);

impl Machines {
    fn new() -> Machines {
        let config = |compile, bounds, signals, cpu_features, is_metered: bool| {
            let (tier_up, fuel) = (100, is_metered.then_some(20_000));
            Config { compile, bounds, signals, cpu_features, tier_up, fuel }
        };
        let tiered = |compile, bounds, tier_up, is_metered| Config {
            tier_up,
            ..config(compile, bounds, 1, 1, is_metered)
        };
        let configs = [
            config(OPTIMIZED, GUARD, 1, 1, true),
            config(BASELINE, GUARD, 1, 1, true),
            config(BASELINE, EXPLICIT, 0, 0, true),
            config(LAZY_BASELINE, EXPLICIT, 1, 1, true),
            // Mixed: each function is optimized at once, when it is a little warm, or never, by chance.
            tiered(TIERED, GUARD, RANDOM_BUDGETS + 1, true),
            config(BASELINE, GUARD, 1, 0, false),
            config(BASELINE, GUARD, 0, 1, false),
            config(LAZY_BASELINE, EXPLICIT, 0, 1, false),
            tiered(TIERED, EXPLICIT, 0, false),
            tiered(BOTH, GUARD, RANDOM_BUDGETS + 2, false),
        ];
        Machines(configs.map(Machine::new).into())
    }

    /// Engines on which functions leave their baseline code after various numbers of iterations.
    fn of_many_budgets() -> Machines {
        let config = |compile, bounds, tier_up, is_metered: bool| {
            let (signals, cpu_features, fuel) = (1, 1, is_metered.then_some(2_000_000));
            Config { compile, bounds, signals, cpu_features, tier_up, fuel }
        };
        let whole = [OPTIMIZED, BASELINE].map(|compile| config(compile, GUARD, 100, true));
        let percent = (1..5).map(|percent| config(TIERED, GUARD, percent, percent == 1));
        let random = (0..6).map(|seed| {
            let bounds = if seed % 2 == 0 { GUARD } else { EXPLICIT };
            config(TIERED, bounds, RANDOM_BUDGETS + seed, seed == 0)
        });
        Machines(whole.into_iter().chain(percent).chain(random).map(Machine::new).collect())
    }

    /// Runs a module on all of them; whether it could be compared, or a difference.
    fn compare(&self, bytes: &[u8], seed: u64, what: &str) -> Result<bool, String> {
        let Some(shape) = Shape::of(bytes) else { return Ok(false) };
        let first = self.0[0].run(bytes, &shape, seed);
        for machine in &self.0[1..] {
            // A loop without end needs metered code.
            if machine.config.fuel.is_none() && !may_run_unmetered(&first) {
                continue;
            }
            let outcome = machine.run(bytes, &shape, seed);
            if let Some(difference) = first.difference(&outcome) {
                save(bytes, what);
                return Err(format!("{what}, {:?}: {difference}", machine.config));
            }
        }
        Ok(first.refused.is_none())
    }
}

fn may_run_unmetered(outcome: &Outcome) -> bool {
    outcome.refused.is_none() && !outcome.fuel_ended && !outcome.stack_ended
}

fn save(bytes: &[u8], what: &str) {
    if let Ok(folder) = std::env::var("WASMRT_TIERS_SAVE") {
        let path = format!("{folder}/{}.wasm", what.replace(' ', "_"));
        std::fs::write(path, bytes).expect("a file for the module");
    }
}

/// After so many the test ends.
const MOST_DIFFERENCES: usize = 10;

fn seeds(default: u64) -> Range<u64> {
    let Ok(range) = std::env::var("WASMRT_TIERS_SEEDS") else { return 0..default };
    let (from, to) = range.split_once("..").expect("from..to");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// Tries all seeds, on all processors.
fn for_each_seed(
    seeds: Range<u64>,
    what: &str,
    machines: fn() -> Machines,
    make: impl Fn(u64) -> Option<Vec<u8>> + Sync,
) {
    let next = AtomicU64::new(seeds.start);
    let (compared, differences) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        let machines = machines();
        while differences.lock().unwrap().len() < MOST_DIFFERENCES {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= seeds.end {
                break;
            }
            let Some(bytes) = make(seed) else { continue };
            match machines.compare(&bytes, seed, &format!("{what} {seed}")) {
                Ok(done) => _ = compared.fetch_add(done.into(), Relaxed),
                Err(difference) => differences.lock().unwrap().push(difference),
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    println!("{what}: {compared:?} of {} compared", seeds.end - seeds.start);
    let differences = differences.into_inner().unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn modules_by_wasm_smith_do_the_same() {
    for_each_seed(seeds(2000), "smith", Machines::new, smith::module);
}

#[test]
fn dense_modules_do_the_same() {
    for_each_seed(seeds(300), "dense", Machines::new, |seed| {
        Some(validated(dense::module(seed), "dense", seed))
    });
}

#[test]
fn loops_are_entered_wherever_budgets_end() {
    for_each_seed(seeds(100), "loops", Machines::of_many_budgets, |seed| {
        Some(validated(loops::module(seed), "loops", seed))
    });
}

fn validated(bytes: Vec<u8>, what: &str, seed: u64) -> Vec<u8> {
    if let Err(error) = wasmparser::validate(&bytes) {
        panic!("{what} {seed}: {error}");
    }
    bytes
}

#[test]
fn cases_do_the_same() {
    let machines = Machines::new();
    let small = cases::CASES.iter().map(|(name, text)| (*name, text.to_string()));
    let small = small.map(|case| (case, 8));
    let large = cases::large().into_iter().map(|case| (case, 2));
    for ((name, text), seeds) in small.chain(large) {
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for seed in 0..seeds {
            assert_eq!(machines.compare(&bytes, seed, name), Ok(true), "{name}");
        }
    }
}

/// A thread's stack, smaller than what guest code may use.
const SMALL_STACK: usize = 192 << 10;

#[test]
fn recursion_without_end_traps_on_small_threads() {
    for (name, text) in cases::recursions() {
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let shape = Shape::of(&bytes).expect("a valid module");
        let run = || {
            for machine in Machines::new().0.iter().filter(|machine| machine.config.fuel.is_none())
            {
                let outcome = machine.run(&bytes, &shape, 0);
                assert!(outcome.stack_ended, "{name}, {:?}: {outcome:?}", machine.config);
            }
        };
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(SMALL_STACK);
            thread.spawn_scoped(scope, run).expect("a thread").join().expect("no difference");
        });
    }
}

#[test]
#[ignore = "needs modules"]
fn damaged_real_modules_do_the_same() {
    let originals = real::originals();
    assert!(!originals.is_empty(), "no modules");
    for_each_seed(seeds(1000), "real", Machines::new, |seed| {
        originals[seed as usize % originals.len()].changed(seed)
    });
}

/// Compares one file: `WASMRT_TIERS_FILE`.
#[test]
#[ignore = "needs a file"]
fn a_file_does_the_same() {
    let path = std::env::var("WASMRT_TIERS_FILE").expect("a file");
    let mut bytes = std::fs::read(&path).expect("the file");
    if !bytes.starts_with(b"\0asm") {
        bytes = wat::parse_bytes(&bytes).expect("a module as text").into_owned();
    }
    let seed = std::env::var("WASMRT_TIERS_SEED").map_or(0, |seed| seed.parse().expect("a seed"));
    for machines in [Machines::new(), Machines::of_many_budgets()] {
        assert_eq!(machines.compare(&bytes, seed, "file"), Ok(true));
    }
}
