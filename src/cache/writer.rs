//! A thread that writes entries while the host's threads go on.
//!
//! It exists only while there is something to write. Whoever ends the writer waits until all is written. A forked child
//! inherits what its parent has still to write, but not the thread; it forgets both, since the parent writes.

use crate::panics;
use crate::sys::fork;
use crate::sys::lock::{ForkMutex, LockGuard};
use crate::sys::thread::{Worker, lower_priority, spawn_worker};
use std::mem;
use std::sync::Arc;

/// Something to be done.
type Task = Box<dyn FnOnce() + Send>;

/// Tasks, done one after the other.
pub struct Writer {
    shared: Arc<Shared>,
    stack: usize,
}

struct Shared {
    state: ForkMutex<State>,
}

struct State {
    tasks: Vec<Task>,
    /// A thread is there that will look at the tasks again.
    is_working: bool,
    /// That thread, if it is known yet, and threads that have ended.
    threads: Vec<Worker<()>>,
    /// The number of forks when the rest was written.
    generation: u32,
}

impl Writer {
    /// A writer whose thread will have this much stack.
    pub fn new(stack: usize) -> Writer {
        let generation = fork::generation();
        let (tasks, threads) = (Vec::new(), Vec::new());
        let state = State { tasks, is_working: false, threads, generation };
        Writer { shared: Arc::new(Shared { state: ForkMutex::new(state) }), stack }
    }

    /// Does something soon, or never if memory is short.
    pub fn add(&self, task: Task) {
        let (mut state, inherited) = self.shared.state();
        let has_room = state.tasks.try_reserve(1).is_ok() && state.threads.try_reserve(1).is_ok();
        let begins = has_room && !state.is_working;
        let mut ended = Vec::new();
        if begins {
            state.is_working = true;
            ended = mem::take(&mut state.threads);
        }
        let dropped = if has_room {
            state.tasks.push(task);
            None
        } else {
            Some(task)
        };
        drop(state);
        // Waits for threads that have nothing left to do.
        drop((inherited, ended, dropped));
        if begins {
            self.begin();
        }
    }

    fn begin(&self) {
        let shared = self.shared.clone();
        let thread = spawn_worker("wasmrt-cache", self.stack, move || {
            lower_priority();
            shared.work();
        });
        let (mut state, inherited) = self.shared.state();
        state.is_working &= thread.is_ok();
        state.threads.extend(thread);
        drop(state);
        drop(inherited);
    }

    /// Waits until everything is done.
    pub fn finish(&self) {
        let (mut state, inherited) = self.shared.state();
        let threads = mem::take(&mut state.threads);
        drop(state);
        drop((inherited, threads));
        // Where no thread could be had.
        self.shared.work();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    /// The state, and tasks that must be dropped when it is released: those of the parent.
    fn state(&self) -> (LockGuard<'_, State>, Vec<Task>) {
        let mut state = self.state.lock();
        let generation = fork::generation();
        if state.generation == generation {
            return (state, Vec::new());
        }
        state.generation = generation;
        state.is_working = false;
        mem::take(&mut state.threads).into_iter().for_each(mem::forget);
        let inherited = mem::take(&mut state.tasks);
        (state, inherited)
    }

    /// Does all tasks.
    fn work(&self) {
        loop {
            let (mut state, inherited) = self.state();
            let task = if state.tasks.is_empty() { None } else { Some(state.tasks.remove(0)) };
            state.is_working &= task.is_some();
            drop(state);
            drop(inherited);
            let Some(task) = task else { return };
            // A fault of the library: the entry is not written.
            let _ = panics::catch(task);
        }
    }
}
