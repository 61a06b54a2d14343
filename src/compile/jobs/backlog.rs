//! The functions of a job: those that may be begun, those that wait for bodies, and what has failed.
//!
//! The error of a job is that of its first function that cannot be compiled or, if there is none, the first error
//! outside of bodies, wherever in the bytes either is and in whatever pieces these arrive. So after a failure the
//! functions before it are still compiled, and none behind it.
//!
//! When all bytes are there and functions are left, somebody looks whether an earlier process has compiled the module,
//! while others go on. If so, what has not been begun is left out.

use super::workload::Workload;
use crate::binary::Late;
use crate::compile::Stats;
use crate::compile::counters::Counters;
use crate::error::Error;
use crate::types::DefinedFuncIndex;
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::mem;
use std::sync::Arc;

/// Functions of at least this size are begun before all others, so that none is begun last while other threads wait.
const LARGE: usize = 8 << 10;

/// Functions that are only validated are taken together, up to this size.
const TOGETHER: usize = 32 << 10;

/// See the top of the file.
#[derive(Default)]
pub struct Backlog {
    workload: Option<Arc<Workload>>,
    /// Known as soon as there is a workload.
    functions: u32,
    counters: Option<Arc<Counters>>,
    in_order: bool,
    large: BinaryHeap<(usize, Reverse<u32>)>,
    small: VecDeque<u32>,
    /// By the body that they wait for.
    waiting: BTreeMap<u32, Vec<u32>>,
    /// Bytes of the functions that may be begun.
    ready_bytes: usize,
    /// How many bodies have arrived.
    arrived: u32,
    /// Batches that were taken and are not done.
    running: usize,
    done: u32,
    failed: Option<(u32, Error)>,
    end: Option<Result<Late, Error>>,
    /// It is time to look for the code in the cache folder.
    looks_up: bool,
    /// The code is there: nothing more is begun.
    is_kept: bool,
    is_over: bool,
}

/// What is to be done next.
pub enum Item {
    Functions(Batch),
    /// Look for the code in the cache folder.
    LookUp(Arc<Workload>),
    /// Nothing but this is left to do.
    Finish(Option<Arc<Workload>>, Result<Late, Error>),
}

/// Functions to be done by one thread.
pub struct Batch {
    pub workload: Arc<Workload>,
    pub functions: SmallVec<[u32; 16]>,
}

/// What became of a function.
pub enum Attempt {
    Done,
    Awaits(DefinedFuncIndex),
    Failed(Error),
}

impl Backlog {
    /// Functions are done in their order, if one thread does everything.
    pub fn new(in_order: bool) -> Backlog {
        Backlog { in_order, ..Backlog::default() }
    }

    pub fn begin(&mut self, workload: Workload) {
        self.functions = workload.functions();
        self.counters = Some(workload.counters().clone());
        self.workload = Some(Arc::new(workload));
    }

    pub fn workload(&self) -> Option<&Arc<Workload>> {
        self.workload.as_ref()
    }

    /// Functions that are done, and all of them.
    pub fn done(&self) -> (u32, u32) {
        (if self.is_kept { self.functions } else { self.done }, self.functions)
    }

    /// What was compiled so far.
    pub fn stats(&self) -> Stats {
        self.counters.as_ref().map_or(Stats::default(), |counters| counters.stats(0))
    }

    /// Whether no more bodies are wanted.
    pub fn is_closed(&self) -> bool {
        self.is_over || self.failed.is_some()
    }

    /// A body has arrived.
    pub fn add(&mut self, func: DefinedFuncIndex) -> Result<(), Error> {
        self.arrived = func.0 + 1;
        for waiting in self.waiting.remove(&func.0).unwrap_or_default() {
            self.push(waiting)?;
        }
        self.push(func.0)
    }

    fn push(&mut self, func: u32) -> Result<(), Error> {
        let size = self.workload.as_ref().map_or(0, |work| work.size(DefinedFuncIndex(func)));
        self.ready_bytes += size;
        if size >= LARGE && !self.in_order {
            self.large.try_reserve(1)?;
            self.large.push((size, Reverse(func)));
        } else {
            self.small.try_reserve(1)?;
            self.small.push_back(func);
        }
        Ok(())
    }

    /// Nothing arrives any more.
    pub fn end(&mut self, end: Result<Late, Error>) {
        if self.end.is_none() && !self.is_over {
            let has_rest = self.failed.is_none() && self.done < self.functions;
            let may_be_kept = self.workload.as_ref().is_some_and(|work| work.may_be_kept());
            self.looks_up = end.is_ok() && has_rest && may_be_kept;
            self.end = Some(end);
            self.wait_no_more();
        }
    }

