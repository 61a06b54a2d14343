//! Places in the source of a module, from its debug information.
//!
//! Nothing is read before the first question; then the index is kept with the module.

use super::Module;
use super::demangle::demangle;
use crate::dwarf::{Index, Sections, SourcePlace, Work};
use crate::quote::Visible;
use crate::sys::once::OnceArc;
use std::ops::Range;
use std::sync::Arc;

/// The index of a module's debug information, once somebody has asked.
#[derive(Default)]
pub struct SourceIndex {
    index: OnceArc<Index>,
}

/// From this offset on, up to the next line's, code of the module belongs to a line.
pub struct Line<'a> {
    /// Byte offset in the module.
    pub offset: u32,
    /// 0 if the code belongs to no line.
    pub line: u32,
    pub column: u32,
    pub file: &'a str,
}

impl Module {
    /// The place in the source of the instruction at an offset in the module, with names for display. Depth 0 is
    /// the innermost function that the compiler inlined there, and each further one is its caller; the last one has
    /// no name here, because it is the function itself. `None` also when too little of the work is left.
    pub fn source_at(&self, offset: u32, depth: usize, work: &Work) -> Option<SourcePlace> {
        let address = offset.checked_sub(self.code_section.start)?;
        let sections = self.debug_sections();
        let mut place = self.source_index(&sections)?.place(&sections, address, depth, work)?;
        place.file = Visible(&place.file).to_string();
        if let Some(name) = &mut place.func {
            *name = Visible(&demangle(name).unwrap_or(std::mem::take(name))).to_string();
        }
        Some(place)
    }

    /// Calls `each` with the lines of a range of the module's bytes, in order.
    pub fn each_line(&self, range: Range<u32>, each: &mut dyn FnMut(Line<'_>)) {
        let base = self.code_section.start;
        let sections = self.debug_sections();
        let Some(index) = self.source_index(&sections) else { return };
        let addresses = range.start.saturating_sub(base)..range.end.saturating_sub(base);
        index.each_row(&sections, addresses, &mut |row, file| {
            let offset = base + row.address as u32;
            each(Line { offset, line: row.line, column: row.column, file });
        });
    }

    fn source_index(&self, sections: &Sections<'_>) -> Option<Arc<Index>> {
        if sections.line.is_empty() {
            return None;
        }
        let kept = &self.source.index;
        if let Some(index) = kept.get() {
            return Some(index);
        }
        let index = Index::read(sections, self.code_section.len() as u32)?;
        Some(kept.get_or_offer(Arc::new(index)))
    }

    fn debug_sections(&self) -> Sections<'_> {
        let numbers = 0..self.custom_sections.len();
        Sections::find(numbers.filter_map(|number| self.custom_section(number)))
    }
}
