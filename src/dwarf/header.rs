//! The header of a line program: how its instructions are to be read, and its tables of folders and files.
//!
//! The tables are not kept. Looking up a file reads them from the start, which allocates nothing.

use super::constants::DW_FORM_IMPLICIT_CONST;
use super::forms::{Encoding, Value};
use super::reader::{Format, Reader, Work};
use super::sections::Sections;

/// A line program.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    /// Offset in `.debug_line`.
    pub at: usize,
    encoding: Encoding,
    pub min_instruction_length: u8,
    pub line_base: i8,
    pub line_range: u8,
    pub opcode_base: u8,
    /// Number of operands of the standard opcodes, from 1 on.
    pub operands: &'a [u8],
    tables: Reader<'a>,
    /// At the first instruction.
    pub program: Reader<'a>,
}

/// A file and its folder, both of which may be relative.
#[derive(Clone, Copy)]
pub struct File<'a> {
    pub name: Value<'a>,
    pub folder: Option<Value<'a>>,
    /// What a relative folder is relative to, besides the unit's folder.
    pub base: Option<Value<'a>>,
}

const DW_LNCT_PATH: u64 = 1;
const DW_LNCT_DIRECTORY_INDEX: u64 = 2;

impl<'a> Header<'a> {
    /// The header at an offset of `.debug_line`; `Err` with the offset of the next one if this one is not
    /// understood.
    #[inline(never)]
    pub fn read(
        sections: &Sections<'a>,
        at: usize,
        work: &'a Work,
    ) -> Option<Result<Header<'a>, usize>> {
        let mut reader = Reader::new(sections.line, at as u64, work)?;
        let (len, format) = reader.unit_length()?;
        let reader = reader.limited(len)?;
        Some(Header::read_rest(at, reader, format).ok_or(reader.end()))
    }

    fn read_rest(at: usize, mut reader: Reader<'a>, format: Format) -> Option<Header<'a>> {
        let version = reader.u16()?;
        let mut address_size = 4;
        match version {
            2..=4 => {}
            5 => {
                address_size = reader.u8()?;
                reader.skip(1)?;
            }
            _ => return None,
        }
        let len = reader.offset(format)?;
        let mut program = reader;
        program.skip(len)?;
        let min_instruction_length = reader.u8()?;
        if version >= 4 {
            // Several operations in one instruction: not in wasm.
            reader.skip(1)?;
        }
        // Whether rows are statements by default.
        reader.skip(1)?;
        let (line_base, line_range, opcode_base) = (reader.u8()? as i8, reader.u8()?, reader.u8()?);
        let operands = reader.bytes(u64::from(opcode_base.checked_sub(1)?))?;
        (line_range != 0).then_some(Header {
            at,
            encoding: Encoding { version, format, address_size },
            min_instruction_length,
            line_base,
            line_range,
            opcode_base,
            operands,
            tables: reader,
            program,
        })
    }

    /// A file by its number in this program.
    #[inline(never)]
    pub fn file(&self, number: u64) -> Option<File<'a>> {
        if self.encoding.version >= 5 { self.file_5(number) } else { self.file_4(number) }
    }

    /// Up to version 4: a list of folders, counted from 1, where 0 is the folder of the compilation; a list of
    /// files, counted from 1.
    fn file_4(&self, number: u64) -> Option<File<'a>> {
        let mut reader = self.tables;
        let folders = reader;
        while !reader.text()?.is_empty() {}
        for _ in 1..number {
            file_entry(&mut reader)?;
        }
        let (name, folder) = file_entry(&mut reader).filter(|_| number > 0)?;
        let folder = folder.checked_sub(1).and_then(|skipped| nth_text(folders, skipped));
        Some(File { name: Value::Text(name), folder: folder.map(Value::Text), base: None })
    }

    /// From version 5 on: lists of any form, counted from 0; the first folder is that of the compilation.
    fn file_5(&self, number: u64) -> Option<File<'a>> {
        let mut folders = List::read(self.tables, self.encoding)?;
        let mut after = folders;
        after.skip(folders.count)?;
        let mut files = List::read(after.reader, self.encoding)?;
        files.skip(number)?;
        let (name, folder) = files.next()?;
        let base = folders.clone().next().map(|(base, _)| base);
        folders.skip(folder)?;
        let folder = folders.next().map(|(folder, _)| folder);
        Some(File { name, folder, base })
    }
}

/// Name and folder of a file up to version 4; `None` at the end of the list.
fn file_entry<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8], u64)> {
    let name = reader.text().filter(|name| !name.is_empty())?;
    let folder = reader.unsigned()?;
    reader.unsigned()?;
    reader.unsigned()?;
    Some((name, folder))
}

fn nth_text(mut reader: Reader<'_>, skipped: u64) -> Option<&[u8]> {
    for _ in 0..skipped {
        reader.text().filter(|text| !text.is_empty())?;
    }
    reader.text()
}

/// A list of files or folders in version 5: first the form of its entries, then the entries.
#[derive(Clone, Copy)]
struct List<'a> {
    form: Reader<'a>,
    form_count: u8,
    /// Entries from `reader` on.
    count: u64,
    reader: Reader<'a>,
    encoding: Encoding,
}

impl<'a> List<'a> {
    fn read(mut reader: Reader<'a>, encoding: Encoding) -> Option<List<'a>> {
        let form_count = reader.u8()?;
        let form = reader;
        for _ in 0..form_count {
            reader.unsigned()?;
            reader.unsigned()?;
        }
        let count = reader.unsigned()?;
        Some(List { form, form_count, count, reader, encoding })
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        (0..count).try_for_each(|_| self.next().map(|_| ()))
    }

    /// The path of the next entry, and the number of its folder.
    fn next(&mut self) -> Option<(Value<'a>, u64)> {
        self.count = self.count.checked_sub(1)?;
        // Entries of no bytes would be endless.
        self.reader.work().take(1)?;
        let (mut path, mut folder) = (None, 0);
        let mut form = self.form;
        for _ in 0..self.form_count {
            let content = form.unsigned()?;
            let form = u16::try_from(form.unsigned()?).ok()?;
            if form == DW_FORM_IMPLICIT_CONST {
                return None;
            }
            let value = Value::read(&mut self.reader, form, 0, self.encoding)?;
            match content {
                DW_LNCT_PATH => path = Some(value),
                DW_LNCT_DIRECTORY_INDEX => folder = value.number()?,
                _ => {}
            }
        }
        Some((path?, folder))
    }
}
