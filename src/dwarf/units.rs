//! Units of `.debug_info`, with what their first entry says about the rest.

use super::abbreviations::Abbreviations;
use super::constants::*;
use super::entries::Entries;
use super::forms::{Encoding, Value};
use super::reader::{Format, Reader, Work};
use super::sections::Sections;

/// A unit: the output of one run of a compiler.
#[derive(Clone, Copy)]
pub struct Unit<'a> {
    /// Offset in `.debug_info` that references within the unit count from.
    pub start: usize,
    pub end: usize,
    /// Offset of the first entry.
    pub root: usize,
    pub encoding: Encoding,
    /// Offset in `.debug_abbrev`.
    pub abbreviations: u64,
    /// Offset of the line program in `.debug_line`.
    pub lines: Option<u64>,
    pub folder: Option<Value<'a>>,
    pub low_pc: Value<'a>,
    /// Where the unit's parts of these sections begin.
    pub text_offsets: u64,
    pub addresses: u64,
    pub range_lists: u64,
}

const DW_UT_TYPE: u8 = 2;
const DW_UT_SKELETON: u8 = 4;
const DW_UT_SPLIT_COMPILE: u8 = 5;
const DW_UT_SPLIT_TYPE: u8 = 6;

impl<'a> Unit<'a> {
    /// The unit at an offset; `Err` with the offset of the next one if this one is not understood.
    #[inline(never)]
    pub fn read(
        sections: &Sections<'a>,
        at: usize,
        work: &'a Work,
    ) -> Option<Result<Unit<'a>, usize>> {
        let mut reader = Reader::new(sections.info, at as u64, work)?;
        let (len, format) = reader.unit_length()?;
        let reader = reader.limited(len)?;
        let unit =
            Unit::read_header(at, format, reader).and_then(|unit| unit.with_root(sections, work));
        Some(unit.ok_or(reader.end()))
    }

    fn read_header(start: usize, format: Format, mut reader: Reader<'a>) -> Option<Unit<'a>> {
        let version = reader.u16()?;
        let (abbreviations, address_size);
        match version {
            2..=4 => {
                abbreviations = reader.offset(format)?;
                address_size = reader.u8()?;
            }
            5 => {
                let kind = reader.u8()?;
                address_size = reader.u8()?;
                abbreviations = reader.offset(format)?;
                match kind {
                    DW_UT_SKELETON | DW_UT_SPLIT_COMPILE => reader.skip(8)?,
                    DW_UT_TYPE | DW_UT_SPLIT_TYPE => return None,
                    _ => {}
                }
            }
            _ => return None,
        }
        Some(Unit {
            start,
            end: reader.end(),
            root: reader.at(),
            encoding: Encoding { version, format, address_size },
            abbreviations,
            lines: None,
            folder: None,
            low_pc: Value::Other,
            text_offsets: 0,
            addresses: 0,
            range_lists: 0,
        })
    }

    fn with_root(self, sections: &Sections<'a>, work: &'a Work) -> Option<Unit<'a>> {
        let first = Abbreviations::read_first(sections.abbrev, self.abbreviations, work)?;
        self.read_root(sections, &first, work).or_else(|| {
            let all = Abbreviations::read(sections.abbrev, self.abbreviations, work)?;
            self.read_root(sections, &all, work)
        })
    }

    fn read_root(
        mut self,
        sections: &Sections<'a>,
        abbreviations: &Abbreviations,
        work: &'a Work,
    ) -> Option<Unit<'a>> {
        let reader = self.reader(sections, self.root, work)?;
        let encoding = self.encoding;
        let root =
            Entries::new(reader, abbreviations, encoding).next(&mut |name, value| match name {
                DW_AT_STMT_LIST => self.lines = value.offset(),
                DW_AT_COMP_DIR => self.folder = Some(value),
                DW_AT_LOW_PC => self.low_pc = value,
                DW_AT_STR_OFFSETS_BASE => self.text_offsets = value.offset().unwrap_or(0),
                DW_AT_ADDR_BASE => self.addresses = value.offset().unwrap_or(0),
                DW_AT_RNGLISTS_BASE => self.range_lists = value.offset().unwrap_or(0),
                _ => {}
            })?;
        matches!(root.tag, DW_TAG_COMPILE_UNIT | DW_TAG_SKELETON_UNIT).then_some(self)
    }

    /// A reader of the unit's entries from an offset in `.debug_info` on.
    pub fn reader(&self, sections: &Sections<'a>, at: usize, work: &'a Work) -> Option<Reader<'a>> {
        let inside = (self.root..self.end).contains(&at);
        Reader::new(sections.info.get(..self.end)?, at as u64, work).filter(|_| inside)
    }

    /// An address, directly or from the table.
    pub fn address(
        &self,
        sections: &Sections<'a>,
        value: Value<'_>,
        work: &'a Work,
    ) -> Option<u64> {
        match value {
            Value::Address(address) => Some(address),
            Value::AddressIndex(index) => {
                let size = self.encoding.address_size;
                let at = index.checked_mul(u64::from(size))?.checked_add(self.addresses)?;
                Reader::new(sections.addresses, at, work)?.number(size)
            }
            _ => None,
        }
    }
}
