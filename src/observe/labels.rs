//! The names of pieces of code, as tools show them: a function's name and how its code was made.

use super::call_frames::Frames;
use super::functions::{Functions, Part};
use super::lines::Lines;
use crate::code::function_table::FunctionSpan;
use crate::types::DefinedFuncIndex;
use std::io;
use std::ops::Range;

/// The kinds of stubs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StubKind {
    /// From the host to a guest function.
    Entry,
    /// From guest code to a host function, with so many bytes below the saved frame pointer.
    Import { frame: u32 },
    /// Of functions that have no code yet.
    Lazy,
}

/// A stub of so many bytes.
pub(super) struct Stub(pub StubKind, pub usize);

/// Code with parts that have names.
pub(super) trait Labels {
    /// Calls `visit` with each part, in ascending order, and its name, until `visit` fails.
    fn each(&self, visit: &mut Visit<'_>) -> io::Result<()>;

    /// The same without names.
    fn each_range(&self, visit: &mut dyn FnMut(Range<usize>));

    /// How the frames of all parts look.
    fn frames(&self) -> Frames;

    /// The lines of the source, if they are known.
    fn lines(&self) -> io::Result<Lines> {
        Ok(Lines::default())
    }
}

pub(super) type Visit<'a> = dyn FnMut(Range<usize>, &str) -> io::Result<()> + 'a;

/// Bytes of a name that are shown.
const SHOWN: usize = 500;

impl Labels for Functions<'_> {
    fn each(&self, visit: &mut Visit<'_>) -> io::Result<()> {
        self.parts.iter().try_for_each(|Part { span, kind, .. }| {
            let func = self.module.func_index(DefinedFuncIndex(span.function));
            let name = self.module.display_name(func);
            let name = name.unwrap_or_else(|| format!("wasm-function[{}]", func.0));
            let shown = name.floor_char_boundary(SHOWN);
            visit(range_of(span), &format!("{} [{}]", &name[..shown], kind.name()))
        })
    }

    fn each_range(&self, visit: &mut dyn FnMut(Range<usize>)) {
        self.parts.iter().for_each(|part| visit(range_of(&part.span)));
    }

    fn frames(&self) -> Frames {
        Frames::Pointer
    }

    fn lines(&self) -> io::Result<Lines> {
        Ok(Lines::of(self)?)
    }
}

fn range_of(span: &FunctionSpan) -> Range<usize> {
    let start = span.code_start as usize;
    start..start + span.code_len as usize
}

impl Labels for Stub {
    fn each(&self, visit: &mut Visit<'_>) -> io::Result<()> {
        let name = match self.0 {
            StubKind::Entry => "wasm entry stub",
            StubKind::Import { .. } => "wasm import stub",
            StubKind::Lazy => "wasm stubs of functions without code",
        };
        visit(0..self.1, name)
    }

    fn each_range(&self, visit: &mut dyn FnMut(Range<usize>)) {
        visit(0..self.1);
    }

    fn frames(&self) -> Frames {
        match self.0 {
            StubKind::Entry => Frames::Pointer,
            StubKind::Import { frame } => Frames::Size(frame),
            StubKind::Lazy => Frames::None,
        }
    }
}
