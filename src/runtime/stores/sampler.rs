//! Samples of the guest stack, for the profile of a store.
//!
//! A sample is taken where metered code asks for more fuel, once the interval since the last one has passed. So no
//! signal and no thread is needed that could disturb the host, and code of other stores is not touched. While a
//! profile is taken, fuel is given out in smaller slices, so that the code which is sampled is the code that ran when the
//! interval ended, give or take a few microseconds. Host functions have no such places: time in them is not sampled.

use super::store::Store;
use crate::abi::Tier;
use crate::code::{self, CodeObject};
use crate::error::Error;
use crate::record::{Profile, ProfileFormat};
use crate::stubs::walk::frames_of_callers;
use crate::sys::lock::ForkMutex;
use crate::types::FuncIndex;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Frames of a sample, counted from the innermost one. Others are left out.
const DEEPEST: usize = 1024;

/// A profile that a store fills, and that may outlive it.
pub struct SharedProfile {
    profile: ForkMutex<Profile>,
    is_stopped: AtomicBool,
}

impl SharedProfile {
    /// The number of samples.
    pub fn count(&self) -> u64 {
        self.profile.lock().count()
    }

    /// What was sampled so far, as text; `None` when memory is short.
    pub fn write(&self, format: ProfileFormat) -> Option<String> {
        // The lock is not held while names are looked up.
        let snapshot = self.profile.lock().snapshot();
        snapshot?.write(format)
    }

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
    /// The frames of a sample, innermost first; empty between samples.
    frames: Vec<Frame>,
}

/// A guest frame, with inlined functions as frames of their own.
struct Frame {
    code: Arc<CodeObject>,
    func: FuncIndex,
    offset: u32,
    tier: Tier,
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
        let profile = ForkMutex::new(Profile::new(interval));
        let profile = Arc::new(SharedProfile { profile, is_stopped: AtomicBool::new(false) });
        let running = Running {
            profile: profile.clone(),
            interval,
            next: Instant::now() + interval,
            stack: Vec::new(),
            frames: Vec::new(),
        };
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
        let Some(Running { profile, interval, next, stack, frames }) = &mut *running else {
            return;
        };
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
        self.resolve(stack, frames);
        let mut locked = profile.profile.lock();
        let mut sample = locked.sample();
        for frame in frames.iter().rev() {
            sample.frame(frame.code.module(), frame.func, frame.offset, frame.tier);
        }
        sample.end();
        drop(locked);
        if let (Some(innermost), Some(timeline)) = (frames.first(), self.engine.compile.timeline())
        {
            timeline.sampled(innermost.tier);
        }
        frames.clear();
    }

    /// The frames at return addresses; some are left out when memory is short.
    fn resolve(&self, stack: &[usize], frames: &mut Vec<Frame>) {
        for pc in stack {
            // SAFETY: the code is on the stack, so its instance is alive.
            let Some(code) = (unsafe { code::find_shared(*pc) }) else { continue };
            let tier = self.code_users.tier_at(&code, *pc).unwrap_or(Tier::Optimized);
            for place in code.frames_at(*pc, false) {
                if frames.try_reserve(1).is_ok() {
                    let (func, offset) = (place.func, place.wasm_offset);
                    frames.push(Frame { code: code.clone(), func, offset, tier });
                }
            }
        }
    }
}
