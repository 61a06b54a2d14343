//! Inlined functions around an address, outermost first.

use super::constants::*;
use super::entries::Entries;
use super::forms::Value;
use super::functions::Functions;
use super::index::Index;
use super::ranges::CodeRanges;
use super::reader::Work;
use super::sections::Sections;
use super::text::{string, text};
use super::units::Unit;

/// As many may be inlined into each other.
const DEEPEST: usize = 64;
/// As many entries may refer to each other for a name.
const LONGEST_CHAIN: usize = 8;

/// A function that was inlined.
#[derive(Clone, Copy, Default)]
pub struct Inlined<'a> {
    /// The entry that describes it.
    origin: Option<Value<'a>>,
    /// Where it was called.
    pub call_file: u64,
    pub call_line: u32,
    pub call_column: u32,
}

impl<'a> Inlined<'a> {
    fn attribute(&mut self, name: u16, value: Value<'a>) {
        let number = || value.number().unwrap_or(0);
        let small = || u32::try_from(number()).unwrap_or(0);
        match name {
            DW_AT_ABSTRACT_ORIGIN => self.origin = Some(value),
            DW_AT_CALL_FILE => self.call_file = number(),
            DW_AT_CALL_LINE => self.call_line = small(),
            DW_AT_CALL_COLUMN => self.call_column = small(),
            _ => {}
        }
    }

    /// The name of the function, mangled if the compiler recorded that.
    pub fn name(
        &self,
        index: &Index,
        sections: &Sections<'a>,
        unit: &Unit<'a>,
        work: &'a Work,
    ) -> Option<String> {
        let (mut unit, mut origin) = (*unit, self.origin?);
        for _ in 0..LONGEST_CHAIN {
            let at = match origin {
                Value::Entry(offset) => unit.start.checked_add(usize::try_from(offset).ok()?)?,
                Value::DistantEntry(at) => usize::try_from(at).ok()?,
                _ => return None,
            };
            if !(unit.start..unit.end).contains(&at) {
                unit = index.unit_around(sections, at, work)?;
            }
            let functions = index.functions(sections, &unit)?;
            let reader = unit.reader(sections, at, work)?;
            let (mut plain, mut linkage, mut next) = (None, None, None);
            Entries::new(reader, &functions.abbreviations, unit.encoding).next(
                &mut |name, value| match name {
                    DW_AT_NAME => plain = Some(value),
                    DW_AT_LINKAGE_NAME | DW_AT_MIPS_LINKAGE_NAME => linkage = Some(value),
                    DW_AT_ABSTRACT_ORIGIN | DW_AT_SPECIFICATION => next = Some(value),
                    _ => {}
                },
            )?;
            if let Some(name) = linkage.or(plain) {
                return string(text(sections, name, Some(&unit), work)?);
            }
            origin = next?;
        }
        None
    }
}

/// The functions that are inlined at an address, outermost first.
pub fn inlined_at<'a>(
    functions: &Functions,
    sections: &Sections<'a>,
    unit: &Unit<'a>,
    address: u32,
    work: &'a Work,
) -> Option<Vec<Inlined<'a>>> {
    let mut found = Vec::new();
    let at = functions.find(address)?;
    let reader = unit.reader(sections, at, work)?;
    let mut entries = Entries::new(reader, &functions.abbreviations, unit.encoding);
    while found.len() < DEEPEST {
        let (mut inlined, mut ranges, mut sibling) =
            (Inlined::default(), CodeRanges::default(), None);
        let entry = entries.next(&mut |name, value| {
            inlined.attribute(name, value);
            ranges.attribute(name, value);
            if let (DW_AT_SIBLING, Value::Entry(offset)) = (name, value) {
                sibling = Some(offset);
            }
        });
        let Some(entry) = entry else { break };
        if entry.tag != DW_TAG_INLINED_SUBROUTINE {
            continue;
        }
        let mut covers = false;
        ranges.each(sections, unit, work, &mut |range| covers |= range.contains(&address.into()));
        if covers {
            found.try_reserve(1).ok()?;
            found.push(inlined);
        } else if let Some(offset) = sibling {
            entries.skip_children(entry, unit.start.saturating_add(offset as usize));
        }
    }
    Some(found)
}
