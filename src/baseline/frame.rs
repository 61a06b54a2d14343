//! The frame of a function.
//!
//! ```text
//! rbp + 16    arguments on the stack
//! rbp + 8     return address
//! rbp         caller's rbp
//!             registers of the caller: rbx, r12, r13, r14, r15
//!             the vmctx, in functions with a try
//!             a slot for each local
//!             slots for operands (see `slots`)
//! rsp         (arguments of a call, while it is being made)
//! ```
//! Locals that live in a register have a slot too, to be saved there.

use super::operand::Kind;
use crate::asm::x64::*;

/// Registers that a caller expects to be preserved, and that code here may use.
pub(super) const SAVED: [Reg; 5] = [RBX, R12, R13, R14, R15];

/// Bytes below rbp that every frame has.
const FIXED: u32 = 8 * SAVED.len() as u32;

/// Where a register of the caller is saved.
pub(super) const fn saved(number: usize) -> Mem {
    Mem(RBP, -8 * (number as i32 + 1))
}

/// Where a function with a try keeps the vmctx.
pub(super) const SAVED_VMCTX: Mem = saved(SAVED.len());

/// The layout of one frame, from the top.
#[derive(Default)]
pub(super) struct FrameLayout {
    /// Bytes above the slots of operands.
    fixed: u32,
    slot_size: u32,
    /// The number of slots that are used.
    slots: u32,
}

impl FrameLayout {
    /// Begins a frame; operands may be vectors or not.
    pub fn begin(&mut self, has_vectors: bool, has_tries: bool) {
        let fixed = if has_tries { FIXED + 8 } else { FIXED };
        *self = FrameLayout { fixed, slot_size: if has_vectors { 16 } else { 8 }, slots: 0 };
    }

    /// Makes room for a local; its place.
    pub fn local(&mut self, kind: Kind) -> i32 {
        self.fixed = self.fixed.saturating_add(kind.size().max(8));
        -(self.fixed.min(i32::MAX as u32) as i32)
    }

    /// The slot with this number.
    pub fn slot(&self, number: u32) -> Mem {
        let below = self.below(number + 1).min(i32::MAX as u64);
        Mem(RBP, -(below as i32))
    }

    /// The same, to be written.
    pub fn use_slot(&mut self, number: u32) -> Mem {
        self.slots = self.slots.max(number + 1);
        self.slot(number)
    }

    /// Bytes of a slot.
    pub fn slot_size(&self) -> i32 {
        self.slot_size as i32
    }

    fn below(&self, slots: u32) -> u64 {
        u64::from(self.fixed) + u64::from(slots) * u64::from(self.slot_size)
    }

    /// Bytes from rbp down to rsp.
    pub fn size(&self) -> u64 {
        self.below(self.slots).next_multiple_of(16)
    }
}
