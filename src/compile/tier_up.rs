//! Optimizing hot functions in the background.
//!
//! Functions whose budget is used up wait in a queue, and one worker thread optimizes them, the hottest first. The
//! thread exists only while there is work: it is started when a function is queued, and ends when there was nothing to
//! do for a tenth of a second. Its priority is low, so that it takes nothing from the host's threads. A function that
//! it has begun cannot be abandoned, so whoever ends the queue waits for one function at most.
//!
//! If the embedder has an executor, a task of it takes the place of the thread. It ends when the queue is empty, and
//! nobody waits for it, since it may never run.
//!
//! A forked child inherits the queue, but not the thread, and what that was doing is done again. So everything here is
//! under a lock that forks wait for, and remembers the number of forks.

use super::executor::Executor;
use super::threads::IDLE;
use crate::sys::lock::{ForkMutex, LockGuard};
use crate::sys::thread::{Worker, lower_priority, spawn_worker};
use crate::sys::{fork, futex};
use crate::types::DefinedFuncIndex;
use std::mem;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Arc, Weak};

/// The functions of a code set, as the queue sees them.
pub trait HotFunctions: Send + Sync {
    /// How often a function has used up its budget.
    fn heat(&self, func: DefinedFuncIndex) -> u32;

    /// Functions that should be optimized before this one, because it calls them.
    fn first(&self, _func: DefinedFuncIndex) -> Vec<DefinedFuncIndex> {
        Vec::new()
    }

    /// Optimizes a function. Failures are the callee's own matter.
    fn optimize(&self, func: DefinedFuncIndex);

    /// Functions were optimized, and for a while no others followed.
    fn settled(self: Arc<Self>) {}
}

/// A function that waits for its turn. It does not keep its set.
#[derive(Clone)]
struct Request {
    functions: Weak<dyn HotFunctions>,
    func: DefinedFuncIndex,
}

impl Request {
    fn is_same(&self, other: &Request) -> bool {
        self.func == other.func && self.functions.ptr_eq(&other.functions)
    }
}

/// The queue of an engine.
pub struct TierUp {
    shared: Arc<Shared>,
    stack: usize,
    executor: Option<Executor>,
}

struct Shared {
    state: ForkMutex<State>,
    /// Changes whenever the worker should look again.
    signal: AtomicU32,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    /// What the worker is doing.
    begun: Option<Request>,
    /// A thread or task is there that will look at the queue again.
    is_working: bool,
    /// Of that thread, if it is known yet, and of threads that have ended.
    threads: Vec<Worker<()>>,
    /// The number of forks when the rest was written.
    generation: u32,
    closed: bool,
}

impl TierUp {
    /// An empty queue whose worker will have this much stack, unless it is an executor's task.
    pub fn new(stack: usize, executor: Option<Executor>) -> TierUp {
        let state = State { generation: fork::generation(), ..State::default() };
        let shared = Shared { state: ForkMutex::new(state), signal: AtomicU32::new(0) };
        TierUp { shared: Arc::new(shared), stack, executor }
    }

    /// Puts a function into the queue. False if nobody will optimize it; then it is not there either.
    pub fn add(&self, functions: Weak<dyn HotFunctions>, func: DefinedFuncIndex) -> bool {
        let request = Request { functions, func };
        {
            let mut state = self.shared.state();
            if state.closed || state.requests.try_reserve(1).is_err() {
                return false;
            }
            state.requests.push(request.clone());
        }
        let is_worked_on = self.work_on();
        if !is_worked_on {
            self.shared.state().forget(&request);
        }
        is_worked_on
    }

    /// Makes sure that somebody works on what is in the queue; false if that is impossible now.
    pub fn work_on(&self) -> bool {
        let ended = {
            let mut state = self.shared.state();
            let room = state.threads.try_reserve(1).is_ok();
            if state.is_working || state.requests.is_empty() || state.closed || !room {
                None
            } else {
                state.is_working = true;
                Some(mem::take(&mut state.threads))
            }
        };
        let Some(ended) = ended else {
            self.shared.wake();
            return true;
        };
        // Waits for threads that have nothing left to do.
        drop(ended);
        if let Some(executor) = &self.executor {
            let shared = Arc::downgrade(&self.shared);
            let is_accepted = executor.submit(Box::new(move || {
                if let Some(shared) = shared.upgrade() {
                    shared.empty();
                }
            }));
            if !is_accepted {
                self.shared.state().is_working = false;
            }
            return is_accepted;
        }
        let shared = self.shared.clone();
        let worker = spawn_worker("wasmrt-optimize", self.stack, move || shared.work());
        let mut state = self.shared.state();
        let is_started = worker.is_ok();
        state.is_working &= is_started;
        state.threads.extend(worker);
        is_started
    }

