//! Guest code as tools of the system see it: profilers, debuggers, unwinders.
//!
//! Such tools know the functions of programs and libraries from files. Code that is made at run time has none, so it is
//! a gap in their output unless they are told about it. An engine's [`Tools`] say which ones are told; usually none is,
//! and then nothing here costs more than a comparison when code is made.
//!
//! Whoever makes code reachable calls [`Tools::range`] and [`Tools::functions`] first, or [`Tools::stub`], and
//! keeps the [`Known`] that is returned as long as the code. Everything is done under the lock that delays
//! forks, so that a child finds the lists of the process whole. Tools are a convenience: what fails is logged,
//! and the code runs all the same. Callers hold locks of the library, under which no log may be called: they take
//! [`Reports`] before the locks, which log when the locks are free again.

mod call_frames;
mod debug_lines;
mod elf;
mod functions;
mod jitdump;
mod labels;
mod lines;
mod perf_map;
mod reports;

use crate::code::{PublishedCode, delay_forks};
use crate::log::{Level, Log};
use crate::sys::debugger::DebuggedFile;
use crate::sys::unwinder::{RegisteredFrames, Unwinder};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use call_frames::FrameTable;
pub use functions::{CodeKind, Functions, Part};
pub use labels::StubKind;
use labels::{Labels, Stub};
pub use reports::Reports;

/// What a profiler reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profiler {
    #[default]
    None,
    /// A text file with the names of functions (see [`perf_map`]).
    PerfMap,
    /// A file with code, names and lines, in a folder (see [`jitdump`]).
    Jitdump,
}

/// The settings.
#[derive(Clone, Debug, Default)]
pub struct ToolsConfig {
    pub profiler: Profiler,
    /// Where files of profilers go, if that can be chosen: usually `/tmp`.
    pub folder: Option<PathBuf>,
    /// Debuggers get names and frames.
    pub debugger: bool,
    /// The process's own unwinder gets frames.
    pub unwinder: bool,
}

/// The tools that are told about the code of an engine. Clones are the same.
#[derive(Clone, Default)]
pub struct Tools(Option<Arc<Active>>);

struct Active {
    profiler: Profiler,
    folder: PathBuf,
    debugger: bool,
    unwinder: Option<Unwinder>,
    log: Log,
}

/// What tools know about some code. Dropped before the code is freed.
#[derive(Default)]
pub struct Known(Option<Box<Registrations>>);

#[derive(Default)]
struct Registrations {
    frames: Option<RegisteredFrames>,
    files: Vec<DebuggedFile>,
}

impl Drop for Known {
    fn drop(&mut self) {
        if self.0.is_some() {
            let _forks = delay_forks();
            self.0 = None;
        }
    }
}

impl Known {
    fn registrations(&mut self) -> &mut Registrations {
        self.0.get_or_insert_default()
    }
}

impl Tools {
    /// May load a library.
    pub fn new(config: &ToolsConfig, log: Log) -> Tools {
        let ToolsConfig { profiler, debugger, unwinder, ref folder } = *config;
        if profiler == Profiler::None && !debugger && !unwinder {
            return Tools(None);
        }
        let found = unwinder.then(Unwinder::of_process).flatten();
        if unwinder && found.is_none() {
            let text = "no unwinder is told about code: there is no libgcc_s.so.1";
            log.say(Level::Warning, || text.into());
        }
        let folder = folder.clone().unwrap_or_else(|| "/tmp".into());
        Tools(Some(Arc::new(Active { profiler, folder, debugger, unwinder: found, log })))
    }

    /// Whether any tool is told.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Logs what fails from now on when it is dropped.
    pub fn reports(&self) -> Reports<'_> {
        Reports::new(self.0.as_ref().map(|active| &active.log))
    }

    /// Nothing but functions will be in a range, now or later.
    pub fn range(&self, range: Range<usize>) -> Known {
        let mut known = Known::default();
        if let Some(active) = &self.0 {
            active.unwind(|table| table.add_functions(range), &mut known);
        }
        known
    }

    /// Functions are about to become reachable, in a range that is known.
    pub fn functions(&self, functions: &Functions<'_>, known: &mut Known) {
        let Some(active) = &self.0 else { return };
        active.profile(functions.address, functions.bytes, functions);
        active.debug(functions.address, functions.bytes, functions, known);
    }

    /// A stub is about to become reachable.
    pub fn stub(&self, kind: StubKind, code: &PublishedCode) -> Known {
        let mut known = Known::default();
        if let Some(active) = &self.0 {
            let (address, stub) = (code.rx() as usize, Stub(kind, code.len()));
            active.profile(address, code.bytes(), &stub);
            active.debug(address, code.bytes(), &stub, &mut known);
            let describe = |table: &mut _| add_frames(table, address, code.bytes(), &stub);
            active.unwind(describe, &mut known);
        }
        known
    }
}

impl Active {
    fn profile(&self, address: usize, code: &[u8], labels: &dyn Labels) {
        let _forks = delay_forks();
        let told = match self.profiler {
            Profiler::None => Ok(()),
            Profiler::PerfMap => perf_map::write(address, labels),
            Profiler::Jitdump => jitdump::write(&self.folder, address, code, labels),
        };
        reports::note("the profiler", told);
    }

    fn debug(&self, address: usize, code: &[u8], labels: &dyn Labels, known: &mut Known) {
        if !self.debugger {
            return;
        }
        let mut frames = FrameTable::new(None);
        add_frames(&mut frames, address, code, labels);
        let file = elf::file(address..address + code.len(), labels, &frames).and_then(|file| {
            let files = &mut known.registrations().files;
            files.try_reserve(1)?;
            let _forks = delay_forks();
            // SAFETY: the lock is held here and where files are dropped.
            files.push(unsafe { DebuggedFile::add(file) });
            Ok(())
        });
        reports::note("the debugger", file);
    }

    /// Tells the unwinder about the frames that `describe` adds.
    fn unwind(&self, describe: impl FnOnce(&mut FrameTable), known: &mut Known) {
        let Some(unwinder) = self.unwinder else { return };
        let mut table = FrameTable::new(Some(Unwinder::refuse_exceptions()));
        describe(&mut table);
        let told = table.section().map(|section| {
            let _forks = delay_forks();
            // SAFETY: the table is well formed; each piece of code is described once.
            known.registrations().frames = Some(unsafe { unwinder.register(section) });
        });
        reports::note("the unwinder", told);
    }
}

/// Describes the frames of each part of some code.
fn add_frames(table: &mut FrameTable, address: usize, code: &[u8], labels: &dyn Labels) {
    labels.each_range(&mut |range| {
        if let Some(part) = code.get(range.clone()) {
            table.add_code(address + range.start, part, labels.frames());
        }
    });
}
