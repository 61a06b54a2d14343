//! `--stats`: what took how long, and what was compiled.

use crate::api::{Engine, Store, Tier};
use crate::settings::{size, time};
use crate::table::Table;
use crate::terminal::Stream;
use std::cell::RefCell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Stages of a run, each with what it took.
pub struct Clock {
    state: RefCell<(Instant, Vec<(&'static str, Duration)>)>,
}

impl Clock {
    pub fn start() -> Clock {
        Clock { state: RefCell::new((Instant::now(), Vec::new())) }
    }

    /// Ends a stage and begins the next one.
    pub fn lap(&self, stage: &'static str) {
        let (since, laps) = &mut *self.state.borrow_mut();
        let now = Instant::now();
        laps.push((stage, now - *since));
        *since = now;
    }
}

/// To standard error.
pub fn print(engine: &Engine, store: &Store, fuel: Option<u64>, clock: &Clock) {
    let stats = engine.stats();
    let mut table = Table::new(&["", "time", "functions", "code"]).right(1).right(2).right(3);
    for (stage, duration) in &clock.state.borrow().1 {
        table.row([(*stage).into(), time(*duration), String::new(), String::new()]);
    }
    let spent = |nanoseconds| time(Duration::from_nanos(nanoseconds));
    let validated = spent(stats.validation_nanoseconds);
    table.row(["validated".into(), validated, stats.functions.to_string(), String::new()]);
    let mut tier = |name: &str, tier: &Tier| {
        let spent = spent(tier.nanoseconds);
        table.row([name.into(), spent, tier.functions.to_string(), size(tier.code_bytes)]);
    };
    tier("  baseline", &stats.baseline);
    tier("  optimized", &stats.optimized);
    let mut text = table.text(Stream::Err.paint());
    if stats.oversized > 0 {
        text += &format!("  {} functions too costly to optimize\n", stats.oversized);
    }
    text += &format!("  {} held by modules\n", size(stats.memory));
    if let (Some(given), Some(left)) = (fuel, store.fuel()) {
        text += &format!("  {} units of fuel used, {left} left\n", given - left);
    }
    // There is nobody left to tell.
    let _ = io::stderr().write_all(text.as_bytes());
}
