//! Reads numbers and text from a section, within its bounds and within a given amount of work.

use std::cell::Cell;

/// What a question may still read. Every read takes a unit, so whatever loops over data ends.
pub struct Work(Cell<u64>);

impl Work {
    pub fn new(units: u64) -> Work {
        Work(Cell::new(units))
    }

    pub fn left(&self) -> u64 {
        self.0.get()
    }

    /// Without a limit of its own.
    pub fn endless() -> Work {
        Work::new(u64::MAX)
    }

    /// Does something with a part of it, at most so much.
    pub fn spend<R>(&self, most: u64, f: impl FnOnce(&Work) -> R) -> R {
        let part = Work::new(most.min(self.left()));
        let given = part.left();
        let result = f(&part);
        self.0.set(self.left() - (given - part.left()));
        result
    }

    /// Takes units; `None` when there are not enough left.
    pub fn take(&self, units: u64) -> Option<()> {
        let left = self.0.get().checked_sub(units);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ())
    }
}

/// Whether offsets in a unit have four bytes or eight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Dwarf32,
    Dwarf64,
}

/// A position in a section. Nothing is read beyond its end.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    work: &'a Work,
}

impl<'a> Reader<'a> {
    /// A reader of `section` from an offset on, which may be out of bounds.
    pub fn new(section: &'a [u8], at: u64, work: &'a Work) -> Option<Reader<'a>> {
        let at = usize::try_from(at).ok().filter(|at| *at <= section.len())?;
        Some(Reader { bytes: section, at, work })
    }

    /// The offset in the section.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn work(&self) -> &'a Work {
        self.work
    }

    /// The same position in a section that ends `len` bytes from here.
    pub fn limited(&self, len: u64) -> Option<Reader<'a>> {
        let end = self.at.checked_add(usize::try_from(len).ok()?)?;
        Some(Reader { bytes: self.bytes.get(..end)?, ..*self })
    }

    /// The end of the section.
    pub fn end(&self) -> usize {
        self.bytes.len()
    }

    pub fn skip(&mut self, len: u64) -> Option<()> {
        self.bytes(len).map(|_| ())
    }

    pub fn bytes(&mut self, len: u64) -> Option<&'a [u8]> {
        self.work.take(1)?;
        let end = self.at.checked_add(usize::try_from(len).ok()?)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    /// A little-endian number of at most eight bytes.
    #[inline(never)]
    pub fn number(&mut self, size: u8) -> Option<u64> {
        let bytes = self.bytes(u64::from(size.min(8)))?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.work.take(1)?;
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    pub fn offset(&mut self, format: Format) -> Option<u64> {
        self.number(if format == Format::Dwarf64 { 8 } else { 4 })
    }

    /// The length at the start of a unit, and the size of its offsets.
    pub fn unit_length(&mut self) -> Option<(u64, Format)> {
        match self.number(4)? {
            0xffff_ffff => Some((self.number(8)?, Format::Dwarf64)),
            0xffff_fff0.. => None,
            length => Some((length, Format::Dwarf32)),
        }
    }

    /// LEB128; bits beyond the 64th are lost.
    pub fn unsigned(&mut self) -> Option<u64> {
        self.leb().map(|(number, _)| number)
    }

    pub fn signed(&mut self) -> Option<i64> {
        let (number, bits) = self.leb()?;
        let unused = 64u32.saturating_sub(bits);
        Some((number << unused) as i64 >> unused)
    }

    /// A LEB128 number and how many bits of it were given, at most 64.
    #[inline(never)]
    fn leb(&mut self) -> Option<(u64, u32)> {
        self.work.take(1)?;
        let (mut number, mut bits) = (0u64, 0u32);
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            if bits < 64 {
                number |= u64::from(byte & 0x7f) << bits;
                bits += 7;
            } else {
                // Padding may be as long as the section.
                self.work.take(1)?;
            }
            if byte & 0x80 == 0 {
                return Some((number, bits.min(64)));
            }
        }
    }

    /// Text that ends in a NUL, without it.
    #[inline(never)]
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let len = rest.iter().position(|byte| *byte == 0)?;
        self.work.take(1 + len as u64 / 16)?;
        self.at += len + 1;
        Some(&rest[..len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let work = Work::new(100);
        let bytes = [0x34, 0x12, 0x7f, 0x80, 0x7f, 0xe5, 0x8e, 0x26, 0x81, 0x80, 0x00, b'a', 0];
        let mut reader = Reader::new(&bytes, 0, &work).unwrap();
        assert_eq!(reader.u16(), Some(0x1234));
        assert_eq!(reader.signed(), Some(-1));
        assert_eq!(reader.signed(), Some(-128));
        assert_eq!(reader.unsigned(), Some(624_485));
        assert_eq!(reader.unsigned(), Some(1));
        assert_eq!(reader.text(), Some(&b"a"[..]));
        assert_eq!(reader.at(), reader.end());
        assert_eq!(reader.u8(), None);
    }

    #[test]
    fn reading_ends_when_the_work_is_used_up() {
        let work = Work::new(3);
        let bytes = [0x80; 1000];
        let mut reader = Reader::new(&bytes, 0, &work).unwrap();
        assert_eq!(reader.unsigned(), None);
        assert_eq!(reader.at(), 13);
        assert_eq!(reader.u8(), None);
    }
}
