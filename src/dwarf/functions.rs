//! The functions of a unit that have code, by the ranges of their code.

use super::abbreviations::Abbreviations;
use super::constants::*;
use super::entries::Entries;
use super::ranges::CodeRanges;
use super::reader::Work;
use super::sections::Sections;
use super::units::Unit;

/// Made at the first question about a unit, and kept with the abbreviations that every further one needs.
pub struct Functions {
    pub abbreviations: Abbreviations,
    /// Sorted by start.
    list: Vec<Function>,
}

#[derive(Clone, Copy)]
struct Function {
    start: u32,
    end: u32,
    /// Offset of its entry in `.debug_info`.
    entry: u32,
}

impl Functions {
    /// Those of the unit at an offset of `.debug_info`, up to where the data makes no sense; `None` when memory is short.
    pub fn read(sections: &Sections<'_>, unit: usize, work: &Work) -> Option<Functions> {
        let unit = &Unit::read(sections, unit, work)?.ok()?;
        let abbreviations = Abbreviations::read(sections.abbrev, unit.abbreviations, work)?;
        let mut list = Vec::new();
        let mut entries =
            Entries::new(unit.reader(sections, unit.root, work)?, &abbreviations, unit.encoding);
        let mut short = false;
        loop {
            let mut ranges = CodeRanges::default();
            let Some(entry) = entries.next(&mut |name, value| ranges.attribute(name, value)) else {
                break;
            };
            if entry.tag != DW_TAG_SUBPROGRAM {
                continue;
            }
            ranges.each(sections, unit, work, &mut |range| {
                if let (Ok(start), Ok(end)) = (u32::try_from(range.start), range.end.try_into()) {
                    short |= list.try_reserve(1).is_err();
                    if !short && start != 0 && start < end {
                        list.push(Function { start, end, entry: entry.at as u32 });
                    }
                }
            });
        }
        list.sort_unstable_by_key(|function| (function.start, function.end));
        (!short).then_some(Functions { abbreviations, list })
    }

    /// The entry of the function at an address.
    pub fn find(&self, address: u32) -> Option<usize> {
        let after = self.list.partition_point(|function| function.start <= address);
        let function = self.list[..after].last().filter(|function| address < function.end)?;
        Some(function.entry as usize)
    }
}
