//! Code as it grows, and the labels in it.
//!
//! The code is one vector, allocated fallibly. Nothing is reported when that fails: the rest is not
//! written, and [`Assembler::finish`] has no code. So nobody has to look after every instruction.

use super::instruction::Instruction;

/// A place in the code to which jumps go, before it or behind it.
#[derive(Default, Debug)]
pub struct Label {
    bound: bool,
    /// If bound, the offset of the place. If not, that of the last jump's distance field. The fields
    /// form a list until then: each holds the offset of the one before, zero ends it.
    at: i32,
}

#[derive(Default)]
pub struct Assembler {
    code: Vec<u8>,
    failed: bool,
}

impl Assembler {
    /// With room for as many bytes, to be exceeded at will.
    pub fn with_capacity(bytes: usize) -> Assembler {
        let mut code = Vec::new();
        let failed = code.try_reserve_exact(bytes).is_err();
        Assembler { code, failed }
    }

    /// The code; `None` if there was no memory for it, or distances are larger than jumps can be.
    pub fn finish(self) -> Option<Vec<u8>> {
        (!self.failed && i32::try_from(self.code.len()).is_ok()).then_some(self.code)
    }

    /// How much code there is.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Writes bytes that somebody else has made.
    pub fn append(&mut self, bytes: &[u8]) {
        if !self.failed && self.code.try_reserve(bytes.len()).is_ok() {
            self.code.extend_from_slice(bytes);
        } else {
            self.failed = true;
        }
    }

    pub(super) fn emit(&mut self, instruction: Instruction) {
        self.append(instruction.bytes());
    }

    /// A label that is bound here.
    pub fn here(&mut self) -> Label {
        Label { bound: true, at: self.code.len() as i32 }
    }

    /// Binds a label to this place.
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

    /// The distance field that ends a jump, whose other bytes are `opcode`.
    pub(super) fn emit_jump(&mut self, opcode: &[u8], label: &mut Label) {
        let field = (self.code.len() + opcode.len()) as i32;
        let value = if label.bound { label.at - (field + 4) } else { label.at };
        if !label.bound {
            label.at = field;
        }
        self.emit(Instruction::plain(opcode).then(&value.to_le_bytes()));
    }
}
