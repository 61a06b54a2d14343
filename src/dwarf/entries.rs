//! Entries of a unit in the order of the section, with the depth of each in the tree.

use super::abbreviations::Abbreviations;
use super::forms::{Encoding, Value};
use super::reader::Reader;

/// A walk over entries.
pub struct Entries<'t, 'a> {
    reader: Reader<'a>,
    abbreviations: &'t Abbreviations,
    encoding: Encoding,
    depth: usize,
    ended: bool,
}

/// One entry; its attributes were shown while it was read.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Offset in `.debug_info`.
    pub at: usize,
    pub tag: u16,
    pub has_children: bool,
    /// 0 for the entry that the walk began with.
    pub depth: usize,
}

impl<'t, 'a> Entries<'t, 'a> {
    /// A walk from the entry that the reader is at.
    pub fn new(
        reader: Reader<'a>,
        abbreviations: &'t Abbreviations,
        encoding: Encoding,
    ) -> Entries<'t, 'a> {
        Entries { reader, abbreviations, encoding, depth: 0, ended: false }
    }

    /// The next entry; `attribute` sees each of its attributes first. `None` behind the last one of the tree that
    /// the walk began with, and where the data makes no sense.
    pub fn next(&mut self, attribute: &mut dyn FnMut(u16, Value<'a>)) -> Option<Entry> {
        let (at, code) = self.next_code()?;
        let abbreviation = self.abbreviations.get(code)?;
        for spec in self.abbreviations.attributes(abbreviation) {
            self.reader.work().take(1)?;
            let value = Value::read(&mut self.reader, spec.form, spec.implicit, self.encoding)?;
            attribute(spec.name, value);
        }
        let depth = self.depth;
        self.depth += usize::from(abbreviation.has_children);
        self.ended = self.depth == 0;
        let (tag, has_children) = (abbreviation.tag, abbreviation.has_children);
        Some(Entry { at, tag, has_children, depth })
    }

    /// Offset and abbreviation code of the next entry in the tree.
    fn next_code(&mut self) -> Option<(usize, u64)> {
        while !self.ended {
            let at = self.reader.at();
            match self.reader.unsigned()? {
                // The end of a list of children.
                0 => {
                    self.depth = self.depth.saturating_sub(1);
                    self.ended = self.depth == 0;
                }
                code => return Some((at, code)),
            }
        }
        None
    }

    /// Continues at the sibling of the entry that was read last, whose offset it told. Forwards only.
    pub fn skip_children(&mut self, entry: Entry, sibling: usize) {
        if entry.has_children
            && let Some(ahead) = sibling.checked_sub(self.reader.at())
            && self.reader.skip(ahead as u64).is_some()
        {
            self.depth = entry.depth;
        }
    }
}
