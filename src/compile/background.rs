//! The threads that work on an engine's compile jobs, or the tasks of the embedder's executor that do.
//!
//! Both are *runners*: each takes the next piece of work of the most important job, until there is none. There are at
//! most as many as the engine has workers. Threads exist only while there is work: they end when there was nothing to
//! do for a tenth of a second, and nobody waits for them, because a function that was begun cannot be abandoned. So
//! they own what they use. Tasks never wait. A task that the executor never runs holds nothing.
//!
//! A runner that calls the embedder, which may wait for other jobs, does not count meanwhile: another takes its place.
//!
//! A forked child has no runners. Jobs of its parent are finished there by whoever waits for them.

use super::executor::Executor;
use super::threads::IDLE;
use super::workers::WORKER_STACK;
use crate::sys::lock::{ForkMutex, LockGuard};
use crate::sys::{fork, futex, thread};
use smallvec::SmallVec;
use std::any::Any;
use std::mem;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The stack of a runner of ours: enough to work on without another one.
const STACK: usize = WORKER_STACK + (64 << 10);

/// A job, as the runners see it.
pub trait Source: Send + Sync {
    /// Jobs with higher numbers come first.
    fn priority(&self) -> i32;

    /// Does the next piece of work. False if there is none now.
    fn run_next(self: Arc<Self>, runner: &mut Runner) -> bool;
}

/// What a thread keeps from one piece of work to the next.
#[derive(Default)]
pub struct Runner {
    /// Where it counts as a runner. Threads that feed or wait for a job do not.
    counts: Option<Arc<Shared>>,
    /// The number of the job that the state belongs to.
    owner: u64,
    state: Option<Box<dyn Any>>,
}

impl Runner {
    /// The state for a job, by its number: it begins anew where another job's was. There is always one.
    pub fn state<T: Default + 'static>(&mut self, owner: u64) -> Option<&mut T> {
        let is_ours =
            self.owner == owner && self.state.as_ref().is_some_and(|state| state.is::<T>());
        if !is_ours {
            (self.owner, self.state) = (owner, None);
        }
        let state = self.state.get_or_insert_with(|| Box::new(T::default()));
        state.downcast_mut()
    }

    /// After a panic the state may be anything.
    pub fn forget(&mut self) {
        self.state = None;
    }

    /// Calls the embedder, which may take any time. If others have work meanwhile, this was the runner's last.
    pub fn call(&mut self, embedder: impl FnOnce()) {
        let Some(shared) = self.counts.take() else { return embedder() };
        let is_replaced = shared.replace();
        embedder();
        if !is_replaced {
            shared.state().runners += 1;
            self.counts = Some(shared);
        }
    }
}

/// See the top of the file.
pub struct Background {
    shared: Arc<Shared>,
}

struct Shared {
    executor: Option<Executor>,
    state: ForkMutex<State>,
    /// Changes whenever there may be something to do.
    signal: AtomicU32,
}

#[derive(Default)]
struct State {
    /// Jobs that may have work. Nothing here keeps them.
    sources: Vec<Weak<dyn Source>>,
    runners: usize,
    /// The number of forks when the rest was written.
    generation: u32,
}

impl Background {
    pub fn new(executor: Option<Executor>) -> Background {
        let state = State { generation: fork::generation(), ..State::default() };
        let shared = Shared { executor, state: ForkMutex::new(state), signal: AtomicU32::new(0) };
        Background { shared: Arc::new(shared) }
    }

    /// There is work, enough for `wanted` runners. False if nobody will do it.
    pub fn announce<S: Source + 'static>(&self, source: &Arc<S>, wanted: usize) -> bool {
        let source: Weak<dyn Source> = Arc::<S>::downgrade(source);
        let missing = {
            let mut state = self.shared.state();
            state.sources.retain(|known| known.strong_count() > 0);
            if !state.sources.iter().any(|known| known.ptr_eq(&source)) {
                if state.sources.try_reserve(1).is_err() {
                    return false;
                }
                state.sources.push(source);
            }
            self.shared.signal.fetch_add(1, Release);
            let missing = wanted.max(1).saturating_sub(state.runners);
            state.runners += missing;
            missing
        };
        futex::wake_all(&self.shared.signal);
        self.shared.start(missing)
    }
}

impl Shared {
    /// Starts runners that count already. False if there are none at all then.
    fn start(self: &Arc<Self>, missing: usize) -> bool {
        let started = (0..missing).take_while(|_| self.start_one()).count();
        if started == missing {
            return true;
        }
        let mut state = self.state();
        state.runners = state.runners.saturating_sub(missing - started);
        state.runners > 0
    }

    fn start_one(self: &Arc<Self>) -> bool {
        match &self.executor {
            Some(executor) => {
                let shared = Arc::downgrade(self);
                executor.submit(Box::new(move || {
                    if let Some(shared) = shared.upgrade() {
                        shared.run(Duration::ZERO);
                    }
                }))
            }
            None => {
                let shared = self.clone();
                let run = move || shared.run(IDLE);
                thread::spawn_worker("wasmrt-compile", STACK, run)
                    .map(thread::Worker::detach)
                    .is_ok()
            }
        }
    }

    /// The calling runner does not count any more. Whether another one was started for it, because there are jobs
    /// besides the one that it works on. An executor, which might do their work at once, is asked when somebody waits.
    fn replace(self: &Arc<Self>) -> bool {
        {
            let mut state = self.state();
            state.sources.retain(|known| known.strong_count() > 0);
            if state.sources.len() <= 1 || self.executor.is_some() {
                state.runners = state.runners.saturating_sub(1);
                return false;
            }
        }
        // If there can be no other, there is none until this one is back.
        self.start(1)
    }

    fn state(&self) -> LockGuard<'_, State> {
        let mut state = self.state.lock();
        let generation = fork::generation();
        if state.generation != generation {
            // In a child: neither the parent's runners exist, nor what they were doing.
            mem::forget(mem::take(&mut state.sources));
            (state.runners, state.generation) = (0, generation);
        }
        state
    }

    /// A runner's life.
    fn run(self: &Arc<Self>, patience: Duration) {
        let mut runner = Runner { counts: Some(self.clone()), ..Runner::default() };
        loop {
            let seen = self.signal.load(Acquire);
            while runner.counts.is_some() && self.run_next(&mut runner) {}
            if runner.counts.is_none() {
                return;
            }
            if !patience.is_zero() {
                futex::wait(&self.signal, seen, Some(patience));
            }
            let mut state = self.state();
            if self.signal.load(Acquire) == seen {
                state.runners = state.runners.saturating_sub(1);
                return;
            }
        }
    }

    /// Does something for the most important job that has work.
    fn run_next(&self, runner: &mut Runner) -> bool {
        let mut sources: SmallVec<[Weak<dyn Source>; 8]> = SmallVec::new();
        {
            let state = self.state();
            if sources.try_reserve(state.sources.len()).is_err() {
                return false;
            }
            sources.extend(state.sources.iter().cloned());
        }
        let mut sources: SmallVec<[_; 8]> = sources.iter().filter_map(Weak::upgrade).collect();
        sources.sort_by_key(|source| std::cmp::Reverse(source.priority()));
        sources.into_iter().any(|source| source.run_next(runner))
    }
}
