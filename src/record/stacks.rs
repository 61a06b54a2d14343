//! The stacks of a profile as people see them: functions by name, and where a module has debug information, those that
//! its compiler inlined, with files and lines.

use super::profile::{Frame, Interned, Snapshot};
use super::runner::Runner;
use crate::dwarf::Work;
use std::ops::Range;

/// Everything by number.
#[derive(Default)]
pub struct Stacks {
    pub texts: Interned<String>,
    pub functions: Interned<Function>,
    pub places: Interned<Place>,
    /// Number of the caller's stack, and the place. Callers come before callees.
    pub stacks: Interned<(Option<u32>, u32)>,
    /// The stack of every node of the profile.
    of_nodes: Vec<u32>,
}

/// A function, by the numbers of its name and its file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Function {
    pub name: u32,
    pub file: Option<u32>,
}

/// A place in a function.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub function: u32,
    /// Byte offset in the module.
    pub offset: u32,
    /// 0 if unknown.
    pub line: u32,
    pub column: u32,
    pub runner: Runner,
    /// 0 for a function with code of its own, 1 for what was inlined into it, and so on.
    pub inline_depth: u32,
}

/// As many functions may be inlined into each other.
const DEEPEST: usize = 64;
/// Work for all places together: some seconds at most. Those after it have no lines.
const LOOKING_UP: u64 = 1 << 30;

impl Stacks {
    /// `None` when memory is short.
    pub fn new(profile: &Snapshot) -> Option<Stacks> {
        let mut stacks = Stacks::default();
        let mut of_frames: Vec<Range<usize>> = Vec::new();
        let mut places = Vec::new();
        let work = Work::new(LOOKING_UP);
        of_frames.try_reserve_exact(profile.frames.len()).ok()?;
        for frame in &profile.frames {
            let begin = places.len();
            stacks.add_places(profile, frame, &work, &mut places)?;
            of_frames.push(begin..places.len());
        }
        stacks.of_nodes.try_reserve_exact(profile.nodes().len()).ok()?;
        for (caller, frame) in profile.nodes() {
            let mut stack = caller.map(|caller| stacks.of_nodes[caller as usize]);
            for place in &places[of_frames[frame as usize].clone()] {
                stack = Some(stacks.stacks.number((stack, *place))?);
            }
            stacks.of_nodes.push(stack?);
        }
        Some(stacks)
    }

    /// The stack of a node of the profile.
    pub fn of_node(&self, node: u32) -> u32 {
        self.of_nodes[node as usize]
    }

    /// Adds the places of a frame, outermost first.
    fn add_places(
        &mut self,
        profile: &Snapshot,
        frame: &Frame,
        work: &Work,
        places: &mut Vec<u32>,
    ) -> Option<()> {
        let module = profile.modules.get(frame.module);
        let mut found = Vec::new();
        let Frame { offset, runner, .. } = *frame;
        let own_name = match runner {
            Runner::Guest(_) => profile.modules.name(frame.module, frame.func),
            Runner::Host => profile.modules.host_name(frame.module, frame.func),
        };
        // The offset of a host function is that of its caller, which is another frame.
        let deepest = if runner == Runner::Host { 0 } else { DEEPEST };
        while found.len() < deepest
            && let Some(place) =
                module.and_then(|module| module.source_at(offset, found.len(), work))
        {
            found.try_reserve(1).ok()?;
            found.push(place);
        }
        places.try_reserve(found.len().max(1)).ok()?;
        if found.is_empty() {
            let function = self.function(own_name, None)?;
            let place = Place { function, offset, line: 0, column: 0, runner, inline_depth: 0 };
            places.push(self.places.number(place)?);
            return Some(());
        }
        for (inline_depth, place) in found.into_iter().rev().enumerate() {
            let name = place.func.unwrap_or_else(|| own_name.clone());
            let function = self.function(name, Some(place.file))?;
            let (line, column, inline_depth) = (place.line, place.column, inline_depth as u32);
            let place = Place { function, offset, line, column, runner, inline_depth };
            places.push(self.places.number(place)?);
        }
        Some(())
    }

    fn function(&mut self, name: String, file: Option<String>) -> Option<u32> {
        let name = self.texts.number(name)?;
        let file = match file {
            Some(file) => Some(self.texts.number(file)?),
            None => None,
        };
        self.functions.number(Function { name, file })
    }
}
