//! A file in memory, in the format of programs (ELF), that describes code for a debugger: where it is, the names of its
//! parts, and their frames. The code itself is not in it.

use super::call_frames::FrameTable;
use super::labels::Labels;
use std::io;
use std::ops::Range;

const HEADER: usize = 64;
const SECTION_HEADER: usize = 64;
const SYMBOL: usize = 24;

/// The sections, by number.
const NAMES: &[u8] = b"\0.text\0.eh_frame\0.symtab\0.strtab\0.shstrtab\0";
const SECTIONS: usize = 6;
const TEXT: u16 = 1;
const STRINGS: u32 = 4;
const SECTION_NAMES: u16 = 5;

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const NOBITS: u32 = 8;
const ALLOCATED: u64 = 2;
const EXECUTABLE: u64 = 4;

struct Section {
    name: &'static str,
    kind: u32,
    flags: u64,
    address: usize,
    contents: Range<usize>,
    link: u32,
    /// Of symbols: the number of local ones.
    info: u32,
    entry: usize,
}

/// The file for code in a range of addresses.
pub(super) fn file(
    code: Range<usize>,
    labels: &dyn Labels,
    frames: &FrameTable,
) -> io::Result<Box<[u8]>> {
    let (symbols, strings) = symbols(code.start, labels)?;
    let mut file = Vec::new();
    let sizes = [frames.bytes().len(), symbols.len(), strings.len(), NAMES.len()];
    let contents = sizes.iter().sum::<usize>();
    file.try_reserve_exact(HEADER + contents + 8 * sizes.len() + SECTIONS * SECTION_HEADER)?;
    file.resize(HEADER, 0);
    // The last word of the frames is zero: their end.
    let mut add = |bytes: &[u8]| {
        let start = file.len();
        file.extend_from_slice(bytes);
        let contents = start..file.len();
        file.resize(file.len().next_multiple_of(8), 0);
        contents
    };
    let [frames, symbols, strings, names] =
        [frames.bytes(), &symbols, &strings, NAMES].map(&mut add);
    let section = |name, kind, contents: Range<usize>| Section {
        name,
        kind,
        flags: 0,
        address: 0,
        contents,
        link: 0,
        info: 0,
        entry: 0,
    };
    let count = symbols.len() / SYMBOL;
    let sections = [
        section("", 0, 0..0),
        Section {
            flags: ALLOCATED | EXECUTABLE,
            address: code.start,
            ..section(".text", NOBITS, HEADER..HEADER + code.len())
        },
        section(".eh_frame", PROGBITS, frames),
        Section {
            link: STRINGS,
            info: count as u32,
            entry: SYMBOL,
            ..section(".symtab", SYMTAB, symbols)
        },
        section(".strtab", STRTAB, strings),
        section(".shstrtab", STRTAB, names),
    ];
    let table = file.len();
    sections.iter().for_each(|section| section.write(&mut file));
    file[..HEADER].copy_from_slice(&header(table));
    Ok(file.into_boxed_slice())
}

fn header(sections: usize) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\x7fELF\x02\x01\x01"); // 64 bits, little endian
    put(16, &2u16.to_le_bytes()); // addresses are final
    put(18, &62u16.to_le_bytes()); // x86-64
    put(20, &1u32.to_le_bytes());
    put(40, &(sections as u64).to_le_bytes());
    put(52, &(HEADER as u16).to_le_bytes());
    put(58, &(SECTION_HEADER as u16).to_le_bytes());
    put(60, &(SECTIONS as u16).to_le_bytes());
    put(62, &SECTION_NAMES.to_le_bytes());
    header
}

impl Section {
    fn write(&self, file: &mut Vec<u8>) {
        let name = NAMES
            .windows(self.name.len() + 1)
            .position(|at| at.split_last() == Some((&0, self.name.as_bytes())));
        file.extend_from_slice(&(name.unwrap_or(0) as u32).to_le_bytes());
        file.extend_from_slice(&self.kind.to_le_bytes());
        let (offset, len) = (self.contents.start as u64, self.contents.len() as u64);
        for word in [self.flags, self.address as u64, offset, len] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(&self.link.to_le_bytes());
        file.extend_from_slice(&self.info.to_le_bytes());
        for word in [8, self.entry as u64] {
            file.extend_from_slice(&word.to_le_bytes());
        }
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
