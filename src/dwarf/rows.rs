//! The instructions of line programs, as the rows that they describe.

use super::header::Header;
use super::reader::Reader;

/// A row: from `address` to that of the next row, code belongs to this place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    pub address: u64,
    /// Number in the line program.
    pub file: u64,
    /// 0: none.
    pub line: u32,
    pub column: u32,
    /// The first address behind a sequence, and no place.
    pub ends_sequence: bool,
}

/// Before the first instruction of a sequence.
pub const START: Row = Row { address: 0, file: 1, line: 1, column: 0, ends_sequence: false };

const DW_LNS_COPY: u8 = 1;
const DW_LNS_ADVANCE_PC: u8 = 2;
const DW_LNS_ADVANCE_LINE: u8 = 3;
const DW_LNS_SET_FILE: u8 = 4;
const DW_LNS_SET_COLUMN: u8 = 5;
const DW_LNS_CONST_ADD_PC: u8 = 8;
const DW_LNS_FIXED_ADVANCE_PC: u8 = 9;
const DW_LNE_END_SEQUENCE: u8 = 1;
const DW_LNE_SET_ADDRESS: u8 = 2;

/// The rows of a line program, from one of its instructions on.
pub struct Rows<'a> {
    header: Header<'a>,
    reader: Reader<'a>,
    row: Row,
}

impl<'a> Rows<'a> {
    pub fn new(header: Header<'a>) -> Rows<'a> {
        Rows { header, reader: header.program, row: START }
    }

    /// From an instruction on, by its offset in `.debug_line`, with the row that was read before it.
    pub fn from(header: Header<'a>, at: usize, row: Row) -> Option<Rows<'a>> {
        let mut reader = header.program;
        reader.skip(at.checked_sub(reader.at())? as u64)?;
        Some(Rows { header, reader, row })
    }

    /// The row that was read last.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// Offset of the next instruction in `.debug_line`.
    pub fn at(&self) -> usize {
        self.reader.at()
    }

    /// Executes the next instruction: whether it made a row, which is in `self.row`.
    fn step(&mut self) -> Option<bool> {
        let opcode = self.reader.u8()?;
        if opcode >= self.header.opcode_base {
            let steps = opcode - self.header.opcode_base;
            self.advance(u64::from(steps / self.header.line_range));
            let lines =
                i64::from(self.header.line_base) + i64::from(steps % self.header.line_range);
            self.advance_line(lines);
            return Some(true);
        }
        match opcode {
            0 => return self.extended(),
            DW_LNS_COPY => return Some(true),
            DW_LNS_ADVANCE_PC => {
                let steps = self.reader.unsigned()?;
                self.advance(steps);
            }
            DW_LNS_ADVANCE_LINE => {
                let lines = self.reader.signed()?;
                self.advance_line(lines);
            }
            DW_LNS_SET_FILE => self.row.file = self.reader.unsigned()?,
            DW_LNS_SET_COLUMN => {
                self.row.column = u32::try_from(self.reader.unsigned()?).unwrap_or(0);
            }
            DW_LNS_CONST_ADD_PC => {
                let steps = (255 - self.header.opcode_base) / self.header.line_range;
                self.advance(u64::from(steps));
            }
            DW_LNS_FIXED_ADVANCE_PC => {
                let bytes = self.reader.u16()?;
                self.row.address = self.row.address.wrapping_add(u64::from(bytes));
            }
            other => {
                for _ in 0..*self.header.operands.get(usize::from(other) - 1)? {
                    self.reader.unsigned()?;
                }
            }
        }
        Some(false)
    }

    fn extended(&mut self) -> Option<bool> {
        let len = self.reader.unsigned()?;
        let mut next = self.reader;
        next.skip(len)?;
        let mut ended = false;
        if len > 0 {
            match self.reader.u8()? {
                DW_LNE_END_SEQUENCE => {
                    self.row.ends_sequence = true;
                    ended = true;
                }
                DW_LNE_SET_ADDRESS => {
                    let size = u8::try_from(len - 1).ok().filter(|size| *size <= 8)?;
                    self.row.address = self.reader.number(size)?;
                }
                _ => {}
            }
        }
        self.reader = next;
        Some(ended)
    }

    fn advance(&mut self, steps: u64) {
        let bytes = steps.wrapping_mul(u64::from(self.header.min_instruction_length));
        self.row.address = self.row.address.wrapping_add(bytes);
    }

    fn advance_line(&mut self, lines: i64) {
        self.row.line = i64::from(self.row.line).wrapping_add(lines) as u32;
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.row.ends_sequence {
            self.row = START;
        }
        while !self.step()? {}
        Some(self.row)
    }
}
