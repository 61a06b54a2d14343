//! How much was compared: a run that compares little must not pass unnoticed.

use super::machines::Compared;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Default)]
pub struct Tally {
    /// Seeds that led to a valid module.
    tried: AtomicU64,
    /// Modules of which there were instances.
    ran: AtomicU64,
    /// Those of them that the interpreter ran as well, and calls in these.
    interpreted: AtomicU64,
    calls: AtomicU64,
}

/// Of fewer modules no share is demanded.
const ENOUGH: u64 = 50;

impl Tally {
    pub fn add(&self, compared: &Compared) {
        self.tried.fetch_add(1, Relaxed);
        if compared.runs {
            self.ran.fetch_add(1, Relaxed);
            self.interpreted.fetch_add(compared.interpreted.is_some().into(), Relaxed);
            self.calls.fetch_add(compared.interpreted.unwrap_or(0) as u64, Relaxed);
        }
    }

    /// So many per cent of the modules must have run, and of these so many in the interpreter.
    pub fn demand(&self, ran: u64, interpreted: u64) {
        if self.tried.load(Relaxed) < ENOUGH {
            return;
        }
        let percent = |part: &AtomicU64, whole: &AtomicU64| {
            100 * part.load(Relaxed) / whole.load(Relaxed).max(1)
        };
        assert!(percent(&self.ran, &self.tried) >= ran, "{self}");
        assert!(percent(&self.interpreted, &self.ran) >= interpreted, "{self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { tried, ran, interpreted, calls } = self;
        write!(f, "{ran:?} of {tried:?} modules run")?;
        write!(f, ", {interpreted:?} of them in the interpreter with {calls:?} calls")
    }
}