    /// Bodies that have not arrived will never do so: code that depends on them is not needed.
    fn wait_no_more(&mut self) {
        for func in mem::take(&mut self.waiting).into_values().flatten() {
            if let Err(error) = self.push(func) {
                self.fail(func, error);
            }
        }
    }

    fn fail(&mut self, func: u32, error: Error) {
        if self.failed.as_ref().is_none_or(|(first, _)| func < *first) {
            self.failed = Some((func, error));
        }
    }

    /// Whether [`Backlog::take`] returns something, at least if no function has failed.
    pub fn has_work(&self) -> bool {
        !self.is_over && (self.ready() > 0 || self.looks_up || self.is_due())
    }

    /// Bytes of the functions that may be begun.
    pub fn ready_bytes(&self) -> usize {
        self.ready_bytes
    }

    /// How many functions may be begun.
    pub fn ready(&self) -> usize {
        self.large.len() + self.small.len()
    }

    fn is_due(&self) -> bool {
        self.running == 0 && !self.looks_up && (self.failed.is_some() || self.end.is_some())
    }

    /// Whether the job has failed and nothing is left to do but to say so.
    pub fn is_lost(&self) -> bool {
        let failed = self.failed.is_some() || matches!(self.end, Some(Err(_)));
        !self.is_over && self.ready() == 0 && self.running == 0 && failed
    }

    /// The next piece of work.
    pub fn take(&mut self) -> Option<Item> {
        if self.is_over {
            return None;
        }
        if let Some(workload) = self.workload.clone() {
            if mem::take(&mut self.looks_up) {
                self.running += 1;
                return Some(Item::LookUp(workload));
            }
            let functions = self.take_functions(&workload);
            if !functions.is_empty() {
                self.running += 1;
                return Some(Item::Functions(Batch { workload, functions }));
            }
        }
        if !self.is_due() {
            return None;
        }
        self.is_over = true;
        let end = match self.failed.take() {
            Some((_, error)) => Err(error),
            None => self.end.take()?,
        };
        Some(Item::Finish(self.workload.take(), end))
    }

    fn take_functions(&mut self, workload: &Workload) -> SmallVec<[u32; 16]> {
        let mut functions = SmallVec::new();
        let mut size = 0;
        let bound = self.failed.as_ref().map_or(u32::MAX, |(first, _)| *first);
        while let Some(func) = self.next() {
            let bytes = workload.size(DefinedFuncIndex(func));
            self.ready_bytes -= bytes;
            if func >= bound {
                continue;
            }
            functions.push(func);
            size += bytes;
            let is_full = functions.len() == functions.inline_size() || size >= TOGETHER;
            if is_full || !workload.validates_only() {
                break;
            }
        }
        functions
    }

    fn next(&mut self) -> Option<u32> {
        self.large.pop().map(|(_, Reverse(func))| func).or_else(|| self.small.pop_front())
    }

    /// A batch is done, with these results.
    pub fn finished(&mut self, batch: Batch, outcomes: SmallVec<[Attempt; 16]>) {
        let Batch { workload, functions } = batch;
        // Here, where nobody can find nothing left to do before it has gone.
        drop(workload);
        self.running -= 1;
        if self.is_over {
            return;
        }
        for (func, outcome) in functions.into_iter().zip(outcomes) {
            match outcome {
                Attempt::Done => self.done += 1,
                Attempt::Failed(error) => self.fail(func, error),
                Attempt::Awaits(_) if self.is_kept => (),
                Attempt::Awaits(body) => self.wait_for(func, body),
            }
        }
        if self.failed.is_some() {
            self.wait_no_more();
        }
    }

    /// Somebody has looked for the code in the cache folder.
    pub fn looked_up(&mut self, workload: Arc<Workload>, is_kept: bool) {
        drop(workload);
        self.running -= 1;
        if is_kept && !self.is_over {
            self.large.clear();
            self.small.clear();
            self.waiting.clear();
            self.ready_bytes = 0;
            self.is_kept = true;
        }
    }

    fn wait_for(&mut self, func: u32, body: DefinedFuncIndex) {
        let is_late = body.0 < self.arrived || self.end.is_some();
        let list = self.waiting.entry(body.0).or_default();
        if let Err(error) = list.try_reserve(1) {
            return self.fail(func, error.into());
        }
        list.push(func);
        if is_late {
            for func in self.waiting.remove(&body.0).unwrap_or_default() {
                if let Err(error) = self.push(func) {
                    self.fail(func, error);
                }
            }
        }
    }

    /// Nothing is wanted any more. What is running ends by itself.
    pub fn cancel(&mut self) -> Backlog {
        let running = self.running;
        mem::replace(self, Backlog { is_over: true, running, ..Backlog::default() })
    }

    /// Whether functions wait for bodies. After a failure they do not: only their errors count.
    pub fn waits(&self) -> bool {
        self.failed.is_none() && self.end.is_none()
    }
}
