//! A file in memory, in the format of programs (ELF), that describes code for a debugger: where it is, the names of its
//! parts, their frames and their lines. The code itself is not in it.

use super::call_frames::FrameTable;
use super::debug_lines;
use super::labels::Labels;
use std::io;
use std::ops::Range;

const HEADER: usize = 64;
const SECTION_HEADER: usize = 64;
const SYMBOL: usize = 24;

/// Sections with these numbers are referred to.
const TEXT: u16 = 1;
const STRINGS: u32 = 2;

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const NOBITS: u32 = 8;
const ALLOCATED: u64 = 2;
const EXECUTABLE: u64 = 4;

/// The file for code in a range of addresses.
pub(super) fn file(
    code: Range<usize>,
    labels: &dyn Labels,
    frames: &FrameTable,
) -> io::Result<Box<[u8]>> {
    let (symbols, strings) = symbols(code.start, labels)?;
    let mut file = File::new()?;
    file.add_code(&code)?;
    file.add(".strtab", STRTAB, &strings)?;
    let section = file.add(".symtab", SYMTAB, &symbols)?;
    section.link = STRINGS;
    section.locals = (symbols.len() / SYMBOL) as u32;
    section.entry = SYMBOL as u64;
    file.add(".eh_frame", PROGBITS, frames.bytes())?;
    let lines = labels.lines()?;
    if !lines.is_empty() {
        file.add(".debug_abbrev", PROGBITS, &debug_lines::ABBREVIATIONS)?;
        file.add(".debug_info", PROGBITS, &debug_lines::unit(&code))?;
        file.add(".debug_line", PROGBITS, &debug_lines::program(code.start, &lines)?)?;
    }
    file.finish()
}

struct File {
    bytes: Vec<u8>,
    sections: Vec<Section>,
    names: Vec<u8>,
}

#[derive(Default)]
struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    address: u64,
    offset: u64,
    len: u64,
    link: u32,
    locals: u32,
    entry: u64,
}

impl File {
    /// With the section that every file has.
    fn new() -> io::Result<File> {
        let mut file = File { bytes: vec![0; HEADER], sections: Vec::new(), names: Vec::new() };
        file.add("", 0, &[])?.offset = 0;
        Ok(file)
    }

    /// Code that is elsewhere.
    fn add_code(&mut self, code: &Range<usize>) -> io::Result<()> {
        let section = self.add(".text", NOBITS, &[])?;
        section.flags = ALLOCATED | EXECUTABLE;
        section.address = code.start as u64;
        section.len = code.len() as u64;
        Ok(())
    }

    fn add(&mut self, name: &str, kind: u32, contents: &[u8]) -> io::Result<&mut Section> {
        self.bytes.try_reserve(contents.len() + 8)?;
        let (offset, len) = (self.bytes.len() as u64, contents.len() as u64);
        self.bytes.extend_from_slice(contents);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.names.len() as u32;
        self.names.extend_from_slice(name.as_bytes());
        self.names.push(0);
        let section = Section { name: at, kind, offset, len, ..Section::default() };
        Ok(self.sections.push_mut(section))
    }

    fn finish(mut self) -> io::Result<Box<[u8]>> {
        let own = b".shstrtab\0";
        let names = [&self.names[..], own].concat();
        self.add(".shstrtab", STRTAB, &names)?;
        let table = self.bytes.len();
        self.bytes.try_reserve_exact(self.sections.len() * SECTION_HEADER)?;
        self.sections.iter().for_each(|section| section.write(&mut self.bytes));
        self.bytes[..HEADER].copy_from_slice(&header(table, self.sections.len()));
        Ok(self.bytes.into_boxed_slice())
    }
}

fn header(table: usize, sections: usize) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\x7fELF\x02\x01\x01"); // 64 bits, little endian
    put(16, &2u16.to_le_bytes()); // addresses are final
    put(18, &62u16.to_le_bytes()); // x86-64
    put(20, &1u32.to_le_bytes());
    put(40, &(table as u64).to_le_bytes());
    put(52, &(HEADER as u16).to_le_bytes());
    put(58, &(SECTION_HEADER as u16).to_le_bytes());
    put(60, &(sections as u16).to_le_bytes());
    put(62, &(sections as u16 - 1).to_le_bytes()); // the names of sections
    header
}

impl Section {
    fn write(&self, file: &mut Vec<u8>) {
        let Section { name, kind, flags, address, offset, len, link, locals, entry } = *self;
        let mut put = |bytes: &[u8]| file.extend_from_slice(bytes);
        put(&name.to_le_bytes());
        put(&kind.to_le_bytes());
        [flags, address, offset, len].iter().for_each(|word| put(&word.to_le_bytes()));
        put(&link.to_le_bytes());
        put(&locals.to_le_bytes());
        [8, entry].iter().for_each(|word| put(&word.to_le_bytes()));
    }
}

/// The symbols of code at an address, and their names.
fn symbols(address: usize, labels: &dyn Labels) -> io::Result<(Vec<u8>, Vec<u8>)> {
    const LOCAL_FUNCTION: u8 = 2;
    let (mut symbols, mut strings) = (vec![0; SYMBOL], vec![0]);
    labels.each(&mut |range, name| {
        symbols.try_reserve(SYMBOL)?;
        strings.try_reserve(name.len() + 1)?;
        symbols.extend_from_slice(&(strings.len() as u32).to_le_bytes());
        symbols.extend_from_slice(&[LOCAL_FUNCTION, 0]);
        symbols.extend_from_slice(&TEXT.to_le_bytes());
        symbols.extend_from_slice(&(address + range.start).to_le_bytes());
        symbols.extend_from_slice(&range.len().to_le_bytes());
        strings.extend_from_slice(name.as_bytes());
        strings.push(0);
        Ok(())
    })?;
    Ok((symbols, strings))
}
