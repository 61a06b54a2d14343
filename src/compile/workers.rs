//! Runs units of work on several threads, with the same result for any number of threads.
//!
//! Threads exist only during a run: none before the first, none between runs, none in a forked child; or they are those
//! of the embedder's executor. The caller works too, on a stack of ours if its own is small; when the system refuses
//! threads, fewer do the work. The error of the lowest unit is reported, so after a failure only the units below it
//! still run. A panic is a bug in the library and becomes such an error; the process continues.
//!
//! The caller may have something else to do while others begin with the units. With no others it is not done, so nobody
//! waits for it who need not.

use super::executor::Executor;
use super::threads::Threads;
use crate::error::Error;
use crate::panics;
use crate::sys::lock::Lock;
use crate::sys::thread::Worker;
use crate::sys::{futex, reserve, stack, thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::*};

/// The stack that compiling and validating may need. Nothing in them recurses with the depth of the input.
pub const WORKER_STACK: usize = 2 << 20;

/// Work in numbered, independent units.
pub trait Task: Send + Sync + 'static {
    /// State that each thread keeps from unit to unit.
    type ThreadState: Default;

    fn run(&self, unit: u32, state: &mut Self::ThreadState) -> Result<(), Error>;

    /// The units in the order in which to begin them; ascending if `None`.
    fn order(&self) -> Option<&[u32]> {
        None
    }

    /// The number of units that a thread takes at once.
    fn chunk(&self) -> u32 {
        1
    }
}

/// Runs all units on these threads.
pub fn run<T: Task>(task: T, units: u32, threads: &Threads) -> Result<T, Error> {
    run_with(task, units, threads, || ())
}

/// Runs all units on these threads, after `aside` on the calling one if there are others.
pub fn run_with<T: Task>(
    task: T,
    units: u32,
    threads: &Threads,
    aside: impl FnOnce(),
) -> Result<T, Error> {
    let run = Arc::new(Run {
        task,
        units,
        next: AtomicU32::new(0),
        failed: AtomicU32::new(u32::MAX),
        error: Lock::new(None),
        inside: AtomicU32::new(0),
    });
    let others = threads.count.min(units as usize).saturating_sub(1);
    let own_part = |is_alone: bool| {
        stack::with_room(WORKER_STACK, || {
            if !is_alone {
                // A fault of the library: it was not done.
                let _ = panics::catch(aside);
            }
            run.work();
        })
    };
    let is_done = match &threads.executor {
        None => {
            let workers: Vec<_> = (0..others).map_while(|_| start(&run)).collect();
            let is_alone = workers.is_empty();
            let own_part = own_part(is_alone);
            // They never panic: `attempt` catches.
            workers.into_iter().for_each(|worker| drop(worker.join()));
            own_part.is_ok() || !is_alone
        }
        Some(executor) => {
            let submitted = (0..others).take_while(|_| submit(&run, executor)).count();
            let own_part = own_part(submitted == 0);
            run.close();
            own_part.is_ok()
        }
    };
    if !is_done {
        return Err(Error::out_of_memory());
    }
    let Run { task, error, .. } = alone(run);
    match error.into_inner() {
        Some(error) => Err(error),
        None => Ok(task),
    }
}

fn start<T: Task>(run: &Arc<Run<T>>) -> Option<Worker<()>> {
    let run = run.clone();
    thread::spawn_worker("wasmrt-compile", WORKER_STACK, move || run.work()).ok()
}

/// A task may run late or never, so it holds nothing, and nobody waits for it unless it has begun.
fn submit<T: Task>(run: &Arc<Run<T>>, executor: &Executor) -> bool {
    let run = Arc::downgrade(run);
    executor.submit(Box::new(move || {
        if let Some(run) = run.upgrade()
            && run.enter()
        {
            // Without a stack for it, others do the work.
            let _ = stack::with_room(WORKER_STACK, || run.work());
            run.leave();
        }
    }))
}

/// The run, which others hold for a few more instructions at most.
fn alone<T>(mut run: Arc<Run<T>>) -> Run<T> {
    loop {
        match Arc::try_unwrap(run) {
            Ok(run) => return run,
            Err(shared) => run = shared,
        }
        std::thread::yield_now();
    }
}

struct Run<T> {
    task: T,
    units: u32,
    /// Position of the next unit to begin.
    next: AtomicU32,
    /// The lowest unit that failed.
    failed: AtomicU32,
    error: Lock<Option<Error>>,
    /// The number of an executor's tasks that work on it, and [`CLOSED`].
    inside: AtomicU32,
}

/// No more tasks may begin.
const CLOSED: u32 = 1 << 31;

impl<T> Run<T> {
    fn enter(&self) -> bool {
        let enter = |inside: u32| (inside & CLOSED == 0).then_some(inside + 1);
        self.inside.fetch_update(AcqRel, Acquire, enter).is_ok()
    }

    fn leave(&self) {
        self.inside.fetch_sub(1, Release);
        futex::wake_all(&self.inside);
    }

