//! Reads the immediates of operators: integers in LEB128, mostly of one byte.
//!
//! A reader says only that something cannot be read, because that is rare; why is found out by reading again (see
//! [`super::refusals`]). Positions are offsets in the module.

/// A position in the bytes of a body.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The bytes of the module, up to the end of the body.
    pub bytes: &'a [u8],
    pub pos: usize,
}

impl<'a> Reader<'a> {
    #[inline(always)]
    pub fn u8(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.pos)?;
        self.pos += 1;
        Some(byte)
    }

    #[inline(always)]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    /// The next `N` bytes.
    #[inline(always)]
    pub fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.bytes.get(self.pos..)?.first_chunk()?;
        self.pos += N;
        Some(*bytes)
    }

    #[inline(always)]
    pub fn u32(&mut self) -> Option<u32> {
        match self.short()? {
            Some(byte) => Some(u32::from(byte)),
            None => self.long(32).map(|value| value as u32),
        }
    }

    #[inline(always)]
    pub fn u64(&mut self) -> Option<u64> {
        match self.short()? {
            Some(byte) => Some(u64::from(byte)),
            None => self.long(64),
        }
    }

    #[inline(always)]
    pub fn i32(&mut self) -> Option<i32> {
        match self.short()? {
            Some(byte) => Some((byte << 1) as i8 as i32 >> 1),
            None => self.long_signed(32).map(|value| value as i32),
        }
    }

    #[inline(always)]
    pub fn i64(&mut self) -> Option<i64> {
        match self.short()? {
            Some(byte) => Some((byte << 1) as i8 as i64 >> 1),
            None => self.long_signed(64),
        }
    }

    /// A type index in a block type or heap type: a signed integer of 33 bits, not negative.
    pub fn type_index(&mut self) -> Option<u32> {
        let value = match self.short()? {
            Some(byte) => (byte << 1) as i8 as i64 >> 1,
            None => self.long_signed(33)?,
        };
        u32::try_from(value).ok()
    }

    /// The integer that the next byte is, if it is one: the position moves past it.
    #[inline(always)]
    fn short(&mut self) -> Option<Option<u8>> {
        let byte = self.peek()?;
        if byte & 0x80 != 0 {
            return Some(None);
        }
        self.pos += 1;
        Some(Some(byte))
    }

    #[inline(always)]
    fn long(&mut self, bits: u32) -> Option<u64> {
        if let Some(value) = two_bytes(self.bytes, self.pos) {
            self.pos += 2;
            return Some(value.into());
        }
        let (value, pos) = long(self.bytes, self.pos, bits)?;
        self.pos = pos;
        Some(value)
    }

    #[inline(always)]
    fn long_signed(&mut self, bits: u32) -> Option<i64> {
        if let Some(value) = two_bytes(self.bytes, self.pos) {
            self.pos += 2;
            return Some(i64::from((value << 18) as i32 >> 18));
        }
        let (value, pos) = long_signed(self.bytes, self.pos, bits)?;
        self.pos = pos;
        Some(value)
    }
}

/// An integer of two bytes, which is the most frequent length after one.
#[inline(always)]
fn two_bytes(bytes: &[u8], pos: usize) -> Option<u32> {
    let [first, second] = *bytes.get(pos..)?.first_chunk()?;
    (second & 0x80 == 0).then_some(u32::from(first & 0x7f) | u32::from(second) << 7)
}

/// An unsigned integer of up to `bits` bits, and the position after it.
#[inline(never)]
fn long(bytes: &[u8], mut pos: usize, bits: u32) -> Option<(u64, usize)> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(pos)?;
        pos += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if shift + 7 >= bits {
            // The last byte: it has no continuation, and no bits beyond.
            return (byte >> (bits - shift) == 0).then_some((value, pos));
        }
        shift += 7;
        if byte & 0x80 == 0 {
            return Some((value, pos));
        }
    }
}

#[inline(never)]
fn long_signed(bytes: &[u8], mut pos: usize, bits: u32) -> Option<(i64, usize)> {
    let (mut value, mut shift) = (0i64, 0);
    loop {
        let byte = *bytes.get(pos)?;
        pos += 1;
        value |= i64::from(byte & 0x7f) << shift;
        if shift + 7 >= bits {
            // The last byte: no continuation, and what lies beyond repeats the sign.
            let beyond = (byte << 1) as i8 >> (bits - shift);
            let fits = byte & 0x80 == 0 && (beyond == 0 || beyond == -1);
            let unused = 64 - bits;
            return fits.then_some((value << unused >> unused, pos));
        }
        shift += 7;
        if byte & 0x80 == 0 {
            let unused = 64 - shift;
            return Some((value << unused >> unused, pos));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::BinaryReader;

    /// Integers of all lengths, with every kind of last bytes, and cut short.
    fn inputs() -> impl Iterator<Item = Vec<u8>> {
        let firsts = [0x00u8, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xff, 0xbf, 0xc0];
        let lengths = (0..11usize).flat_map(move |n| firsts.map(move |byte| vec![byte | 0x80; n]));
        lengths.flat_map(|begin| {
            let last = (0..=255u8).map(move |last| [&begin[..], &[last]].concat());
            last.chain([vec![]])
        })
    }

    fn compare<'a, T: PartialEq + std::fmt::Debug>(
        bytes: &'a [u8],
        ours: impl FnOnce(&mut Reader<'a>) -> Option<T>,
        theirs: impl FnOnce(&mut BinaryReader<'a>) -> wasmparser::Result<T>,
    ) {
        let mut reader = Reader { bytes, pos: 0 };
        let mut peer = BinaryReader::new(bytes, 0);
        let value = ours(&mut reader);
        assert_eq!(value, theirs(&mut peer).ok(), "{bytes:x?}");
        if value.is_some() {
            assert_eq!(reader.pos, peer.current_position(), "{bytes:x?}");
        }
    }

    #[test]
    fn integers_are_read_as_the_format_says() {
        for bytes in inputs() {
            compare(&bytes, |r| r.u32(), |r| r.read_var_u32());
            compare(&bytes, |r| r.u64(), |r| r.read_var_u64());
            compare(&bytes, |r| r.i32(), |r| r.read_var_i32());
            compare(&bytes, |r| r.i64(), |r| r.read_var_i64());
            let index = |r: &mut BinaryReader<'_>| {
                let value = r.read_var_s33()?;
                // Any error will do.
                u32::try_from(value).map_err(|_| r.read_bytes(1 << 20).unwrap_err())
            };
            compare(&bytes, |r| r.type_index(), index);
        }
    }
}
