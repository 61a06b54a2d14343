//! From bytes in pieces to a compiled module.
//!
//! The thread that feeds a piece decodes it: sections at once, bodies as far as to know where they lie. Each body is
//! then validated or compiled by a runner ([`crate::compile::background`]), or by the feeding thread if the engine has no
//! workers, and the last one to finish makes the module. Pieces of any size give the same module, code and errors.
//!
//! The locks here are not those that forks wait for: a pipeline is never used in a child of the process that made it,
//! except for its bytes.

use super::backlog::{Attempt, Backlog, Batch, Item};
use super::workload::{Modes, Workload};
use crate::binary::{Decoder, Late, Limits, Receiver, Validation, too_large};
use crate::compile::Stats;
use crate::compile::background::{Runner, Source};
use crate::compile::context::CompileContext;
use crate::compile::module::{CompiledModule, DECODE_STACK};
use crate::compile::plan::Plan;
use crate::compile::threads::{compile_threads, validate_threads};
use crate::compile::workers::WORKER_STACK;
use crate::error::Error;
use crate::module::{Module, ModuleBytes};
use crate::panics;
use crate::sys::arriving::{Arrivals, ArrivingBytes};
use crate::sys::lock::Lock;
use crate::sys::stack;
use crate::types::{DefinedFuncIndex, TypeRegistry};
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use std::time::Instant;

/// What a job is to do.
#[derive(Clone)]
pub struct Order {
    pub plan: Plan,
    pub modes: Modes,
    pub priority: i32,
}

/// Receives the result, once, and the runner that calls the embedder.
pub type Finish = Box<dyn FnOnce(Result<CompiledModule, Error>, &mut Runner) + Send>;

/// How far a job is.
#[derive(Clone, Copy, Default, Debug)]
pub struct Progress {
    /// Bytes that have arrived.
    pub bytes: u64,
    /// Functions of the module; zero until that is known.
    pub functions: u32,
    /// Functions that are done.
    pub done: u32,
    /// What was compiled.
    pub stats: Stats,
}

/// See the top of the file.
pub struct Pipeline {
    /// No other pipeline of the process has this number, now or later.
    number: u64,
    context: Arc<CompileContext>,
    order: Order,
    /// All work is done by threads that feed or wait.
    is_alone: bool,
    bytes: Arc<ArrivingBytes>,
    has_ended: AtomicBool,
    intake: Lock<Option<Intake>>,
    backlog: Lock<Backlog>,
    finish: Lock<Option<Finish>>,
}

/// What is left to be read.
struct Intake {
    arrivals: Arrivals,
    decoder: Decoder,
}

impl Pipeline {
    /// `is_alone` if threads that feed or wait do all the work, which they always do if the engine has no workers.
    pub fn new(
        context: &Arc<CompileContext>,
        order: Order,
        is_alone: bool,
        finish: Finish,
    ) -> Result<Arc<Pipeline>, Error> {
        let arrivals = Arrivals::new(context.limits().module_size as usize)?;
        let bytes = arrivals.bytes().clone();
        let decoder = Decoder::new(ModuleBytes::Arriving(bytes.clone()));
        let is_alone = is_alone || context.workers() == 0;
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Ok(Arc::new(Pipeline {
            number: COUNT.fetch_add(1, Relaxed),
            context: context.clone(),
            order,
            is_alone,
            bytes,
            has_ended: AtomicBool::new(false),
            intake: Lock::new(Some(Intake { arrivals, decoder })),
            backlog: Lock::new(Backlog::new(is_alone)),
            finish: Lock::new(Some(finish)),
        }))
    }

    /// What has arrived so far, also in a child of the process that made this.
    pub fn arrived(&self) -> &[u8] {
        self.bytes.bytes()
    }

    /// Whether nothing more will arrive.
    pub fn has_ended(&self) -> bool {
        self.has_ended.load(Acquire)
    }

