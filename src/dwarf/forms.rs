//! Values of attributes, in the forms that they are written in.

use super::constants::*;
use super::reader::{Format, Reader};

/// How numbers of a unit are written.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    pub version: u16,
    pub format: Format,
    pub address_size: u8,
}

impl Encoding {
    fn offset_size(self) -> u64 {
        if self.format == Format::Dwarf64 { 8 } else { 4 }
    }
}

/// A value, as far as somebody here may ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value<'a> {
    /// A constant or a flag; before version 4 also an offset in a section.
    Number(u64),
    Address(u64),
    /// Position in the unit's part of the table of addresses.
    AddressIndex(u64),
    /// Offset in the section that the attribute implies.
    Offset(u64),
    /// Position in the unit's part of the table of range lists.
    RangesIndex(u64),
    /// Offset of an entry, from the start of the unit.
    Entry(u64),
    /// Offset of an entry in `.debug_info`.
    DistantEntry(u64),
    Text(&'a [u8]),
    /// Offset in `.debug_str`.
    TextAt(u64),
    /// Offset in `.debug_line_str`.
    LineTextAt(u64),
    /// Position in the unit's part of the table of offsets of texts.
    TextIndex(u64),
    Other,
}

impl<'a> Value<'a> {
    /// Reads a value; `implicit` is the one that stands beside the form. `None` at the end of the data, and for
    /// unknown forms, whose size nobody knows.
    #[inline(never)]
    pub fn read(
        reader: &mut Reader<'a>,
        form: u16,
        implicit: i64,
        encoding: Encoding,
    ) -> Option<Value<'a>> {
        let offset = |reader: &mut Reader<'a>| reader.offset(encoding.format);
        Some(match form {
            DW_FORM_ADDR => Value::Address(reader.number(encoding.address_size)?),
            DW_FORM_ADDRX => Value::AddressIndex(reader.unsigned()?),
            DW_FORM_ADDRX1..=DW_FORM_ADDRX4 => {
                Value::AddressIndex(reader.number((form - DW_FORM_ADDRX1 + 1) as u8)?)
            }
            DW_FORM_DATA1 | DW_FORM_FLAG => Value::Number(reader.number(1)?),
            DW_FORM_DATA2 => Value::Number(reader.number(2)?),
            DW_FORM_DATA4 => Value::Number(reader.number(4)?),
            DW_FORM_DATA8 => Value::Number(reader.number(8)?),
            DW_FORM_SDATA => Value::Number(reader.signed()? as u64),
            DW_FORM_UDATA => Value::Number(reader.unsigned()?),
            DW_FORM_IMPLICIT_CONST => Value::Number(implicit as u64),
            DW_FORM_FLAG_PRESENT => Value::Number(1),
            DW_FORM_SEC_OFFSET => Value::Offset(offset(reader)?),
            DW_FORM_RNGLISTX => Value::RangesIndex(reader.unsigned()?),
            DW_FORM_STRING => Value::Text(reader.text()?),
            DW_FORM_STRP => Value::TextAt(offset(reader)?),
            DW_FORM_LINE_STRP => Value::LineTextAt(offset(reader)?),
            DW_FORM_STRX => Value::TextIndex(reader.unsigned()?),
            DW_FORM_STRX1..=DW_FORM_STRX4 => {
                Value::TextIndex(reader.number((form - DW_FORM_STRX1 + 1) as u8)?)
            }
            DW_FORM_INDIRECT => return Value::read_indirect(reader, encoding),
            _ => return reference(reader, form, encoding).or_else(|| skip(reader, form, encoding)),
        })
    }

    /// A value whose form is written in front of it.
    fn read_indirect(reader: &mut Reader<'a>, encoding: Encoding) -> Option<Value<'a>> {
        let form = u16::try_from(reader.unsigned()?).ok()?;
        let nested = matches!(form, DW_FORM_INDIRECT | DW_FORM_IMPLICIT_CONST);
        if nested { None } else { Value::read(reader, form, 0, encoding) }
    }

    /// An offset in another section, in the form of any version.
    pub fn offset(self) -> Option<u64> {
        match self {
            Value::Number(offset) | Value::Offset(offset) => Some(offset),
            _ => None,
        }
    }

    pub fn number(self) -> Option<u64> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

fn reference<'a>(reader: &mut Reader<'a>, form: u16, encoding: Encoding) -> Option<Value<'a>> {
    Some(match form {
        DW_FORM_REF1 => Value::Entry(reader.number(1)?),
        DW_FORM_REF2 => Value::Entry(reader.number(2)?),
        DW_FORM_REF4 => Value::Entry(reader.number(4)?),
        DW_FORM_REF8 => Value::Entry(reader.number(8)?),
        DW_FORM_REF_UDATA => Value::Entry(reader.unsigned()?),
        // Until version 2 as wide as an address.
        DW_FORM_REF_ADDR if encoding.version <= 2 => {
            Value::DistantEntry(reader.number(encoding.address_size)?)
        }
        DW_FORM_REF_ADDR => Value::DistantEntry(reader.offset(encoding.format)?),
        _ => return None,
    })
}

fn skip<'a>(reader: &mut Reader<'a>, form: u16, encoding: Encoding) -> Option<Value<'a>> {
    let len = match form {
        DW_FORM_BLOCK1 => reader.number(1)?,
        DW_FORM_BLOCK2 => reader.number(2)?,
        DW_FORM_BLOCK4 => reader.number(4)?,
        DW_FORM_BLOCK | DW_FORM_EXPRLOC => reader.unsigned()?,
        DW_FORM_DATA16 => 16,
        DW_FORM_REF_SIG8 | DW_FORM_REF_SUP8 => 8,
        DW_FORM_REF_SUP4 => 4,
        DW_FORM_STRP_SUP => encoding.offset_size(),
        DW_FORM_LOCLISTX => {
            reader.unsigned()?;
            0
        }
        _ => return None,
    };
    reader.skip(len)?;
    Some(Value::Other)
}
