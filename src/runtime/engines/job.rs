//! A compile job of an engine, usable from any thread.
//!
//! The state that threads share lies under a lock that forks wait for. In a child of the process that began a job, nobody
//! works on it: it begins again with the bytes that had arrived, and whoever feeds it or waits for it does the work. What
//! other threads of the parent were using is left as it was there.

use super::engine::Engine;
use super::module::Compiled;
use crate::abi::Tier;
use crate::compile::jobs::{Finish, Modes, Order, Pipeline, Progress, Runner};
use crate::compile::{CompiledModule, Plan};
use crate::error::Error;
use crate::log::Level;
use crate::sys::lock::ForkMutex;
use crate::sys::{fork, futex};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::time::{Duration, Instant};

/// How a job is done.
#[derive(Default)]
pub struct JobOptions {
    /// Jobs with higher numbers come first.
    pub priority: i32,
    /// All functions get code of this tier; absent: what the engine's setting says.
    pub tier: Option<Tier>,
    /// Called once, when the job is over.
    pub done: Option<Box<dyn FnOnce(JobState) + Send>>,
}

/// How a job stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum JobState {
    /// It waits for bytes, or is compiling.
    Running = 1,
    Done = 2,
    Failed = 3,
    Cancelled = 4,
}

impl JobState {
    fn of(word: u32) -> JobState {
        match word {
            1 => JobState::Running,
            2 => JobState::Done,
            3 => JobState::Failed,
            _ => JobState::Cancelled,
        }
    }
}

/// See the top of the file.
pub struct Job {
    engine: Arc<Engine>,
    order: Order,
    shared: Arc<Shared>,
}

struct Shared {
    /// A [`JobState`], for those who wait.
    state: AtomicU32,
    slot: ForkMutex<Slot>,
}

struct Slot {
    /// While the job is running.
    pipeline: Option<Arc<Pipeline>>,
    /// The number of forks when the pipeline was made.
    generation: u32,
    outcome: Option<Outcome>,
    done: Option<Box<dyn FnOnce(JobState) + Send>>,
    progress: Progress,
}

#[derive(Clone)]
enum Outcome {
    Done(Arc<Compiled>),
    Failed(Error),
    Cancelled,
}

impl Outcome {
    fn state(&self) -> JobState {
        match self {
            Outcome::Done(_) => JobState::Done,
            Outcome::Failed(_) => JobState::Failed,
            Outcome::Cancelled => JobState::Cancelled,
        }
    }
}

impl Job {
    /// A job that waits for bytes.
    pub fn new(engine: &Arc<Engine>, options: JobOptions) -> Result<Job, Error> {
        engine.forget_types_if_crowded();
        let plan = Plan::of(engine.compile.setting());
        let plan = options.tier.map_or(plan, |tier| plan.with(tier));
        let (first, second) = engine.config.modes_ahead(engine.config.default_mode());
        let modes: Modes = [first].into_iter().chain(second).collect();
        let order = Order { plan, modes, priority: options.priority };
        let slot = Slot {
            pipeline: None,
            generation: fork::generation(),
            outcome: None,
            done: options.done,
            progress: Progress::default(),
        };
        let state = AtomicU32::new(JobState::Running as u32);
        let shared = Arc::new(Shared { state, slot: ForkMutex::new(slot) });
        let job = Job { engine: engine.clone(), order, shared };
        let pipeline = job.new_pipeline(false)?;
        job.shared.slot.lock().pipeline = Some(pipeline);
        Ok(job)
    }

    fn new_pipeline(&self, is_alone: bool) -> Result<Arc<Pipeline>, Error> {
        let (engine, shared) = (self.engine.clone(), self.shared.clone());
        let finish: Finish = Box::new(move |result, runner| shared.finish(engine, result, runner));
        Pipeline::new(&self.engine.compile, self.order.clone(), is_alone, finish)
    }

    /// The work that is going on; none if the job is over.
    fn pipeline(&self) -> Result<Option<Arc<Pipeline>>, Error> {
        let inherited = {
            let mut slot = self.shared.slot.lock();
            if slot.generation == fork::generation() {
                return Ok(slot.pipeline.clone());
            }
            let Some(pipeline) = slot.pipeline.take() else { return Ok(None) };
            pipeline
        };
        let pipeline = self.begin_again(&inherited);
        // Threads of the parent may have been changing it.
        mem::forget(inherited);
        let mut slot = self.shared.slot.lock();
        slot.generation = fork::generation();
        match pipeline {
            Ok(pipeline) => {
                slot.pipeline = Some(pipeline.clone());
                Ok(Some(pipeline))
            }
            Err(error) => {
                drop(slot);
                self.shared.settle(Outcome::Failed(error.clone()), &mut Runner::default());
                Err(error)
            }
        }
    }

    /// In a child: the work, from its beginning.
    fn begin_again(&self, inherited: &Pipeline) -> Result<Arc<Pipeline>, Error> {
        let pipeline = self.new_pipeline(true)?;
        // An error is the job's, and found again.
        let _ = pipeline.store(inherited.arrived(), inherited.has_ended());
        Ok(pipeline)
    }

