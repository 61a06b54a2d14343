//! The compilers agree: whatever a module does, it does the same in code of any of them, and in an interpreter.
//!
//! Generated and damaged modules run on engines of every tier and several modes, and everything a host can see is
//! compared: results, traps with their frames and offsets, the fuel that is left, memories, tables and globals. What an
//! interpreter can show that is not ours is compared with it (`interpreter`).
//! `WASMRT_TIERS_SEEDS=from..to` sets which seeds are tried, `WASMRT_TIERS_MODULES` names files and folders of real
//! modules to damage, and `WASMRT_TIERS_SAVE` a folder for modules that differ.

mod canonical;
mod cases;
mod closed;
mod dense;
mod host;
mod interpreter;
mod loops;
mod machines;
mod real;
mod run;
mod shape;
mod smith;
#[path = "../support/mod.rs"]
mod support;
mod tally;

use machines::Machines;
use shape::Shape;
use std::ops::Range;
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use support::{c_api, handles, random};
use tally::Tally;

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
) -> Tally {
    let next = AtomicU64::new(seeds.start);
    let (tally, differences) = (Tally::default(), Mutex::new(Vec::new()));
    let work = || {
        let machines = machines();
        while differences.lock().unwrap().len() < MOST_DIFFERENCES {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= seeds.end {
                break;
            }
            let Some(bytes) = make(seed) else { continue };
            match machines.compare(&bytes, seed, &format!("{what} {seed}")) {
                Ok(compared) => tally.add(&compared),
                Err(difference) => differences.lock().unwrap().push(difference),
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    println!("{what}: {} seeds, {tally}", seeds.end - seeds.start);
    let differences = differences.into_inner().unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    tally
}

#[test]
fn modules_by_wasm_smith_do_the_same() {
    for_each_seed(seeds(2000), "smith", Machines::new, smith::module).demand(90, 65);
}

#[test]
fn dense_modules_do_the_same() {
    let make = |seed| Some(validated(dense::module(seed), "dense", seed));
    for_each_seed(seeds(300), "dense", Machines::new, make).demand(90, 90);
}

#[test]
fn loops_are_entered_wherever_budgets_end() {
    let make = |seed| Some(validated(loops::module(seed), "loops", seed));
    for_each_seed(seeds(100), "loops", Machines::of_many_budgets, make).demand(90, 45);
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
    let mut interpreted = 0;
    for ((name, text), seeds) in small.chain(large) {
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for seed in 0..seeds {
            let compared = machines.compare(&bytes, seed, name).unwrap();
            assert!(compared.runs, "{name}");
            interpreted += compared.interpreted.unwrap_or(0);
        }
    }
    println!("{interpreted} calls by the interpreter as well");
    assert!(interpreted > 1000);
}

/// A thread's stack, smaller than what guest code may use.
const SMALL_STACK: usize = 192 << 10;

#[test]
fn recursion_without_end_traps_on_small_threads() {
    for (name, text) in cases::recursions() {
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let shape = Shape::of(&bytes).expect("a valid module");
        let run = || {
            for machine in Machines::new().unmetered() {
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
fn damaged_programs_do_the_same() {
    damaged_modules_do_the_same(&real::programs(), 20);
}

#[test]
#[ignore = "needs modules: WASMRT_TIERS_MODULES"]
fn damaged_modules_of_others_do_the_same() {
    damaged_modules_do_the_same(&real::named(), 60);
}

/// Each of the modules is damaged so many times, if no seeds are named.
fn damaged_modules_do_the_same(originals: &[real::Original], default: u64) {
    assert!(!originals.is_empty(), "no modules");
    for original in originals {
        let machines = match original.is_large() {
            true => Machines::for_large_modules,
            false => Machines::for_programs,
        };
        let make = |seed| original.changed(seed);
        for_each_seed(seeds(default), &original.name, machines, make).demand(90, 50);
    }
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
        let compared = machines.compare(&bytes, seed, "file").unwrap();
        println!("{compared:?}");
        assert!(compared.runs);
    }
}
