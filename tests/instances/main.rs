//! Instances that are made and deleted, compared with a plain model of the specification.
//!
//! Modules are generated from seeds, mostly segments and functions that work on memories and tables. Several
//! instances of several modules live in several stores of one engine, import each other's memories, tables and
//! functions, and are deleted and made again. Each must begin with exactly what its segments say and hold exactly
//! what was written since, whatever the library prepares ahead, shares, defers or reuses. `WASMRT_INSTANCES_CASES`
//! sets the number of seeds.

mod model;
mod objects;
mod plan;
#[path = "../support/mod.rs"]
mod support;
mod world;

use c_api::{WASMRT_OPTION_BOUNDS, WASMRT_OPTION_SIGNALS, WASMRT_OPTION_WORKERS};
use std::sync::Arc;
use support::{c_api, handles, random};
use world::{Modules, Settings, World, without_files};

const STEPS: usize = 120;

fn seeds(default: u64) -> std::ops::Range<u64> {
    let number =
        std::env::var("WASMRT_INSTANCES_CASES").ok().and_then(|number| number.parse().ok());
    0..number.unwrap_or(default)
}

/// Prints the seed when a check fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("(seed {})", self.0);
        }
    }
}

fn run(seed: u64, settings: Settings) {
    let _seed = Seed(seed);
    let mut world = World::new(seed, Arc::new(Modules::new(seed, settings)));
    world.steps(STEPS);
    world.check();
}

macro_rules! options {
    ($bounds:expr, $signals:expr) => {
        &[
            (WASMRT_OPTION_WORKERS, 0),
            (WASMRT_OPTION_BOUNDS, $bounds),
            (WASMRT_OPTION_SIGNALS, $signals),
        ]
    };
}

const GUARD: u64 = 1;
const EXPLICIT: u64 = 2;

#[test]
fn instances_hold_what_their_segments_say() {
    seeds(60).for_each(|seed| run(seed, Settings::default()));
}

#[test]
fn instances_with_explicit_bounds_hold_what_their_segments_say() {
    for seed in seeds(30) {
        let options = if seed % 2 == 0 { options!(EXPLICIT, 0) } else { options!(EXPLICIT, 1) };
        run(1000 + seed, Settings { options, ..Settings::default() });
    }
}

#[test]
fn instances_without_signals_hold_what_their_segments_say() {
    for seed in seeds(20) {
        run(2000 + seed, Settings { options: options!(GUARD, 0), ..Settings::default() });
    }
}

#[test]
fn instances_of_serialized_modules_hold_what_their_segments_say() {
    for seed in seeds(30) {
        run(3000 + seed, Settings { serialized: true, ..Settings::default() });
    }
}

#[test]
fn metered_instances_hold_what_their_segments_say() {
    for seed in seeds(20) {
        run(4000 + seed, Settings { metered: true, ..Settings::default() });
    }
}

#[test]
fn children_of_forks_and_their_parents_do_not_see_each_other() {
    for seed in seeds(15) {
        let _seed = Seed(seed);
        let serialized = seed % 3 == 0;
        let settings = Settings { serialized, ..Settings::default() };
        let mut world = World::new(seed, Arc::new(Modules::new(5000 + seed, settings)));
        for _ in 0..3 {
            world.steps(STEPS / 3);
            world.check_in_child();
        }
    }
}

#[test]
fn instances_need_no_files() {
    for seed in seeds(10) {
        let _seed = Seed(seed);
        without_files(|| run(6000 + seed, Settings::default()));
    }
}

#[test]
fn threads_that_share_modules_do_not_see_each_other() {
    for seed in seeds(6) {
        let modules = Arc::new(Modules::new(7000 + seed, Settings::default()));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let modules = modules.clone();
                scope.spawn(move || {
                    let _seed = Seed(seed);
                    let mut world = World::new(100 * seed + thread, modules);
                    world.steps(STEPS);
                    world.check();
                });
            }
        });
    }
}
