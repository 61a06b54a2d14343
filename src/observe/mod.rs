//! Guest code as tools of the system see it: profilers, debuggers, unwinders.
//!
//! Such tools know the functions of programs and libraries from files. Code that is made at run time has none, so it is
//! a gap in their output unless they are told about it. An engine's [`Tools`] say which ones are told; usually none is,
//! and then nothing here costs more than a comparison when code is made.
//!
//! Whoever makes code reachable calls [`Tools::range`] and [`Tools::functions`] first, or [`Tools::stub`], and keeps the
//! [`Known`] that is returned as long as the code. Everything is done under the lock that delays forks, so that a child finds the lists
//! of the process whole. Tools are a convenience: what fails is logged, and the code runs all the same.

mod call_frames;
mod labels;
mod perf_map;
mod unwinder;

use crate::code::function_table::FunctionSpan;
use crate::code::{PublishedCode, delay_forks};
use crate::log::{Level, Log};
use crate::module::Module;
use crate::sys::unwinder::{RegisteredFrames, Unwinder};
use std::ops::Range;
use std::sync::Arc;

use call_frames::FrameTable;
pub use labels::{CodeKind, StubKind};
use labels::{Labels, Stub};

/// What a profiler reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profiler {
    #[default]
    None,
    /// A text file with the names of functions (see [`perf_map`]).
    PerfMap,
}

/// The settings.
#[derive(Clone, Debug, Default)]
pub struct ToolsConfig {
    pub profiler: Profiler,
    /// The process's own unwinder gets frames of guest code.
    pub unwinder: bool,
}

/// The tools that are told about the code of an engine. Clones are the same.
#[derive(Clone, Default)]
pub struct Tools(Option<Arc<Active>>);

struct Active {
    profiler: Profiler,
    unwinder: Option<Unwinder>,
    log: Log,
}

/// Functions of a module whose code is about to become reachable.
pub struct Functions<'a> {
    pub module: &'a Module,
    /// Where the code runs.
    pub address: usize,
    pub bytes: &'a [u8],
    /// Places in the code, in ascending order, and how each was made.
    pub spans: &'a [(FunctionSpan, CodeKind)],
}

/// What tools know about some code. Dropped before the code is freed.
#[derive(Default)]
pub struct Known(Option<Box<RegisteredFrames>>);

impl Drop for Known {
    fn drop(&mut self) {
        if self.0.is_some() {
            let _forks = delay_forks();
            self.0 = None;
        }
    }
}

impl Tools {
    /// May load a library.
    pub fn new(config: &ToolsConfig, log: Log) -> Tools {
        if config.profiler == Profiler::None && !config.unwinder {
            return Tools(None);
        }
        let unwinder = config.unwinder.then(Unwinder::of_process).flatten();
        if config.unwinder && unwinder.is_none() {
            log.say(Level::Warning, || {
                "no unwinder is told about code: there is no libgcc_s.so.1".into()
            });
        }
        Tools(Some(Arc::new(Active { profiler: config.profiler, unwinder, log })))
    }

    /// Whether any tool is told.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Nothing but functions will be in a range, now or later.
    pub fn range(&self, range: Range<usize>) -> Known {
        self.0.as_ref().map_or_else(Known::default, |active| {
            active.register(|table| table.add_functions(range))
        })
    }

    /// Functions are about to become reachable, in a range that was announced.
    pub fn functions(&self, functions: &Functions<'_>) {
        if let Some(active) = &self.0 {
            active.profile(functions.address, functions);
        }
    }

    /// A stub is about to become reachable.
    pub fn stub(&self, kind: StubKind, code: &PublishedCode) -> Known {
        let Some(active) = &self.0 else { return Known::default() };
        let (address, bytes) = (code.rx() as usize, code.bytes());
        active.profile(address, &Stub(kind, code.len()));
        active.register(|table| table.add_code(address, bytes, kind.frames()))
    }
}

impl Active {
    fn profile(&self, address: usize, labels: &dyn Labels) {
        let _forks = delay_forks();
        let told = match self.profiler {
            Profiler::None => Ok(()),
            Profiler::PerfMap => perf_map::write(address, labels),
        };
        if let Err(error) = told {
            self.log
                .say(Level::Warning, || format!("the profiler is not told about code: {error}"));
        }
    }

    /// Tells the unwinder about the frames that `describe` adds.
    fn register(&self, describe: impl FnOnce(&mut FrameTable)) -> Known {
        let Some(unwinder) = self.unwinder else { return Known::default() };
        let mut table = unwinder::table();
        describe(&mut table);
        let _forks = delay_forks();
        Known(unwinder::register(unwinder, &table).map(Box::new))
    }
}
