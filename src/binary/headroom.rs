//! Is memory there, before code that cannot report its absence asks for it?
//!
//! The validator and the compiler allocate as they go, and a refusal there would end the process.
//! What they will need follows roughly from the size of their input, so that much address space is
//! asked for, and given back untouched, before they start. Under a limit on address space this
//! turns nearly every shortage into an error; the estimates of threads at work add up.

use crate::error::Error;
use crate::sys::memory::Mapping;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

/// Of claims below this only one in [`SAMPLE`] is checked: asking takes microseconds.
const SMALL: usize = 256 << 10;
const SAMPLE: u32 = 8;

/// Always asked for on top: small allocations between two checks.
const RESERVE: usize = 1 << 20;

/// Memory that threads of this process said they would need.
static CLAIMED: AtomicUsize = AtomicUsize::new(0);

/// Small claims so far.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A claim on memory; ends when dropped.
pub struct Headroom {
    bytes: usize,
}

impl Headroom {
    /// Fails if `bytes`, what others claimed, and a reserve cannot be had at once.
    pub fn claim(bytes: usize) -> Result<Headroom, Error> {
        let claim = Headroom { bytes };
        let all = CLAIMED.fetch_add(bytes, Relaxed).saturating_add(bytes);
        if bytes >= SMALL || COUNT.fetch_add(1, Relaxed).is_multiple_of(SAMPLE) {
            Mapping::anonymous(all.saturating_add(RESERVE))?;
        }
        Ok(claim)
    }
}

impl Drop for Headroom {
    fn drop(&mut self) {
        CLAIMED.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_does_not_have_is_refused_and_forgotten() {
        for _ in 0..100 {
            assert!(Headroom::claim(1 << 60).is_err());
        }
        drop(Headroom::claim(1 << 20).expect("the failed claims are gone"));
    }
}
