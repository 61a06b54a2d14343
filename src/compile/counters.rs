//! What was compiled so far, for statistics, and who is told of it.

use super::events::Events;
use crate::abi::Tier;
use crate::record::Timeline;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts for one module, which also count for its engine.
#[derive(Default)]
pub struct Counters {
    functions: AtomicU64,
    baseline: TierCounters,
    optimized: TierCounters,
    oversized: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
    loaded_bytes: AtomicU64,
    memory: AtomicU64,
    validation: AtomicU64,
    /// Of the module.
    pub events: Events,
    engine: Option<Arc<Counters>>,
    timeline: Option<Arc<Timeline>>,
}

#[derive(Default)]
struct TierCounters {
    functions: AtomicU64,
    code_bytes: AtomicU64,
    nanoseconds: AtomicU64,
}

/// The counts at some moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Functions that modules define.
    pub functions: u64,
    pub baseline: TierStats,
    pub optimized: TierStats,
    /// Functions of the optimized tier that its compiler left to the other one.
    pub oversized: u64,
    /// Functions that wait to be optimized.
    pub waiting: u64,
    /// How often the cache folder had the code that was looked for, and how often not.
    pub hits: u64,
    pub misses: u64,
    /// Bytes that were read from the cache folder.
    pub loaded_bytes: u64,
    /// Bytes that modules hold now.
    pub memory: u64,
    /// Nanoseconds of validating bodies that were not compiled at the same time, summed over all threads.
    pub validation: u64,
}

/// What was compiled in one tier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TierStats {
    /// A function counts once for each mode in which it was compiled.
    pub functions: u64,
    /// With code that continues loops.
    pub code_bytes: u64,
    /// The sum over all threads.
    pub nanoseconds: u64,
}

impl Counters {
    /// Counts for an engine, which may have a timeline.
    pub fn of_engine(timeline: Option<Arc<Timeline>>) -> Counters {
        Counters::new(0, None, timeline)
    }

    /// Counts for a module of so many functions.
    pub fn of_module(engine: &Arc<Counters>, functions: usize) -> Counters {
        engine.functions.fetch_add(functions as u64, Relaxed);
        Counters::new(functions, Some(engine.clone()), engine.timeline.clone())
    }

    fn new(
        functions: usize,
        engine: Option<Arc<Counters>>,
        timeline: Option<Arc<Timeline>>,
    ) -> Counters {
        let mut counters = Counters::default();
        counters.functions = AtomicU64::new(functions as u64);
        (counters.engine, counters.timeline) = (engine, timeline);
        counters
    }

    /// What else is recorded of each compilation, if somebody wants to know.
    pub fn timeline(&self) -> Option<&Timeline> {
        self.timeline.as_deref()
    }

    /// A function was compiled.
    pub fn compiled(&self, tier: Tier, code_bytes: usize, took: Duration) {
        let counters = match tier {
            Tier::Baseline => &self.baseline,
            Tier::Optimized => &self.optimized,
        };
        counters.functions.fetch_add(1, Relaxed);
        counters.add(code_bytes, took);
        if let Some(engine) = &self.engine {
            engine.compiled(tier, code_bytes, took);
        }
    }

    /// Code was made that continues a loop, or there can be none, which was found out in this time.
    pub fn compiled_loop(&self, code_bytes: usize, took: Duration) {
        self.optimized.add(code_bytes, took);
        if let Some(engine) = &self.engine {
            engine.compiled_loop(code_bytes, took);
        }
    }

    /// A thread has validated bodies.
    pub fn validated(&self, took: Duration) {
        self.validation.fetch_add(took.as_nanos() as u64, Relaxed);
        if let Some(engine) = &self.engine {
            engine.validated(took);
        }
    }

    /// The optimizing compiler left a function to the other one.
    pub fn oversized(&self) {
        self.oversized.fetch_add(1, Relaxed);
        if let Some(engine) = &self.engine {
            engine.oversized();
        }
    }

    /// The cache folder had an entry of this many bytes, or none.
    pub fn looked_up(&self, found: Option<usize>) {
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Relaxed);
        self.loaded_bytes.fetch_add(found.unwrap_or(0) as u64, Relaxed);
        if let Some(engine) = &self.engine {
            engine.looked_up(found);
        }
    }

    /// The module holds more memory, until nobody counts for it any more.
    pub fn hold(&self, bytes: usize) {
        self.memory.fetch_add(bytes as u64, Relaxed);
        if let Some(engine) = &self.engine {
            engine.hold(bytes);
        }
    }

    pub fn stats(&self, waiting: usize) -> Stats {
        Stats {
            functions: self.functions.load(Relaxed),
            baseline: self.baseline.stats(),
            optimized: self.optimized.stats(),
            oversized: self.oversized.load(Relaxed),
            waiting: waiting as u64,
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            loaded_bytes: self.loaded_bytes.load(Relaxed),
            memory: self.memory.load(Relaxed),
            validation: self.validation.load(Relaxed),
        }
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        if let Some(engine) = &self.engine {
            engine.memory.fetch_sub(*self.memory.get_mut(), Relaxed);
        }
    }
}

impl TierCounters {
    fn add(&self, code_bytes: usize, took: Duration) {
        self.code_bytes.fetch_add(code_bytes as u64, Relaxed);
        self.nanoseconds.fetch_add(took.as_nanos() as u64, Relaxed);
    }

    fn stats(&self) -> TierStats {
        TierStats {
            functions: self.functions.load(Relaxed),
            code_bytes: self.code_bytes.load(Relaxed),
            nanoseconds: self.nanoseconds.load(Relaxed),
        }
    }
}
