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
}

/// What was compiled in one tier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TierStats {
    /// A function counts once for each mode in which it was compiled.
    pub functions: u64,
    pub code_bytes: u64,
    /// The sum over all threads.
    pub nanoseconds: u64,
}

impl Counters {
    /// Counts for an engine, which may have a timeline.
    pub fn of_engine(timeline: Option<Arc<Timeline>>) -> Counters {
        Counters { timeline, ..Counters::default() }
    }

    /// Counts for a module of so many functions.
    pub fn of_module(engine: &Arc<Counters>, functions: usize) -> Counters {
        engine.functions.fetch_add(functions as u64, Relaxed);
        let functions = AtomicU64::new(functions as u64);
        let timeline = engine.timeline.clone();
        Counters { functions, engine: Some(engine.clone()), timeline, ..Counters::default() }
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
        counters.code_bytes.fetch_add(code_bytes as u64, Relaxed);
        counters.nanoseconds.fetch_add(took.as_nanos() as u64, Relaxed);
        if let Some(engine) = &self.engine {
            engine.compiled(tier, code_bytes, took);
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
        }
    }
}

impl TierCounters {
    fn stats(&self) -> TierStats {
        TierStats {
            functions: self.functions.load(Relaxed),
            code_bytes: self.code_bytes.load(Relaxed),
            nanoseconds: self.nanoseconds.load(Relaxed),
        }
    }
}