    /// Waits for the tasks that have begun, and lets no others begin.
    fn close(&self) {
        self.inside.fetch_or(CLOSED, AcqRel);
        loop {
            match self.inside.load(Acquire) {
                CLOSED => return,
                inside => futex::wait(&self.inside, inside, None),
            }
        }
    }
}

impl<T: Task> Run<T> {
    fn work(&self) {
        let mut state = None;
        let chunk = self.task.chunk();
        loop {
            let first = self.next.fetch_add(chunk, Relaxed);
            if first >= self.units {
                return;
            }
            for position in first..self.units.min(first.saturating_add(chunk)) {
                let unit = self.task.order().map_or(position, |order| order[position as usize]);
                if unit < self.failed.load(Relaxed) {
                    self.attempt(unit, &mut state);
                }
            }
        }
    }

    fn attempt(&self, unit: u32, state: &mut Option<T::ThreadState>) {
        let result = panics::catch(|| -> Result<(), Error> {
            reserve::suffices()?;
            self.task.run(unit, state.get_or_insert_default())?;
            Ok(reserve::checkpoint()?)
        });
        let error = match result {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(panic) => {
                *state = None;
                Error::internal(format!("unit {unit}: {}", panic.message()))
            }
        };
        let mut first = self.error.lock();
        if unit < self.failed.load(Relaxed) {
            self.failed.store(unit, Relaxed);
            *first = Some(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize};

    struct Failing {
        bad: Vec<u32>,
        panics: bool,
        order: Option<Vec<u32>>,
        done: AtomicUsize,
    }

    impl Task for Failing {
        type ThreadState = ();

        fn run(&self, unit: u32, _: &mut ()) -> Result<(), Error> {
            self.done.fetch_add(1, Relaxed);
            if !self.bad.contains(&unit) {
                return Ok(());
            }
            assert!(!self.panics, "unit {unit} went wrong");
            Err(Error::argument(format!("unit {unit}")))
        }

        fn order(&self) -> Option<&[u32]> {
            self.order.as_deref()
        }
    }

    fn failing(bad: &[u32]) -> Failing {
        Failing { bad: bad.into(), panics: false, order: None, done: AtomicUsize::new(0) }
    }

    fn ours(count: usize) -> Threads {
        Threads { count, executor: None }
    }

    #[test]
    fn tasks_of_an_executor_run_at_once_later_or_never() {
        let kept: Arc<Lock<Vec<super::super::Task>>> = Arc::new(Lock::new(Vec::new()));
        let into = kept.clone();
        let executors = [
            Executor::new(|task| {
                task();
                true
            }),
            Executor::new(|task| {
                std::thread::spawn(task);
                true
            }),
            Executor::new(move |task| {
                into.lock().push(task);
                true
            }),
            Executor::new(|_| false),
        ];
        for executor in executors {
            let threads = Threads { count: 4, executor: Some(executor) };
            for _ in 0..20 {
                let task = run(failing(&[]), 1000, &threads).unwrap();
                assert_eq!(task.done.into_inner(), 1000);
            }
        }
        let late = std::mem::take(&mut *kept.lock());
        assert_eq!(late.len(), 60);
        late.into_iter().for_each(|task| task());
    }

    #[test]
    fn every_unit_runs_once_on_any_number_of_threads() {
        for threads in 0..4 {
            let task = run(failing(&[]), 1000, &ours(threads)).unwrap();
            assert_eq!(task.done.into_inner(), 1000);
        }
    }

    #[test]
    fn something_else_is_done_beside_the_work_of_others_only() {
        for (threads, expected) in [(1, false), (2, true)] {
            let is_done = AtomicBool::new(false);
            run_with(failing(&[]), 10, &ours(threads), || is_done.store(true, Relaxed)).unwrap();
            assert_eq!(is_done.into_inner(), expected);
        }
        let task = run_with(failing(&[]), 1000, &ours(2), || panic!("on purpose")).unwrap();
        assert_eq!(task.done.into_inner(), 1000);
    }

    #[test]
    fn the_lowest_failing_unit_is_reported_in_any_order() {
        for threads in 0..4 {
            for order in [None, Some((0..100).rev().collect::<Vec<u32>>())] {
                let task = Failing { order, ..failing(&[90, 41, 7, 60]) };
                assert_eq!(run(task, 100, &ours(threads)).err().unwrap().message(), "unit 7");
            }
        }
    }

    #[test]
    fn a_panic_becomes_an_internal_error() {
        let error = run(Failing { panics: true, ..failing(&[3]) }, 10, &ours(2)).err().unwrap();
        assert_eq!(error.kind(), crate::error::ErrorKind::Internal);
        assert!(error.message().contains("unit 3 went wrong"), "{error}");
    }

    #[test]
    fn work_is_done_on_a_tiny_stack() {
        let worker = thread::spawn_worker("tiny", 64 << 10, || {
            run(failing(&[]), 10, &ours(0)).map(|task| task.done.into_inner())
        });
        assert_eq!(worker.unwrap().join().unwrap().unwrap(), 10);
    }
}