    /// Takes a piece of the module, or its end.
    pub fn feed(&self, piece: Option<&[u8]>) -> Result<(), Error> {
        let Some(pipeline) = self.pipeline()? else { return Err(self.refusal()) };
        pipeline.feed(piece.unwrap_or_default(), piece.is_none(), &self.engine.types)?;
        match self.state() {
            JobState::Failed => Err(self.refusal()),
            _ => Ok(()),
        }
    }

    /// Why the job takes no bytes and has no module.
    fn refusal(&self) -> Error {
        match self.outcome() {
            None => Error::argument("the job is not done"),
            Some(Outcome::Done(_)) => Error::argument("the job is done"),
            Some(Outcome::Failed(error)) => error,
            Some(Outcome::Cancelled) => Error::argument("the job was cancelled"),
        }
    }

    pub fn state(&self) -> JobState {
        JobState::of(self.shared.state.load(Acquire))
    }

    fn outcome(&self) -> Option<Outcome> {
        self.shared.slot.lock().outcome.clone()
    }

    /// How far the job is.
    pub fn progress(&self) -> Progress {
        match self.pipeline() {
            Ok(Some(pipeline)) => pipeline.progress(),
            _ => self.shared.slot.lock().progress,
        }
    }

    /// Waits until the job is over, at most so long.
    pub fn wait(&self, timeout: Option<Duration>) -> JobState {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let state = self.state();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if state != JobState::Running || left.is_some_and(|left| left.is_zero()) {
                return state;
            }
            match self.pipeline() {
                Ok(Some(pipeline)) if pipeline.is_alone() => {
                    pipeline.catch_up(&self.engine.types, until);
                }
                // A callback of the embedder may keep those who would do the work.
                Ok(Some(pipeline)) => pipeline.go_on(until),
                _ => {}
            }
            if self.state() == JobState::Running {
                futex::wait(&self.shared.state, JobState::Running as u32, left);
            }
        }
    }

    /// Ends the job. Functions that are being compiled are finished by their threads, and forgotten.
    pub fn cancel(&self) {
        self.shared.settle(Outcome::Cancelled, &mut Runner::default());
    }

    /// Ends the job without telling anybody.
    pub fn abandon(&self) {
        let done = self.shared.slot.lock().done.take();
        drop(done);
        self.cancel();
        // A thread that has just finished the work may be the last to leave. The module must not wait for that: whoever
        // deletes everything expects its code to be kept then.
        let outcome = self.shared.slot.lock().outcome.replace(Outcome::Cancelled);
        drop(outcome);
    }

    /// The module, once the job is done.
    pub fn module(&self) -> Result<Arc<Compiled>, Error> {
        match self.outcome() {
            Some(Outcome::Done(compiled)) => Ok(compiled),
            _ => Err(self.refusal()),
        }
    }

    /// Why the job has failed, if it has.
    pub fn error(&self) -> Option<Error> {
        match self.outcome()? {
            Outcome::Failed(error) => Some(error),
            _ => None,
        }
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }
}

impl Shared {
    fn finish(
        &self,
        engine: Arc<Engine>,
        result: Result<CompiledModule, Error>,
        runner: &mut Runner,
    ) {
        let outcome = match result {
            Ok(module) => {
                let compiled = Compiled::of_job(module, &engine);
                engine.config.log.say(Level::Debug, || {
                    let module = compiled.module();
                    let (functions, bytes) = (module.bodies.len(), module.bytes.len());
                    format!("{functions} functions of {bytes} bytes compiled by a job")
                });
                Outcome::Done(compiled)
            }
            Err(error) => Outcome::Failed(error),
        };
        // Who waits may delete the engine's last object, which must be that.
        drop(engine);
        self.settle(outcome, runner);
    }

    /// Ends the job, unless it is over. State, outcome and progress change together: nobody sees an error of a job that
    /// is still running, and a child of the process has all of it or nothing.
    fn settle(&self, outcome: Outcome, runner: &mut Runner) {
        let state = outcome.state();
        let (pipeline, done, is_ours) = {
            let mut slot = self.slot.lock();
            if slot.outcome.is_some() {
                return;
            }
            let is_ours = slot.generation == fork::generation();
            if let Some(pipeline) = slot.pipeline.as_ref().filter(|_| is_ours) {
                slot.progress = pipeline.progress();
            }
            slot.outcome = Some(outcome);
            self.state.store(state as u32, Release);
            (slot.pipeline.take(), slot.done.take(), is_ours)
        };
        futex::wake_all(&self.state);
        match pipeline {
            Some(pipeline) if is_ours => pipeline.cancel(),
            // Threads of the parent may have been changing it.
            inherited => mem::forget(inherited),
        }
        if let Some(done) = done {
            runner.call(|| done(state));
        }
    }
}
