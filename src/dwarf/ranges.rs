//! The code ranges of an entry: one from its attributes, or a list.

use super::constants::*;
use super::forms::Value;
use super::reader::{Format, Reader, Work};
use super::sections::Sections;
use super::units::Unit;
use std::ops::Range;

/// What the attributes of an entry say about its code.
#[derive(Clone, Copy, Default)]
pub struct CodeRanges<'a> {
    low: Option<Value<'a>>,
    high: Option<Value<'a>>,
    list: Option<Value<'a>>,
}

impl<'a> CodeRanges<'a> {
    /// Takes the attribute if it belongs here.
    pub fn attribute(&mut self, name: u16, value: Value<'a>) {
        match name {
            DW_AT_LOW_PC => self.low = Some(value),
            DW_AT_HIGH_PC => self.high = Some(value),
            DW_AT_RANGES => self.list = Some(value),
            _ => {}
        }
    }

    /// Calls `each` with every range; stops early where the data makes no sense.
    #[inline(never)]
    pub fn each(
        &self,
        sections: &Sections<'a>,
        unit: &Unit<'a>,
        work: &'a Work,
        each: &mut dyn FnMut(Range<u64>),
    ) -> Option<()> {
        let places = Places { sections, unit, work };
        match (self.list, self.low, self.high) {
            (Some(list), ..) if unit.encoding.version >= 5 => places.list_5(list, each),
            (Some(list), ..) => places.list_4(list.offset()?, each),
            (None, Some(low), Some(high)) => {
                let low = places.address(low)?;
                let high = match high {
                    Value::Number(len) => low.checked_add(len)?,
                    address => places.address(address)?,
                };
                Some(each(low..high))
            }
            _ => None,
        }
    }
}

/// Where a list and its addresses are read from.
struct Places<'s, 'a> {
    sections: &'s Sections<'a>,
    unit: &'s Unit<'a>,
    work: &'a Work,
}

const DW_RLE_END_OF_LIST: u8 = 0;
const DW_RLE_BASE_ADDRESSX: u8 = 1;
const DW_RLE_STARTX_ENDX: u8 = 2;
const DW_RLE_STARTX_LENGTH: u8 = 3;
const DW_RLE_OFFSET_PAIR: u8 = 4;
const DW_RLE_BASE_ADDRESS: u8 = 5;
const DW_RLE_START_END: u8 = 6;
const DW_RLE_START_LENGTH: u8 = 7;

impl Places<'_, '_> {
    fn address(&self, value: Value<'_>) -> Option<u64> {
        self.unit.address(self.sections, value, self.work)
    }

    fn base(&self) -> u64 {
        self.address(self.unit.low_pc).unwrap_or(0)
    }

    /// `.debug_ranges`: pairs of addresses, relative to a base that pairs of another kind change.
    fn list_4(&self, at: u64, each: &mut dyn FnMut(Range<u64>)) -> Option<()> {
        let size = self.unit.encoding.address_size;
        let mut reader = Reader::new(self.sections.ranges, at, self.work)?;
        let mut base = self.base();
        let greatest = u64::MAX >> (64 - 8 * u32::from(size.clamp(1, 8)));
        loop {
            match (reader.number(size)?, reader.number(size)?) {
                (0, 0) => return Some(()),
                (first, new) if first == greatest => base = new,
                (low, high) => each(base.wrapping_add(low)..base.wrapping_add(high)),
            }
        }
    }

    /// `.debug_rnglists`.
    fn list_5(&self, list: Value<'_>, each: &mut dyn FnMut(Range<u64>)) -> Option<()> {
        let size = self.unit.encoding.address_size;
        let mut reader = Reader::new(self.sections.range_lists, self.list_start(list)?, self.work)?;
        let indexed = |index| self.address(Value::AddressIndex(index));
        let mut base = self.base();
        loop {
            let range = match reader.u8()? {
                DW_RLE_END_OF_LIST => return Some(()),
                DW_RLE_BASE_ADDRESSX => {
                    base = indexed(reader.unsigned()?)?;
                    continue;
                }
                DW_RLE_BASE_ADDRESS => {
                    base = reader.number(size)?;
                    continue;
                }
                DW_RLE_STARTX_ENDX => indexed(reader.unsigned()?)?..indexed(reader.unsigned()?)?,
                DW_RLE_STARTX_LENGTH => {
                    let low = indexed(reader.unsigned()?)?;
                    low..low.checked_add(reader.unsigned()?)?
                }
                DW_RLE_OFFSET_PAIR => {
                    let low = base.wrapping_add(reader.unsigned()?);
                    low..base.wrapping_add(reader.unsigned()?)
                }
                DW_RLE_START_END => reader.number(size)?..reader.number(size)?,
                DW_RLE_START_LENGTH => {
                    let low = reader.number(size)?;
                    low..low.checked_add(reader.unsigned()?)?
                }
                _ => return None,
            };
            each(range);
        }
    }

    /// The offset of a list, given directly or by its position in the unit's table of offsets.
    fn list_start(&self, list: Value<'_>) -> Option<u64> {
        let Value::RangesIndex(index) = list else { return list.offset() };
        let format = self.unit.encoding.format;
        let size = if format == Format::Dwarf64 { 8 } else { 4 };
        let at = index.checked_mul(size)?.checked_add(self.unit.range_lists)?;
        let offset = Reader::new(self.sections.range_lists, at, self.work)?.offset(format)?;
        offset.checked_add(self.unit.range_lists)
    }
}
