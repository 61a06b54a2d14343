//! The timeline of an engine: which function was compiled when, by which tier and in how long, and in which tier the
//! guest was when it was sampled (by a [`super::Profile`]).

use super::modules::Modules;
use super::runner::Runner;
use super::text::Text;
use super::{svg, trace_events};
use crate::module::Module;
use crate::observe::CodeKind;
use crate::sys::lock::ForkMutex;
use crate::sys::thread::is_worker;
use crate::types::{DefinedFuncIndex, FuncIndex};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// As many compilations, and as many samples, are kept.
const MOST: usize = 1 << 20;

/// The formats that a timeline can be written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimelineFormat {
    /// Trace events as JSON, for Perfetto and other viewers.
    TraceEvents,
    /// A picture.
    Svg,
}

/// What is recorded, since the engine was made.
pub struct Timeline {
    begin: Instant,
    events: ForkMutex<Events>,
}

/// Times are nanoseconds since the engine was made.
#[derive(Default)]
pub struct Events {
    pub compiled: Vec<Compiled>,
    /// When the guest was sampled, and what ran.
    pub samples: Vec<(u64, Runner)>,
    modules: Modules,
}

/// A function that was compiled.
#[derive(Clone, Copy)]
pub struct Compiled {
    pub begin: u64,
    pub took: u64,
    pub kind: CodeKind,
    /// On a thread that the library did not start.
    pub on_host: bool,
    pub bytes: u32,
    pub func: FuncIndex,
    pub module: u32,
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { begin: Instant::now(), events: ForkMutex::default() }
    }
}

impl Timeline {
    /// A function has been compiled, from `begin` until now.
    pub fn compiled(
        &self,
        module: &Arc<Module>,
        func: DefinedFuncIndex,
        kind: CodeKind,
        bytes: usize,
        begin: Instant,
    ) {
        let (func, bytes) = (module.func_index(func), u32::try_from(bytes).unwrap_or(u32::MAX));
        let (took, on_host) = (nanoseconds(begin.elapsed()), !is_worker());
        let begin = nanoseconds(begin.saturating_duration_since(self.begin));
        let mut events = self.events.lock();
        if let Some(module) = events.modules.number_of(module) {
            add(&mut events.compiled, Compiled { begin, took, kind, on_host, bytes, func, module });
        }
    }

    /// Functions of a module will be compiled while it arrives; `None` when memory is short.
    pub fn expect(&self, module: &Arc<Module>) -> Option<()> {
        self.events.lock().modules.expect(module)
    }

    /// A module that was expected is complete.
    pub fn complete(&self, expected: &Weak<Module>, module: &Arc<Module>) {
        self.events.lock().modules.complete(expected, module);
    }

    /// This ran when the last intervals ended, of which the last one ends now.
    pub fn sampled(&self, runner: Runner, count: u32, interval: Duration) {
        let (now, interval) = (nanoseconds(self.begin.elapsed()), nanoseconds(interval));
        let mut events = self.events.lock();
        let room = MOST - events.samples.len();
        for ago in (0..count.min(room as u32)).rev() {
            let time = now.saturating_sub(interval.saturating_mul(ago.into()));
            add(&mut events.samples, (time, runner));
        }
    }

    /// What was recorded so far, as text; `None` when memory is short.
    pub fn write(&self, format: TimelineFormat) -> Option<String> {
        let mut events = self.events.lock().copy()?;
        events.compiled.sort_unstable_by_key(|compiled| (compiled.begin, compiled.func.0));
        // Several stores are sampled, and host functions afterwards.
        events.samples.sort_unstable_by_key(|(time, _)| *time);
        let mut text = Text::default();
        match format {
            TimelineFormat::TraceEvents => trace_events::write(&mut text, &events).ok()?,
            TimelineFormat::Svg => svg::write(&mut text, &events).ok()?,
        }
        Some(text.into_string())
    }
}

impl Events {
    /// The time of the last event.
    pub fn end(&self) -> u64 {
        let compiled = self.compiled.iter().map(|compiled| compiled.begin + compiled.took);
        compiled.chain(self.samples.iter().map(|(time, _)| *time)).max().unwrap_or(0)
    }

    /// The name of a compiled function.
    pub fn name(&self, compiled: &Compiled) -> String {
        self.modules.name(compiled.module, compiled.func)
    }

    fn copy(&self) -> Option<Events> {
        let mut copy = Events::default();
        copy.compiled.try_reserve_exact(self.compiled.len()).ok()?;
        copy.compiled.extend_from_slice(&self.compiled);
        copy.samples.try_reserve_exact(self.samples.len()).ok()?;
        copy.samples.extend_from_slice(&self.samples);
        Some(Events { modules: self.modules.copy()?, ..copy })
    }
}

/// Adds to a list that must not become too long.
fn add<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MOST && list.try_reserve(1).is_ok() {
        list.push(item);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