    /// Takes a piece of the module, or its end. An error if the job has failed already.
    pub fn feed(
        self: &Arc<Self>,
        piece: &[u8],
        ends: bool,
        types: &TypeRegistry,
    ) -> Result<(), Error> {
        if self.has_ended() {
            return Err(Error::argument("the job takes no more bytes"));
        }
        let result = self.take_in(piece, ends, types);
        self.go_on(None);
        result
    }

    /// Takes bytes that are read later, by [`Pipeline::catch_up`].
    pub fn store(&self, bytes: &[u8], ends: bool) -> Result<(), Error> {
        if let Some(intake) = &mut *self.intake.lock() {
            intake.arrivals.append(bytes)?;
        }
        self.has_ended.store(ends, Release);
        Ok(())
    }

    /// Reads what was stored, and works on the calling thread until there is nothing to do or the time has come.
    pub fn catch_up(self: &Arc<Self>, types: &TypeRegistry, until: Option<Instant>) {
        // An error is the job's, which those who wait for it learn.
        let _ = self.take_in(&[], self.has_ended(), types);
        self.work(until);
    }

    fn take_in(&self, piece: &[u8], ends: bool, types: &TypeRegistry) -> Result<(), Error> {
        let mut place = self.intake.lock();
        let Some(mut intake) = place.take() else {
            return Err(Error::argument("the job takes no more bytes"));
        };
        let mut receiver = Receiving { pipeline: self, late: None };
        let result = intake.read(piece, ends, types, self.context.limits(), &mut receiver);
        let late = receiver.late;
        if result.is_ok() && !ends {
            *place = Some(intake);
            return Ok(());
        }
        self.has_ended.store(true, Release);
        let Intake { arrivals, decoder } = intake;
        arrivals.close();
        // Before the end is known: the module must not be shared any more then.
        drop(decoder);
        let end = match (&result, late) {
            (Ok(()), Some(late)) => Ok(late),
            (Ok(()), None) => Err(Error::internal("a module without an end")),
            (Err(error), _) => Err(error.clone()),
        };
        self.backlog.lock().end(end);
        result
    }

    /// Lets somebody do what there is to do; if nobody else does, the calling thread, until the time has come.
    pub fn go_on(self: &Arc<Self>, until: Option<Instant>) {
        let (ready, is_lost, has_work) = {
            let backlog = self.backlog.lock();
            (self.threads(&backlog), backlog.is_lost(), backlog.has_work())
        };
        let runs_elsewhere =
            || !self.is_alone && !is_lost && self.context.background().announce(self, ready);
        if has_work && !runs_elsewhere() {
            self.work(until);
        }
    }

    /// How many threads the functions that are ready are worth.
    fn threads(&self, backlog: &Backlog) -> usize {
        let (workers, bytes) = (self.context.workers(), backlog.ready_bytes());
        let threads = match backlog.workload().is_some_and(|work| work.validates_only()) {
            true => validate_threads(workers, bytes),
            false => compile_threads(workers, bytes),
        };
        threads.min(backlog.ready())
    }

    /// Works on the calling thread until there is nothing to do or the time has come.
    pub fn work(self: &Arc<Self>, until: Option<Instant>) {
        let mut runner = Runner::default();
        while until.is_none_or(|until| Instant::now() < until) && self.clone().run_next(&mut runner)
        {
        }
    }

    /// Whether threads that wait must do the work.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Ends the job without a result. What is running goes on until its function is done.
    pub fn cancel(self: &Arc<Self>) {
        let backlog = self.backlog.lock().cancel();
        let finish = self.finish.lock().take();
        drop((backlog, finish));
    }

    pub fn progress(&self) -> Progress {
        let backlog = self.backlog.lock();
        let (done, functions) = backlog.done();
        let bytes = self.arrived().len() as u64;
        Progress { bytes, functions, done, stats: backlog.stats() }
    }

    fn run_batch(&self, batch: Batch, runner: &mut Runner) {
        let mut outcomes = SmallVec::new();
        for func in &batch.functions {
            outcomes.push(self.attempt(&batch.workload, DefinedFuncIndex(*func), runner));
        }
        self.backlog.lock().finished(batch, outcomes);
    }

