//! The header of a compiled module: which build made it, and what code is in it.
//!
//! The library loads such files and says why it refuses one; this reader only tells what is in a file, also in
//! one of another build. It knows one version of the format and shows of others what all versions begin with.

use std::ops::Range;

/// The version of the format whose code sets are known here.
const FORMAT: u32 = 3;
const SEALED: u32 = 1;

pub struct Header<'a> {
    pub format: u32,
    /// With a key, which the loading engine must have, too.
    pub sealed: bool,
    /// Version, target and sources of the build.
    pub build: &'a str,
    /// The module that was compiled; nothing in an unknown format.
    pub binary: Range<usize>,
    pub sets: Vec<Set>,
}

/// Code for one kind of store.
pub struct Set {
    mode: u32,
    form: u32,
    pub parts: u32,
    pub code_bytes: u64,
}

impl Set {
    pub fn bounds(&self) -> &'static str {
        if self.mode & 1 == 0 { "guard pages" } else { "explicit" }
    }

    pub fn traps(&self) -> &'static str {
        if self.mode & 2 == 0 { "signals" } else { "calls" }
    }

    pub fn metering(&self) -> &'static str {
        if self.mode & 4 == 0 { "no" } else { "yes" }
    }

    pub fn form(&self) -> &'static str {
        match self.form {
            0 => "final",
            1 => "completed at first calls",
            2 => "optimized when hot",
            _ => "unknown",
        }
    }
}

impl Header<'_> {
    /// The header of a file; `None` if it is cut off.
    pub fn of(bytes: &[u8]) -> Option<Header<'_>> {
        let mut reader = Reader { bytes, at: 8 };
        let (format, flags, _length) = (reader.u32()?, reader.u32()?, reader.u64()?);
        let identity = reader.u32()?;
        let build = reader.range(identity.into())?;
        let build = std::str::from_utf8(&bytes[build]).ok()?;
        let mut header =
            Header { format, sealed: flags & SEALED != 0, build, binary: 0..0, sets: Vec::new() };
        if format == FORMAT {
            reader.u32()?;
            let length = reader.u64()?;
            header.binary = reader.range(length)?;
            for _ in 0..reader.u32()? {
                header.sets.push(reader.set()?);
            }
        }
        Some(header)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn range(&mut self, length: u64) -> Option<Range<usize>> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        let range = self.at..end;
        self.bytes.get(range.clone())?;
        self.at = end;
        Some(range)
    }

    fn u32(&mut self) -> Option<u32> {
        let range = self.range(4)?;
        Some(u32::from_le_bytes(self.bytes[range].try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        let range = self.range(8)?;
        Some(u64::from_le_bytes(self.bytes[range].try_into().ok()?))
    }

    fn set(&mut self) -> Option<Set> {
        let (mode, form, parts, targets) = (self.u32()?, self.u32()?, self.u32()?, self.u32()?);
        let (sites, code_bytes) = (self.u64()?, self.u64()?);
        self.range(u64::from(parts) * 32)?;
        self.range(u64::from(targets) * 12)?;
        self.range(sites)?;
        self.range(code_bytes)?;
        Some(Set { mode, form, parts, code_bytes })
    }
}
