//! Samples of the guest stack, for the profile of a store.
//!
//! A sample is taken where metered code asks for more fuel, once the interval since the last one has passed. So no
//! signal and no thread is needed that could disturb the host, and code of other stores is not touched. While a
//! profile is taken, fuel is given out in smaller slices, so that the code which is sampled is the code that ran when the
//! interval ended, give or take a few microseconds. Host functions have no such places: time in them is not sampled.

use super::store::Store;
use crate::abi::Tier;
use crate::code;
use crate::error::Error;
use crate::record::Profile;
use crate::stubs::walk::frames_of_callers;
use crate::sys::lock::Lock;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Frames of a sample, counted from the innermost one. Others are left out.
const DEEPEST: usize = 1024;

/// A profile that a store fills, and that may outlive it.
pub struct SharedProfile {
    pub profile: Lock<Profile>,
    is_stopped: AtomicBool,
}

impl SharedProfile {
    /// Takes no more samples.
    pub fn stop(&self) {
        self.is_stopped.store(true, Relaxed);
    }
}

/// What a store samples.
#[derive(Default)]
pub(super) struct Sampler {
    is_on: Cell<bool>,
    running: RefCell<Option<Running>>,
}

struct Running {
    profile: Arc<SharedProfile>,
    interval: Duration,
    /// When the next sample is due.
    next: Instant,
    /// Program counters, innermost first.
    stack: Vec<usize>,
}

impl Sampler {
    #[inline]
    pub(super) fn is_on(&self) -> bool {
        self.is_on.get()
    }
}

impl Store {
    /// Begins a profile, in place of the one before. The store's code must be metered.
    pub fn begin_profile(&self, interval: Duration) -> Result<Arc<SharedProfile>, Error> {
        self.meter()?;
        let profile = Lock::new(Profile::new(interval));
        let profile = Arc::new(SharedProfile { profile, is_stopped: AtomicBool::new(false) });
        let (next, stack) = (Instant::now() + interval, Vec::new());
        let running = Running { profile: profile.clone(), interval, next, stack };
        let former = self.metering.sampler.running.borrow_mut().replace(running);
        self.metering.sampler.is_on.set(true);
        if let Some(former) = former {
            former.profile.stop();
        }
        Ok(profile)
    }

    /// Takes a sample if one is due. Called by guest code, through a builtin.
    #[inline]
    pub(super) fn sample(&self) {
        if self.metering.sampler.is_on() {
            self.sample_if_due();
        }
    }

    fn sample_if_due(&self) {
        let sampler = &self.metering.sampler;
        let mut running = sampler.running.borrow_mut();
        let Some(Running { profile, interval, next, stack }) = &mut *running else { return };
        if profile.is_stopped.load(Relaxed) {
            sampler.is_on.set(false);
            *running = None;
            return;
        }
        let now = Instant::now();
        if now < *next {
            return;
        }
        *next = now + *interval;
        stack.clear();
        frames_of_callers(&self.context, |pc| {
            if stack.len() < DEEPEST && stack.try_reserve(1).is_ok() {
                stack.push(pc);
            }
        });
        let tier = self.record_sample(&mut profile.profile.lock(), stack);
        if let (Some(tier), Some(timeline)) = (tier, self.engine.compile.timeline()) {
            timeline.sampled(tier);
        }
    }

    /// Adds a sample to a profile. The tier of the innermost frame.
    fn record_sample(&self, profile: &mut Profile, stack: &[usize]) -> Option<Tier> {
        let mut sample = profile.sample();
        let mut tier = None;
        for pc in stack.iter().rev() {
            // SAFETY: the code is on the stack, so its instance is alive.
            let Some(code) = (unsafe { code::find_shared(*pc) }) else { continue };
            let own_tier = self.code_users.tier_at(&code, *pc).unwrap_or(Tier::Optimized);
            let places: SmallVec<[_; 8]> = code.frames_at(*pc, false).collect();
            for place in places.iter().rev() {
                sample.frame(code.module(), place.func, place.wasm_offset, own_tier);
                tier = Some(own_tier);
            }
        }
        sample.end();
        tier
    }
}