    fn look_up(&self, workload: Arc<Workload>) {
        // A fault of the library: nothing was kept.
        let is_kept = panics::catch(|| workload.look_up()).unwrap_or(false);
        self.backlog.lock().looked_up(workload, is_kept);
    }

    fn attempt(&self, work: &Workload, func: DefinedFuncIndex, runner: &mut Runner) -> Attempt {
        let attempt = || -> Result<Attempt, Error> {
            if let Some(body) = work.awaits(func).filter(|_| self.backlog.lock().waits()) {
                return Ok(Attempt::Awaits(body));
            }
            let compilers = runner.state(self.number);
            work.run(func, compilers.ok_or_else(Error::out_of_memory)?)?;
            Ok(Attempt::Done)
        };
        match stack::with_room(WORKER_STACK, || panics::catch(attempt)) {
            Ok(Ok(Ok(outcome))) => outcome,
            Ok(Ok(Err(error))) => Attempt::Failed(error),
            Ok(Err(panic)) => {
                runner.forget();
                Attempt::Failed(panic)
            }
            Err(error) => Attempt::Failed(error.into()),
        }
    }

    fn finish(
        &self,
        workload: Option<Arc<Workload>>,
        end: Result<Late, Error>,
        runner: &mut Runner,
    ) {
        let result = panics::catch(|| {
            let late = end?;
            let workload = workload.and_then(Arc::into_inner);
            workload.ok_or_else(|| Error::internal("a job is over while it runs"))?.finish(late)
        });
        let finish = self.finish.lock().take();
        if let Some(finish) = finish {
            finish(result.unwrap_or_else(Err), runner);
        }
    }
}

impl Source for Pipeline {
    fn priority(&self) -> i32 {
        self.order.priority
    }

    fn run_next(self: Arc<Self>, runner: &mut Runner) -> bool {
        let item = self.backlog.lock().take();
        match item {
            None => return false,
            Some(Item::Functions(batch)) => self.run_batch(batch, runner),
            Some(Item::LookUp(workload)) => self.look_up(workload),
            Some(Item::Finish(workload, end)) => self.finish(workload, end, runner),
        }
        true
    }
}

impl Intake {
    fn read(
        &mut self,
        piece: &[u8],
        ends: bool,
        types: &TypeRegistry,
        limits: &Limits,
        receiver: &mut Receiving<'_>,
    ) -> Result<(), Error> {
        let room = limits.module_size as usize - self.arrivals.bytes().bytes().len();
        let fits = &piece[..piece.len().min(room)];
        self.arrivals.append(fits)?;
        let is_all = ends && fits.len() == piece.len();
        let read = || panics::catch(|| self.decoder.advance(is_all, types, receiver));
        stack::with_room(DECODE_STACK, read)???;
        if fits.len() < piece.len() {
            return Err(too_large(&format!("more than {} bytes", limits.module_size), limits));
        }
        Ok(())
    }
}

/// Passes on what is decoded.
struct Receiving<'a> {
    pipeline: &'a Pipeline,
    late: Option<Late>,
}

impl Receiver for Receiving<'_> {
    fn begin(
        &mut self,
        module: Arc<Module>,
        validation: Validation,
        size: usize,
    ) -> Result<(), Error> {
        let Pipeline { context, order, backlog, .. } = self.pipeline;
        let what = (order.plan, &order.modes);
        let workload = Workload::new(context, what, module, validation, size)?;
        backlog.lock().begin(workload);
        Ok(())
    }

    fn body(&mut self, func: DefinedFuncIndex) -> Result<(), Error> {
        let mut backlog = self.pipeline.backlog.lock();
        if backlog.is_closed() {
            return Err(Error::argument("the job is over"));
        }
        backlog.add(func)
    }

    fn end(&mut self, late: Late) -> Result<(), Error> {
        self.late = Some(late);
        Ok(())
    }
}