    /// How many functions wait.
    pub fn waiting(&self) -> usize {
        let state = self.shared.state();
        state.requests.len() + usize::from(state.begun.is_some())
    }

    /// Empties the queue and waits for the worker, which may have to finish a function. Nothing is queued afterwards.
    pub fn close(&self) {
        let (threads, requests) = {
            let mut state = self.shared.state();
            state.closed = true;
            (mem::take(&mut state.threads), mem::take(&mut state.requests))
        };
        self.shared.wake();
        drop((threads, requests));
    }
}

impl Drop for TierUp {
    fn drop(&mut self) {
        self.close();
    }
}

impl State {
    /// In a child: the threads of the parent do not exist, and what the worker was doing waits again.
    fn notice_fork(&mut self) {
        let generation = fork::generation();
        if self.generation == generation {
            return;
        }
        self.generation = generation;
        self.is_working = false;
        mem::take(&mut self.threads).into_iter().for_each(mem::forget);
        if let Some(request) = self.begun.take()
            && self.requests.try_reserve(1).is_ok()
        {
            self.requests.push(request);
        }
    }

    /// Takes back one such request; others may ask for the same.
    fn forget(&mut self, request: &Request) {
        if let Some(at) = self.requests.iter().rposition(|other| other.is_same(request)) {
            self.requests.remove(at);
        }
    }

    /// The hottest function.
    fn take(&mut self) -> Option<(Request, Arc<dyn HotFunctions>)> {
        self.requests.retain(|request| request.functions.strong_count() > 0);
        let heat =
            |request: &Request| request.functions.upgrade().map(|set| set.heat(request.func));
        let (at, _) = self.requests.iter().enumerate().max_by_key(|(_, request)| heat(request))?;
        let request = self.requests.remove(at);
        let functions = request.functions.upgrade()?;
        self.begun = Some(request.clone());
        Some((request, functions))
    }
}

impl Shared {
    fn state(&self) -> LockGuard<'_, State> {
        let mut state = self.state.lock();
        state.notice_fork();
        state
    }

    fn wake(&self) {
        self.signal.fetch_add(1, Release);
        futex::wake_one(&self.signal);
    }

    /// The worker's life.
    fn work(&self) {
        lower_priority();
        let mut changed = Changed::default();
        loop {
            let seen = self.signal.load(Acquire);
            while self.optimize_one(&mut changed) {}
            if !self.state().closed {
                futex::wait(&self.signal, seen, Some(IDLE));
            }
            if self.signal.load(Acquire) == seen && !self.state().closed {
                changed.settle();
            }
            if self.signal.load(Acquire) == seen && self.may_end() || self.state().closed {
                return;
            }
        }
    }

    /// A task's life.
    fn empty(&self) {
        let mut changed = Changed::default();
        while !self.may_end() {
            while self.optimize_one(&mut changed) {}
        }
        changed.settle();
    }

    /// False if there is nothing to do.
    fn optimize_one(&self, changed: &mut Changed) -> bool {
        let taken = self.state().take();
        let Some((request, functions)) = taken else { return false };
        for func in functions.first(request.func).into_iter().chain([request.func]) {
            // Whoever waits for the worker waits for one function.
            if !self.state().closed {
                functions.optimize(func);
            }
        }
        changed.add(&request.functions);
        let begun = self.state().begun.take();
        // Perhaps the last reference to the set.
        drop((begun, functions));
        true
    }

    fn may_end(&self) -> bool {
        let mut state = self.state();
        let may_end = state.requests.is_empty();
        state.is_working = !may_end;
        may_end
    }
}

/// Sets of which functions were optimized since they settled last.
#[derive(Default)]
struct Changed(Vec<Weak<dyn HotFunctions>>);

impl Changed {
    fn add(&mut self, set: &Weak<dyn HotFunctions>) {
        if !self.0.iter().any(|known| known.ptr_eq(set)) && self.0.try_reserve(1).is_ok() {
            self.0.push(set.clone());
        }
    }

