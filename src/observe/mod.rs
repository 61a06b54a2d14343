//! Guest code as tools of the system see it: profilers, debuggers, unwinders.
//!
//! Such tools know the functions of programs and libraries from files. Code that is made at run time has none, so it is
//! a gap in their output unless they are told about it. An engine's [`Tools`] say which ones are told; usually none is,
//! and then nothing here costs more than a comparison when code is made.
//!
//! Whoever makes code reachable calls [`Tools::functions`] or [`Tools::stub`] first, and keeps the [`Known`] that is
//! returned as long as the code. Everything is done under the lock that delays forks, so that a child finds the lists
//! of the process whole. Tools are a convenience: what fails is logged, and the code runs all the same.

mod labels;
mod perf_map;

use crate::code::function_table::FunctionSpan;
use crate::code::{PublishedCode, delay_forks};
use crate::log::{Level, Log};
use crate::module::Module;
use std::io;
use std::sync::Arc;

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
}

/// The tools that are told about the code of an engine. Clones are the same.
#[derive(Clone, Default)]
pub struct Tools(Option<Arc<Active>>);

struct Active {
    config: ToolsConfig,
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
pub struct Known(());

impl Tools {
    pub fn new(config: ToolsConfig, log: Log) -> Tools {
        let is_on = config.profiler != Profiler::None;
        Tools(is_on.then(|| Arc::new(Active { config, log })))
    }

    /// Whether any tool is told.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Functions are about to become reachable.
    pub fn functions(&self, functions: &Functions<'_>) -> Known {
        match &self.0 {
            Some(active) => active.add(functions.address, functions.bytes, functions),
            None => Known::default(),
        }
    }

    /// A stub is about to become reachable.
    pub fn stub(&self, kind: StubKind, code: &PublishedCode) -> Known {
        match &self.0 {
            Some(active) => active.add(code.rx() as usize, code.bytes(), &Stub(kind, code.len())),
            None => Known::default(),
        }
    }
}

impl Active {
    fn add(&self, address: usize, _bytes: &[u8], labels: &dyn Labels) -> Known {
        let _forks = delay_forks();
        let told = match self.config.profiler {
            Profiler::None => Ok(()),
            Profiler::PerfMap => perf_map::write(address, labels),
        };
        self.report("the profiler", told);
        Known::default()
    }

    fn report(&self, tool: &str, told: io::Result<()>) {
        if let Err(error) = told {
            self.log.say(Level::Warning, || format!("{tool} is not told about code: {error}"));
        }
    }
}
