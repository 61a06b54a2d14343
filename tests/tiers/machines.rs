//! Engines of all kinds, and the interpreter, that run one module after the other.

use super::interpreter::Interpreter;
use super::run::{
    BASELINE, BOTH, Config, EXPLICIT, GUARD, LAZY_BASELINE, Machine, OPTIMIZED, Outcome, TIERED,
};
use super::shape::Shape;
use super::support::modes::{ITERATIONS, RANDOM_BUDGETS};

/// Engines that are compared. The first is the reference.
pub struct Machines {
    machines: Vec<Machine>,
    interpreter: Interpreter,
}

/// How far a module could be compared.
#[derive(PartialEq, Eq, Debug)]
pub struct Compared {
    /// Whether there was an instance.
    pub runs: bool,
    /// Calls that the interpreter did as well; None if it does not know what the module needs.
    pub interpreted: Option<usize>,
}

/// What generated modules need.
const USUAL_PAGES: u64 = 40;

/// What most real modules begin with.
const MANY_PAGES: u64 = 2048;

const USUAL: Config = Config {
    compile: OPTIMIZED,
    bounds: GUARD,
    signals: 1,
    cpu_features: 1,
    tier_up: 100,
    fuel: None,
    most_pages: USUAL_PAGES,
};

/// Enough for most calls that end at all.
const METERED: Config = Config { fuel: Some(20_000), ..USUAL };

impl Machines {
    pub fn new() -> Machines {
        Machines::of_all_kinds(METERED)
    }

    /// Programs do more in a call.
    pub fn for_programs() -> Machines {
        Machines::of_all_kinds(Config { fuel: Some(5_000_000), ..USUAL })
    }

    fn of_all_kinds(metered: Config) -> Machines {
        let (baseline, lazy_baseline) = (BASELINE, LAZY_BASELINE);
        Machines::of(&[
            metered,
            Config { compile: baseline, ..metered },
            Config { compile: baseline, bounds: EXPLICIT, signals: 0, cpu_features: 0, ..metered },
            Config { compile: lazy_baseline, bounds: EXPLICIT, ..metered },
            // Mixed: each function is optimized at once, when it is a little warm, or never, by chance.
            Config { compile: TIERED, tier_up: RANDOM_BUDGETS + 1, ..metered },
            Config { compile: baseline, cpu_features: 0, ..USUAL },
            Config { compile: baseline, signals: 0, ..USUAL },
            Config { compile: lazy_baseline, bounds: EXPLICIT, signals: 0, ..USUAL },
            Config { compile: TIERED, bounds: EXPLICIT, tier_up: 0, ..USUAL },
            Config { compile: BOTH, tier_up: RANDOM_BUDGETS + 2, ..USUAL },
        ])
    }

    /// Engines on which functions leave their baseline code after various numbers of iterations.
    pub fn of_many_budgets() -> Machines {
        let metered = Config { fuel: Some(2_000_000), ..USUAL };
        let mut configs = vec![metered, Config { compile: BASELINE, ..metered }];
        configs.extend((1..5).map(|percent| Config {
            compile: TIERED,
            tier_up: percent,
            ..if percent == 1 { metered } else { USUAL }
        }));
        configs.extend([1, 2, 9].map(|iteration| Config {
            compile: TIERED,
            bounds: if iteration == 2 { EXPLICIT } else { GUARD },
            tier_up: ITERATIONS + iteration,
            ..if iteration == 1 { metered } else { USUAL }
        }));
        configs.extend((0..6).map(|seed| Config {
            compile: TIERED,
            bounds: if seed % 2 == 0 { GUARD } else { EXPLICIT },
            tier_up: RANDOM_BUDGETS + seed,
            ..if seed == 0 { metered } else { USUAL }
        }));
        Machines::of(&configs)
    }

    /// Engines that compile only what is called.
    pub fn for_large_modules() -> Machines {
        let configs = [
            Config { compile: TIERED, tier_up: 0, ..METERED },
            Config { compile: LAZY_BASELINE, ..METERED },
            Config {
                compile: LAZY_BASELINE,
                bounds: EXPLICIT,
                signals: 0,
                cpu_features: 0,
                ..METERED
            },
            Config { compile: TIERED, tier_up: RANDOM_BUDGETS + 1, ..METERED },
            Config { compile: LAZY_BASELINE, cpu_features: 0, ..USUAL },
            Config { compile: TIERED, bounds: EXPLICIT, tier_up: 0, ..USUAL },
        ];
        Machines::of(&configs.map(|config| Config { most_pages: MANY_PAGES, ..config }))
    }

    fn of(configs: &[Config]) -> Machines {
        Machines {
            machines: configs.iter().map(|config| Machine::new(*config)).collect(),
            interpreter: Interpreter::new(configs[0].most_pages),
        }
    }

    pub fn unmetered(&self) -> impl Iterator<Item = &Machine> {
        self.machines.iter().filter(|machine| machine.config.fuel.is_none())
    }

    /// Runs a module on all of them. An error is a difference.
    pub fn compare(&self, bytes: &[u8], seed: u64, what: &str) -> Result<Compared, String> {
        let Some(shape) = Shape::of(bytes) else {
            return Ok(Compared { runs: false, interpreted: None });
        };
        self.compare_runs(bytes, &shape, seed).map_err(|(who, difference)| {
            save(bytes, what);
            format!("{what}, {who}: {difference}")
        })
    }

    /// A difference comes with whose it is.
    fn compare_runs(
        &self,
        bytes: &[u8],
        shape: &Shape,
        seed: u64,
    ) -> Result<Compared, (String, String)> {
        let first = self.machines[0].run(bytes, shape, seed);
        for machine in &self.machines[1..] {
            // A loop without end needs metered code.
            if machine.config.fuel.is_none() && !may_run_unmetered(&first) {
                continue;
            }
            let outcome = machine.run(bytes, shape, seed);
            if let Some(difference) = first.difference(&outcome) {
                return Err((format!("{:?}", machine.config), difference));
            }
        }
        let interpreted = self.interpreter.compare(bytes, shape, seed, &first);
        let interpreted = interpreted.map_err(|difference| ("interpreter".into(), difference))?;
        Ok(Compared { runs: first.refused.is_none(), interpreted })
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
