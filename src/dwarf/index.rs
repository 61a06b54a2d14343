//! What is kept of a module's debug information, and the questions that it answers.
//!
//! The index lists *stretches* of the line programs: ranges of code with the place of their first instruction in
//! `.debug_line`, from which the rows are read again when somebody asks about an address. A stretch is a sequence, which
//! most compilers write for each function, or a part of one that is long. No two overlap. The functions of a unit are
//! listed at the first question about it.
//!
//! Linkers leave the lines of functions that they removed, with addresses that are impossible: 0, where the count
//! of functions is, or beyond the code.

use super::SourcePlace;
use super::functions::Functions;
use super::header::Header;
use super::inlined::inlined_at;
use super::reader::Work;
use super::rows::{Row, Rows, START};
use super::sections::Sections;
use super::text::{path, text};
use super::units::Unit;
use crate::sys::once::OnceArc;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Work for one question: some tens of milliseconds at most.
const QUESTION: u64 = 4 << 20;
/// Work beyond what is proportional to the size of what is read.
const SPARE: u64 = 1 << 20;
/// Rows of a stretch.
const STRETCH: u32 = 256;

/// The index of a module.
pub struct Index {
    /// Sorted by start.
    stretches: Vec<Stretch>,
    /// What is known before the first instruction of a stretch. The first one belongs to those that begin a sequence.
    states: Vec<Row>,
    /// In the order of the section.
    units: Vec<KnownUnit>,
    /// Work that may still be spent on listing functions.
    work: AtomicU64,
    /// Work that may still be spent on listing rows.
    row_work: AtomicU64,
}

#[derive(Clone, Copy)]
struct Stretch {
    start: u32,
    end: u32,
    /// Offset of the line program.
    program: u32,
    /// Offset of the first instruction.
    at: u32,
    /// Number in the list.
    state: u32,
}

struct KnownUnit {
    range: Range<u32>,
    /// Offset of the line program.
    lines: Option<u32>,
    functions: OnceArc<Functions>,
}

impl Index {
    /// Reads all line programs and the first entry of all units, up to where they make no sense; `None` when memory
    /// is short.
    pub fn read(sections: &Sections<'_>, code_size: u32) -> Option<Index> {
        let work = Work::new(SPARE + 2 * sections.size());
        let mut index = Index {
            stretches: Vec::new(),
            states: Vec::new(),
            units: Vec::new(),
            work: AtomicU64::new(SPARE + 8 * sections.size()),
            row_work: AtomicU64::new(256 * (SPARE + sections.size())),
        };
        index.states.try_reserve(1).ok()?;
        index.states.push(START);
        index.read_programs(sections, code_size, &work)?;
        index.read_units(sections, &work)?;
        Some(index)
    }

    fn read_programs(
        &mut self,
        sections: &Sections<'_>,
        code_size: u32,
        work: &Work,
    ) -> Option<()> {
        let mut at = 0;
        while let Some(program) = Header::read(sections, at, work) {
            match program {
                Ok(header) => {
                    at = header.program.end();
                    let mut rows = Rows::new(header);
                    while self.read_sequence(header.at, &mut rows, code_size)? {}
                }
                Err(next) => at = next,
            }
        }
        self.separate();
        Some(())
    }

    /// Lists the stretches of the next sequence; false behind the last one.
    fn read_sequence(
        &mut self,
        program: usize,
        rows: &mut Rows<'_>,
        code_size: u32,
    ) -> Option<bool> {
        let known = (self.stretches.len(), self.states.len());
        let mut first = None;
        let mut left = 0;
        let end = loop {
            let (at, before) = (rows.at(), (left == 0).then(|| *rows.row()));
            let row = rows.next();
            let Some(row) = row.filter(|row| !row.ends_sequence) else { break row };
            let address = u32::try_from(row.address).unwrap_or(u32::MAX);
            if let Some(before) = before {
                let state = if first.is_some() { self.state(before)? } else { 0 };
                self.end_stretch(known.0, address);
                self.stretches.try_reserve(1).ok()?;
                let (program, at) = (program as u32, at as u32);
                self.stretches.push(Stretch { start: address, end: address, program, at, state });
                left = STRETCH;
            }
            left -= 1;
            first.get_or_insert(address);
        };
        let address = end.and_then(|row| u32::try_from(row.address).ok());
        match (first, address) {
            (Some(1..), Some(end)) if end <= code_size => self.end_stretch(known.0, end),
            // The code was removed, or there is none.
            _ => {
                self.stretches.truncate(known.0);
                self.states.truncate(known.1);
            }
        }
        Some(end.is_some())
    }

