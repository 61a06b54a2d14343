//! Is memory there, before code that cannot report its absence asks for it?
//!
//! The validator and the compiler allocate as they go, and a refusal there would end the process.
//! What they will need follows roughly from the size of their input, so that much address space is
//! asked for, and given back untouched, before they start. Under a limit on address space this
//! turns nearly every shortage into an error; the estimates of threads at work add up.

use crate::error::Error;
use crate::sys::fork;
use crate::sys::memory::Mapping;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Of claims below this only one in [`SAMPLE`] is checked: asking takes microseconds.
const SMALL: usize = 256 << 10;
const SAMPLE: u32 = 8;

/// Always asked for on top: small allocations between two checks.
const RESERVE: usize = 1 << 20;

/// What claims are counted in.
const UNIT: usize = 64 << 10;

/// Units that threads of this process said they would need, below its generation: the child of a
/// fork has none of the threads, and begins at nothing.
static CLAIMED: AtomicU64 = AtomicU64::new(0);

/// Small claims so far.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A claim on memory; ends when dropped.
pub struct Headroom {
    units: u32,
}

impl Headroom {
    /// Fails if `bytes`, what others claimed, and a reserve cannot be had at once.
    pub fn claim(bytes: usize) -> Result<Headroom, Error> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let claim = Headroom { units };
        let all = (change(|all| all.saturating_add(units)) as usize).saturating_mul(UNIT);
        if bytes >= SMALL || COUNT.fetch_add(1, Relaxed).is_multiple_of(SAMPLE) {
            Mapping::anonymous(all.saturating_add(RESERVE))?;
        }
        Ok(claim)
    }
}

impl Drop for Headroom {
    fn drop(&mut self) {
        change(|all| all.saturating_sub(self.units));
    }
}

/// Changes how many units this process has claimed; the number afterwards.
fn change(f: impl Fn(u32) -> u32) -> u32 {
    let process = u64::from(fork::generation()) << 32;
    let next = |word: u64| {
        let units = if word >> 32 << 32 == process { word as u32 } else { 0 };
        process | u64::from(f(units))
    };
    let former = CLAIMED.fetch_update(Relaxed, Relaxed, |word| Some(next(word)));
    former.map_or(0, next) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::lock::Lock;

    #[test]
    fn what_the_system_does_not_have_is_refused_and_forgotten() {
        for _ in 0..100 {
            assert!(Headroom::claim(1 << 60).is_err());
        }
        drop(Headroom::claim(1 << 20).expect("the failed claims are gone"));
    }

    #[test]
    fn the_child_of_a_fork_does_not_inherit_claims() {
        static WATCHED: Lock<()> = Lock::new(());
        WATCHED.watch_forks();
        let _claim = Headroom::claim(1 << 20).unwrap();
        assert!(change(|units| units) >= 16);
        // SAFETY: the child only reads a number and ends.
        unsafe {
            match libc::fork() {
                0 => libc::_exit(i32::from(change(|units| units) != 0)),
                child => {
                    let mut status = -1;
                    assert_eq!(libc::waitpid(child, &mut status, 0), child);
                    assert_eq!(status, 0);
                }
            }
        }
    }
}
