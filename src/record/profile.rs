//! The profile of a store: samples of its guest stack.
//!
//! A sample is a node in a tree of stacks, in which each frame hangs below its caller. Equal stacks are one node, so a
//! profile of an hour is not much larger than that of a second. Names and lines are looked up when it is written.

use super::modules::Modules;
use super::runner::Runner;
use super::text::Text;
use super::{firefox, flames, folded};
use crate::module::Module;
use crate::types::FuncIndex;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// As many samples are kept.
const MOST: usize = 1 << 20;
/// Samples are kept while there are fewer nodes: a guest decides how different its stacks are.
const MOST_NODES: usize = 1 << 22;
/// The caller of the outermost frame.
const NOBODY: u32 = u32::MAX;

/// The formats that a profile can be written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProfileFormat {
    /// A line per stack, for flame graphs.
    Folded,
    /// The JSON of the Firefox Profiler.
    Firefox,
    /// A flame graph.
    Svg,
}

/// A place in guest code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Frame {
    /// Number of its module.
    pub module: u32,
    /// Of a host function that is not called by an import, no number of the module.
    pub func: FuncIndex,
    /// Byte offset in the module; of a host function, that of the call.
    pub offset: u32,
    pub runner: Runner,
}

/// What was sampled since the profile was begun.
pub struct Profile {
    begun: Instant,
    start_time: SystemTime,
    interval: Duration,
    modules: Modules,
    frames: Interned<Frame>,
    nodes: Interned<Node>,
    samples: Vec<Sampled>,
    /// With those that are not kept.
    count: u64,
}

/// Number of the caller's node ([`NOBODY`]: none), number of the frame.
type Node = (u32, u32);

/// Nanoseconds since the beginning, the innermost node, and for how many samples it counts: intervals that end then.
type Sampled = (u64, u32, u32);

/// A profile at some moment, to be written.
pub struct Snapshot {
    pub start_time: SystemTime,
    pub interval: Duration,
    pub modules: Modules,
    pub frames: Vec<Frame>,
    /// Callers come before callees.
    nodes: Vec<Node>,
    pub samples: Vec<Sampled>,
}

/// Values with numbers in the order in which they came.
pub struct Interned<T> {
    numbers: HashMap<T, u32>,
    list: Vec<T>,
}

impl<T> Default for Interned<T> {
    fn default() -> Interned<T> {
        Interned { numbers: HashMap::new(), list: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    /// The number of a value, which is added if it is new; `None` when memory is short.
    pub fn number(&mut self, value: T) -> Option<u32> {
        self.numbers.try_reserve(1).ok()?;
        self.list.try_reserve(1).ok()?;
        let next = u32::try_from(self.list.len()).ok().filter(|next| *next != NOBODY)?;
        match self.numbers.entry(value) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(new) => {
                self.list.push(new.key().clone());
                Some(*new.insert(next))
            }
        }
    }

    pub fn list(&self) -> &[T] {
        &self.list
    }
}

impl Profile {
    pub fn new(interval: Duration) -> Profile {
        Profile {
            begun: Instant::now(),
            start_time: SystemTime::now(),
            interval,
            modules: Modules::default(),
            frames: Interned::default(),
            nodes: Interned::default(),
            samples: Vec::new(),
            count: 0,
        }
    }

    /// Begins a sample, to which frames are added from the outermost to the innermost.
    pub fn sample(&mut self) -> Sample<'_> {
        let is_kept = self.samples.len() < MOST && self.nodes.list().len() < MOST_NODES;
        Sample { profile: self, is_kept, node: is_kept.then_some(NOBODY) }
    }

    /// The number of samples.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What was sampled so far; `None` when memory is short.
    pub fn snapshot(&self) -> Option<Snapshot> {
        Some(Snapshot {
            start_time: self.start_time,
            interval: self.interval,
            modules: self.modules.copy()?,
            frames: copy(self.frames.list())?,
            nodes: copy(self.nodes.list())?,
            samples: copy(&self.samples)?,
        })
    }
}

fn copy<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(list.len()).ok()?;
    copy.extend_from_slice(list);
    Some(copy)
}

impl Snapshot {
    /// Node of the caller and frame of every node, callers first.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (Option<u32>, u32)> + '_ {
        let caller = |node: u32| (node != NOBODY).then_some(node);
        self.nodes.iter().map(move |(node, frame)| (caller(*node), *frame))
    }

    /// As text; `None` when memory is short.
    pub fn write(&self, format: ProfileFormat) -> Option<String> {
        let mut text = Text::default();
        match format {
            ProfileFormat::Folded => folded::write(&mut text, self)?,
            ProfileFormat::Firefox => firefox::write(&mut text, self)?,
            ProfileFormat::Svg => flames::write(&mut text, self)?,
        }
        Some(text.into_string())
    }
}

/// A stack that is being recorded.
pub struct Sample<'a> {
    profile: &'a mut Profile,
    /// Otherwise it only counts.
    is_kept: bool,
    /// The frame that was added last; `None` when it is not kept or memory was short.
    node: Option<u32>,
}

impl Sample<'_> {
    pub fn frame(&mut self, module: &Arc<Module>, func: FuncIndex, offset: u32, runner: Runner) {
        let profile = &mut *self.profile;
        self.node = self.node.and_then(|caller| {
            let module = profile.modules.number_of(module)?;
            let frame = profile.frames.number(Frame { module, func, offset, runner })?;
            profile.nodes.number((caller, frame))
        });
    }

    /// Ends the sample, which counts for so many.
    pub fn end(self, count: u32) {
        let profile = self.profile;
        if !self.is_kept {
            profile.count += u64::from(count);
            return;
        }
        let time = u64::try_from(profile.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let Some(node) = self.node.filter(|node| *node != NOBODY) else { return };
        profile.count += u64::from(count);
        if profile.samples.try_reserve(1).is_ok() {
            profile.samples.push((time, node, count));
        }
    }
}