    /// The number of a state, which is added.
    fn state(&mut self, state: Row) -> Option<u32> {
        self.states.try_reserve(1).ok()?;
        self.states.push(state);
        u32::try_from(self.states.len() - 1).ok()
    }

    /// Ends the last stretch, if it belongs to the sequence that begins with a number of the list.
    fn end_stretch(&mut self, sequence: usize, end: u32) {
        if let Some(last) = self.stretches[sequence..].last_mut() {
            last.end = end;
        }
    }

    /// Sorts the stretches. Each ends where the next one begins, at the latest.
    fn separate(&mut self) {
        self.stretches.sort_unstable_by_key(|stretch| (stretch.start, stretch.end));
        let mut next = u32::MAX;
        for stretch in self.stretches.iter_mut().rev() {
            stretch.end = stretch.end.min(next);
            next = stretch.start;
        }
        self.stretches.retain(|stretch| stretch.start < stretch.end);
    }

    fn read_units(&mut self, sections: &Sections<'_>, work: &Work) -> Option<()> {
        let mut at = 0;
        while let Some(unit) = Unit::read(sections, at, work) {
            match unit {
                Ok(unit) => {
                    at = unit.end;
                    self.units.try_reserve(1).ok()?;
                    self.units.push(KnownUnit {
                        range: unit.start as u32..unit.end as u32,
                        lines: unit.lines.and_then(|lines| u32::try_from(lines).ok()),
                        functions: OnceArc::new(),
                    });
                }
                Err(next) => at = next,
            }
        }
        Some(())
    }

    /// The place of an address in the source. Depth 0 is the innermost function that was inlined there, and each
    /// further one is its caller; the last one is the function whose code it is.
    pub fn place(
        &self,
        sections: &Sections<'_>,
        address: u32,
        depth: usize,
        work: &Work,
    ) -> Option<SourcePlace> {
        work.spend(QUESTION, |work| self.place_within(sections, address, depth, work))
    }

    fn place_within(
        &self,
        sections: &Sections<'_>,
        address: u32,
        depth: usize,
        work: &Work,
    ) -> Option<SourcePlace> {
        let stretch = self.stretch_at(address)?;
        let header = Header::read(sections, stretch.program as usize, work)?.ok()?;
        let (row, address) = self.row_at(header, stretch, address)?;
        let unit = self.unit_of(sections, stretch.program, work);
        let inlined = unit.and_then(|unit| {
            inlined_at(&*self.functions(sections, &unit)?, sections, &unit, address, work)
        });
        let inlined = inlined.unwrap_or_default();
        let (file, line, column) = match depth.checked_sub(1) {
            None => (row.file, row.line, row.column),
            // Where the function that is one step further in was called.
            Some(inner) => {
                let call = inlined.iter().rev().nth(inner)?;
                (call.call_file, call.call_line, call.call_column)
            }
        };
        let func = match (inlined.iter().rev().nth(depth), &unit) {
            (Some(inlined), Some(unit)) => {
                Some(inlined.name(self, sections, unit, work).unwrap_or_default())
            }
            _ => None,
        };
        let file = file_path(sections, header, unit.as_ref(), file, work)?;
        Some(SourcePlace { func, file, line, column })
    }

    /// Calls `each` with the rows that lie in a range of addresses, in order, with the path of the file of each.
    pub fn each_row(
        &self,
        sections: &Sections<'_>,
        range: Range<u32>,
        each: &mut dyn FnMut(&Row, &str),
    ) {
        let from = self.stretches.partition_point(|stretch| stretch.end <= range.start);
        for stretch in self.stretches[from..].iter().take_while(|s| s.start < range.end) {
            let range = range.start..range.end.min(stretch.end);
            spend(&self.row_work, QUESTION, |work| {
                self.each_row_of(sections, stretch, &range, work, each)
            });
        }
    }