    fn settle(&mut self) {
        self.0.drain(..).filter_map(|set| set.upgrade()).for_each(HotFunctions::settled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::lock::Lock;
    use std::time::{Duration, Instant};

    /// Records the order in which functions are optimized; their numbers are their heat.
    struct Recorder {
        done: Lock<Vec<u32>>,
        holding: Lock<()>,
    }

    impl Default for Recorder {
        fn default() -> Recorder {
            Recorder { done: Lock::new(Vec::new()), holding: Lock::new(()) }
        }
    }

    impl HotFunctions for Recorder {
        fn heat(&self, func: DefinedFuncIndex) -> u32 {
            func.0
        }

        /// Ten calls one and two.
        fn first(&self, func: DefinedFuncIndex) -> Vec<DefinedFuncIndex> {
            let callees: &[u32] = if func.0 == 10 { &[1, 2] } else { &[] };
            callees.iter().copied().map(DefinedFuncIndex).collect()
        }

        fn optimize(&self, func: DefinedFuncIndex) {
            drop(self.holding.lock());
            self.done.lock().push(func.0);
        }
    }

    fn add(queue: &TierUp, recorder: &Arc<Recorder>, func: u32) -> bool {
        let functions: Weak<dyn HotFunctions> = Arc::<Recorder>::downgrade(recorder);
        queue.add(functions, DefinedFuncIndex(func))
    }

    fn wait_until(condition: impl Fn() -> bool) {
        let begin = Instant::now();
        while !condition() {
            assert!(begin.elapsed() < Duration::from_secs(60), "it takes too long");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn the_hottest_comes_first_and_the_thread_ends_when_nothing_is_left() {
        let (queue, recorder) = (TierUp::new(64 << 10, None), Arc::new(Recorder::default()));
        let held = recorder.holding.lock();
        assert!(add(&queue, &recorder, 0));
        wait_until(|| queue.shared.state().begun.is_some());
        assert!([3, 9, 5].into_iter().all(|func| add(&queue, &recorder, func)));
        assert_eq!(queue.waiting(), 4);
        drop(held);
        wait_until(|| queue.waiting() == 0);
        assert_eq!(*recorder.done.lock(), [0, 9, 5, 3]);
        wait_until(|| !queue.shared.state().is_working);
        assert!(add(&queue, &recorder, 7));
        wait_until(|| recorder.done.lock().len() == 5);
    }

    #[test]
    fn what_nobody_will_do_is_not_kept() {
        let refusing = Executor::new(|_| false);
        let (queue, recorder) = (TierUp::new(64 << 10, Some(refusing)), Arc::default());
        for _ in 0..3 {
            assert!(!add(&queue, &recorder, 1) && queue.waiting() == 0);
        }
    }

    #[test]
    fn closing_waits_for_what_was_begun_and_for_nothing_else() {
        let (queue, recorder) = (TierUp::new(64 << 10, None), Arc::new(Recorder::default()));
        for func in 0..100 {
            assert!(add(&queue, &recorder, func));
        }
        queue.close();
        let done = recorder.done.lock().len();
        assert!(!add(&queue, &recorder, 1) && queue.waiting() == 0);
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(recorder.done.lock().len(), done);
    }

    #[test]
    fn callees_come_first_and_closing_does_not_wait_for_them() {
        let (queue, recorder) = (TierUp::new(64 << 10, None), Arc::new(Recorder::default()));
        assert!(add(&queue, &recorder, 10));
        wait_until(|| queue.waiting() == 0);
        assert_eq!(*recorder.done.lock(), [1, 2, 10]);
        let held = recorder.holding.lock();
        assert!(add(&queue, &recorder, 10));
        wait_until(|| queue.shared.state().begun.is_some());
        std::thread::scope(|scope| {
            scope.spawn(|| queue.close());
            wait_until(|| queue.shared.state().closed);
            drop(held);
        });
        assert!(recorder.done.lock().len() <= 4);
    }

    #[test]
    fn functions_of_sets_that_are_gone_are_forgotten() {
        let (queue, recorder) = (TierUp::new(64 << 10, None), Arc::new(Recorder::default()));
        let held = recorder.holding.lock();
        assert!(add(&queue, &recorder, 0));
        wait_until(|| queue.shared.state().begun.is_some());
        let gone = Arc::new(Recorder::default());
        assert!(add(&queue, &gone, 1));
        drop((gone, held));
        wait_until(|| queue.waiting() == 0);
        assert_eq!(*recorder.done.lock(), [0]);
    }
}
