//! What is kept of a module's debug information, and the questions that it answers.
//!
//! The index lists the *sequences* of all line programs: ranges of code with the place of their first instruction
//! in `.debug_line`, from which the rows are read again when somebody asks about an address. Compilers write a
//! sequence per function, so that is quick. The functions of a unit are listed at the first question about it.
//!
//! Linkers leave the lines of functions that they removed, with addresses that are impossible: 0, where the count
//! of functions is, or beyond the code.

use super::SourcePlace;
use super::functions::Functions;
use super::header::Header;
use super::inlined::inlined_at;
use super::reader::Work;
use super::rows::{Row, Rows};
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

/// The index of a module.
pub struct Index {
    /// Sorted by start.
    sequences: Vec<Sequence>,
    /// In the order of the section.
    units: Vec<KnownUnit>,
    /// Work that may still be spent on listing functions.
    work: AtomicU64,
}

#[derive(Clone, Copy)]
struct Sequence {
    start: u32,
    end: u32,
    /// Offset of the line program.
    program: u32,
    /// Offset of the sequence's first instruction.
    at: u32,
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
            sequences: Vec::new(),
            units: Vec::new(),
            work: AtomicU64::new(SPARE + 8 * sections.size()),
        };
        index.read_sequences(sections, code_size, &work)?;
        index.read_units(sections, &work)?;
        Some(index)
    }

    fn read_sequences(
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
                    self.read_program(header, code_size)?;
                }
                Err(next) => at = next,
            }
        }
        self.sequences.sort_unstable_by_key(|sequence| (sequence.start, sequence.end));
        Some(())
    }

    fn read_program(&mut self, header: Header<'_>, code_size: u32) -> Option<()> {
        let mut rows = Rows::new(header);
        let (mut first, mut at) = (None, rows.at());
        while let Some(row) = rows.next() {
            let start = *first.get_or_insert(row.address);
            if !row.ends_sequence {
                continue;
            }
            if 0 < start && start < row.address && row.address <= u64::from(code_size) {
                let (start, end) = (start as u32, row.address as u32);
                self.sequences.try_reserve(1).ok()?;
                let (program, at) = (header.at as u32, at as u32);
                self.sequences.push(Sequence { start, end, program, at });
            }
            (first, at) = (None, rows.at());
        }
        Some(())
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
    ) -> Option<SourcePlace> {
        let work = Work::new(QUESTION);
        let sequence = self.sequence_at(address)?;
        let header = Header::read(sections, sequence.program as usize, &work)?.ok()?;
        let row = row_at(header, sequence, address).filter(|row| row.line != 0)?;
        let unit = self.unit_of(sections, sequence.program, &work);
        let inlined = unit.and_then(|unit| {
            inlined_at(&*self.functions(sections, &unit)?, sections, &unit, address, &work)
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
                Some(inlined.name(self, sections, unit, &work).unwrap_or_default())
            }
            _ => None,
        };
        let file = file_path(sections, header, unit.as_ref(), file, &work)?;
        Some(SourcePlace { func, file, line, column })
    }

    /// Calls `each` with the rows that lie in a range of addresses, in order, with the path of the file of each.
    pub fn each_row(
        &self,
        sections: &Sections<'_>,
        range: Range<u32>,
        each: &mut dyn FnMut(&Row, &str),
    ) {
        let work = Work::new(QUESTION);
        let from = self.sequences.partition_point(|sequence| sequence.end <= range.start);
        for sequence in self.sequences[from..].iter().take_while(|s| s.start < range.end) {
            let _ = self.each_row_of(sections, sequence, &range, &work, each);
        }
    }

    fn each_row_of(
        &self,
        sections: &Sections<'_>,
        sequence: &Sequence,
        range: &Range<u32>,
        work: &Work,
        each: &mut dyn FnMut(&Row, &str),
    ) -> Option<()> {
        let header = Header::read(sections, sequence.program as usize, work)?.ok()?;
        let unit = self.unit_of(sections, sequence.program, work);
        let mut known = (None, String::new());
        for row in Rows::from(header, sequence.at as usize)? {
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

    fn sequence_at(&self, address: u32) -> Option<&Sequence> {
        let after = self.sequences.partition_point(|sequence| sequence.start <= address);
        self.sequences[..after].last().filter(|sequence| address < sequence.end)
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
        let allowed = self.work.load(Relaxed).min(most);
        let work = Work::new(allowed);
        let functions = Functions::read(sections, unit.start, &work);
        let _ = self.work.fetch_update(Relaxed, Relaxed, |left| {
            Some(left.saturating_sub(allowed - work.left()))
        });
        Some(kept.get_or_offer(Arc::new(functions?)))
    }
}

/// The last row that does not lie behind an address.
fn row_at(header: Header<'_>, sequence: &Sequence, address: u32) -> Option<Row> {
    let mut last = None;
    for row in Rows::from(header, sequence.at as usize)? {
        if row.address > u64::from(address) || row.ends_sequence {
            return last;
        }
        last = Some(row);
    }
    None
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