    fn each_row_of(
        &self,
        sections: &Sections<'_>,
        stretch: &Stretch,
        range: &Range<u32>,
        work: &Work,
        each: &mut dyn FnMut(&Row, &str),
    ) -> Option<()> {
        let header = Header::read(sections, stretch.program as usize, work)?.ok()?;
        let unit = self.unit_of(sections, stretch.program, work);
        let mut known = (None, String::new());
        for row in self.rows(header, stretch)? {
            if row.ends_sequence || row.address >= u64::from(range.end) {
                break;
            }
            if row.address < u64::from(range.start) {
                continue;
            }
            if known.0 != Some(row.file) {
                let path = file_path(sections, header, unit.as_ref(), row.file, work);
                known = (Some(row.file), path.unwrap_or_default());
            }
            each(&row, &known.1);
        }
        Some(())
    }

    fn stretch_at(&self, address: u32) -> Option<&Stretch> {
        let after = self.stretches.partition_point(|stretch| stretch.start <= address);
        self.stretches[..after].last().filter(|stretch| address < stretch.end)
    }

    /// The rows of a stretch, and those behind it.
    fn rows<'a>(&self, header: Header<'a>, stretch: &Stretch) -> Option<Rows<'a>> {
        Rows::from(header, stretch.at as usize, *self.states.get(stretch.state as usize)?)
    }

    /// The last row with a line that does not lie behind an address, and an address that it is for. Compilers give no line
    /// to code of their own, such as the start of a loop. It belongs to what is before it, with whatever is inlined there.
    fn row_at(&self, header: Header<'_>, stretch: &Stretch, address: u32) -> Option<(Row, u32)> {
        let mut last: Option<(Row, u32)> = None;
        for row in self.rows(header, stretch)? {
            if row.address > u64::from(address) || row.ends_sequence {
                return last;
            }
            last = match last {
                _ if row.line != 0 => Some((row, address)),
                before => before.map(|(row, _)| (row, row.address as u32)),
            };
        }
        None
    }

    /// The unit that a line program belongs to.
    fn unit_of<'a>(
        &self,
        sections: &Sections<'a>,
        program: u32,
        work: &'a Work,
    ) -> Option<Unit<'a>> {
        let known = self.units.iter().find(|unit| unit.lines == Some(program))?;
        Unit::read(sections, known.range.start as usize, work)?.ok()
    }

    /// The unit whose entries are around an offset of `.debug_info`.
    pub(super) fn unit_around<'a>(
        &self,
        sections: &Sections<'a>,
        at: usize,
        work: &'a Work,
    ) -> Option<Unit<'a>> {
        let at = u32::try_from(at).ok()?;
        let after = self.units.partition_point(|unit| unit.range.start <= at);
        let known = self.units[..after].last().filter(|unit| at < unit.range.end)?;
        Unit::read(sections, known.range.start as usize, work)?.ok()
    }

    /// The functions of a unit, read at the first question.
    pub(super) fn functions(
        &self,
        sections: &Sections<'_>,
        unit: &Unit<'_>,
    ) -> Option<Arc<Functions>> {
        let number =
            self.units.binary_search_by_key(&(unit.start as u32), |u| u.range.start).ok()?;
        let kept = &self.units[number].functions;
        if let Some(functions) = kept.get() {
            return Some(functions);
        }
        let most = SPARE + 8 * (unit.end - unit.start) as u64;
        let functions = spend(&self.work, most, |work| Functions::read(sections, unit.start, work));
        Some(kept.get_or_offer(Arc::new(functions?)))
    }
}

/// Does something with a part of the work, at most so much.
fn spend<R>(work: &AtomicU64, most: u64, f: impl FnOnce(&Work) -> R) -> R {
    let all = Work::new(work.load(Relaxed));
    let before = all.left();
    let result = all.spend(most, f);
    let spent = before - all.left();
    let _ = work.fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(spent)));
    result
}

/// The path of a file of a line program.
#[inline(never)]
fn file_path<'a>(
    sections: &Sections<'a>,
    header: Header<'a>,
    unit: Option<&Unit<'a>>,
    number: u64,
    work: &'a Work,
) -> Option<String> {
    let file = header.file(number)?;
    let text = |value| text(sections, value, unit, work);
    let part = |value: Option<_>| value.and_then(text).unwrap_or_default();
    let compiled_in = part(unit.and_then(|unit| unit.folder));
    path(&[compiled_in, part(file.base), part(file.folder), text(file.name)?])
}
