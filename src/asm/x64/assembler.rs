//! The code being assembled, and its labels.
//!
//! The code is one vector, allocated fallibly and up to a limit. A failure is not reported at once: nothing more is
//! written, and [`Assembler::finish`] returns no code. So callers need not check after every instruction.

use super::instruction::{Instruction, MAX};

/// A position in the code that jumps refer to, from before or after it.
#[derive(Default, Debug)]
pub struct Label {
    bound: bool,
    /// If bound, the offset of the position. If not, the offset of the last jump's distance field. Until then the
    /// fields form a list: each holds the offset of the one before, and zero ends it.
    at: i32,
}

pub struct Assembler {
    code: Vec<u8>,
    /// The most bytes for which memory is asked.
    most: usize,
    failed: bool,
    /// It failed because of that limit.
    is_full: bool,
}

impl Default for Assembler {
    fn default() -> Assembler {
        Assembler { code: Vec::new(), most: Assembler::MOST, failed: false, is_full: false }
    }
}

impl Assembler {
    /// The most bytes of any code: distances of jumps have 32 bits.
    pub const MOST: usize = i32::MAX as usize;

    /// With room for this many bytes, which may be exceeded.
    pub fn with_capacity(bytes: usize) -> Assembler {
        let mut code = Vec::new();
        let failed = code.try_reserve_exact(bytes).is_err();
        Assembler { code, failed, ..Assembler::default() }
    }

    /// The code; `None` if there was no memory for it, or it is too large.
    pub fn finish(self) -> Option<Vec<u8>> {
        self.is_complete().then_some(self.code)
    }

    /// Whether all code is there so far.
    #[inline]
    pub fn is_complete(&self) -> bool {
        !self.failed && self.code.len() <= Assembler::MOST
    }

    /// Whether code is missing because of its size.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The length of the code so far.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Appends finished bytes.
    pub fn append(&mut self, bytes: &[u8]) {
        self.is_full |= bytes.len() > self.most.saturating_sub(self.code.len());
        self.failed |= self.is_full || self.code.try_reserve(bytes.len()).is_err();
        if !self.failed {
            self.code.extend_from_slice(bytes);
        }
    }

    #[inline]
    pub(super) fn emit(&mut self, instruction: Instruction) {
        let (bytes, len) = instruction.padded();
        let end = self.code.len();
        if self.code.capacity() - end > MAX {
            // One copy of constant size is faster than one of the right size.
            self.code.extend_from_slice(&bytes);
            self.code.truncate(end + len);
        } else {
            self.emit_slowly(&bytes[..len]);
        }
    }

    #[cold]
    fn emit_slowly(&mut self, bytes: &[u8]) {
        self.append(bytes);
    }

    /// Forgets the code, and keeps its memory for the next, which may have about `most` bytes.
    pub fn restart(&mut self, most: usize) {
        self.code.clear();
        self.most = most.min(Assembler::MOST);
        (self.failed, self.is_full) = (false, false);
    }

    /// The code so far; `None` if there was no memory for it, or it is too large.
    pub fn code(&self) -> Option<&[u8]> {
        self.is_complete().then_some(&*self.code)
    }

    /// The offset of a bound label.
    pub fn offset_of(&self, label: &Label) -> Option<usize> {
        label.bound.then_some(label.at as usize)
    }

    /// A label bound to the current position.
    pub fn here(&mut self) -> Label {
        Label { bound: true, at: self.code.len() as i32 }
    }

    /// The distance back to a bound label from the end of an instruction of `len` bytes, if it fits into a byte.
    pub(super) fn short_distance(&self, label: &Label, len: usize) -> Option<i8> {
        let end = self.code.len() + len;
        label.bound.then_some(())?;
        i8::try_from(i64::from(label.at) - end as i64).ok()
    }

    /// Binds a label to the current position.
    pub fn bind(&mut self, label: &mut Label) {
        let here = self.code.len() as i32;
        let mut at = label.at;
        while let Some(field) = self.field(at) {
            let before = i32::from_le_bytes(*field);
            *field = (here - (at + 4)).to_le_bytes();
            at = before;
        }
        *label = Label { bound: true, at: here };
    }

    fn field(&mut self, at: i32) -> Option<&mut [u8; 4]> {
        if at == 0 || self.failed {
            return None;
        }
        self.code.get_mut(at as usize..)?.first_chunk_mut()
    }

    /// The distance field at the end of a jump, whose other bytes are `opcode`.
    pub(super) fn emit_jump(&mut self, opcode: &[u8], label: &mut Label) {
        let field = (self.code.len() + opcode.len()) as i32;
        let value = if label.bound { label.at - (field + 4) } else { label.at };
        if !label.bound {
            label.at = field;
        }
        self.emit(Instruction::plain(opcode).then(&value.to_le_bytes()));
    }
}
