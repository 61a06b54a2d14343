//! Samples of the guest stack, for the profile of a store.
//!
//! A sample is taken where metered code asks for more fuel, once the interval since the last one has passed. So no
//! signal and no thread is needed that could disturb the host, and code of other stores is not touched. While a
//! profile is taken, fuel is given out in smaller slices, so that the code which is sampled is the code that ran when the
//! interval ended, give or take a few microseconds. Host functions have no such places. In a store that is sampled when they are
//! made, their stubs call the runtime, which asks for the time before and after them.

use super::store::Store;
use crate::abi::Tier;
use crate::code::{self, CodeObject};
use crate::error::Error;
use crate::record::{Profile, ProfileFormat, Runner};
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

    /// Whether host functions that are made now are to be sampled.
    pub(crate) fn samples_host(&self) -> bool {
        self.metering.sampler.is_on()
    }

    /// Takes a sample if one is due of guest code, which has called a builtin or a host function.
    #[inline]
    pub(crate) fn sample(&self) {
        if self.metering.sampler.is_on() {
            self.sample_if_due(false);
        }
    }

    /// Takes those samples that became due in a host function, which returns to guest code now.
    #[inline]
    pub(crate) fn sample_host(&self) {
        if self.metering.sampler.is_on() {
            self.sample_if_due(true);
        }
    }

    fn sample_if_due(&self, in_host: bool) {
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
        let count = if in_host { intervals(now - *next, *interval) } else { 1 };
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
            let runner = Runner::Guest(frame.tier);
            sample.frame(frame.code.module(), frame.func, frame.offset, runner);
        }
        let caller = frames.first();
        if let Some(frame) = caller.filter(|_| in_host) {
            let module = frame.code.module();
            let func = module.import_called_at(frame.offset).unwrap_or(FuncIndex(u32::MAX));
            sample.frame(module, func, frame.offset, Runner::Host);
        }
        sample.end(count);
        drop(locked);
        if let (Some(caller), Some(timeline)) = (caller, self.engine.compile.timeline()) {
            let runner = if in_host { Runner::Host } else { Runner::Guest(caller.tier) };
            timeline.sampled(runner, count, *interval);
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

/// How many intervals have ended, if one did some time ago.
fn intervals(ago: Duration, interval: Duration) -> u32 {
    let more = ago.as_nanos() / interval.as_nanos().max(1);
    u32::try_from(more + 1).unwrap_or(u32::MAX)
}
