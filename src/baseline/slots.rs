//! Which slot of the frame belongs to which operand.
//!
//! Up to a height that no real function reaches, an operand's slot is that of its height. Above, only operands that may
//! have to be stored get a slot, so that half a million constants do not make a frame of megabytes: a lasting operand
//! shares the slot of the next one. What must stay true: of two operands in slots, the upper one is in the slot with
//! the higher number.
//!
//! Up there, operands are brought to their slots before every instruction. A branch may move them to slots with a
//! higher number than theirs, which it does not below; and loops do not ask for better code.

use super::emitter::Emitter;
use super::operand::Place;
use std::cmp::Ordering;

/// Operands below this height have the slot of their height.
pub(super) const DENSE: usize = 4096;

impl Emitter<'_> {
    /// The number of the slot of the operand at a height, or of the next operand.
    #[inline]
    pub fn slot_of(&self, height: usize) -> u32 {
        if height < DENSE { height as u32 } else { self.high_slot(height) }
    }

    #[cold]
    fn high_slot(&self, height: usize) -> u32 {
        if height < self.stack.len() {
            return self.high_slots[height - DENSE];
        }
        let below = height - 1;
        // Those below may be stored, lasting or not.
        let takes_slot = below < DENSE || !self.is_lasting(self.stack[below]);
        self.slot_of(below) + u32::from(takes_slot)
    }

    /// Gives the next operand, which will be in this place, its slot.
    #[cold]
    pub fn number_high(&mut self, place: Place) {
        let height = self.stack.len();
        let slot = match place {
            Place::Slot(slot) => slot,
            _ => self.slot_of(height),
        };
        self.high_slots.truncate(height - DENSE);
        self.high_slots.push(slot);
    }

    /// Copies `count` operands from a height on to as many slots, the first with this number.
    pub fn copy_to_slots(&mut self, from: usize, count: usize, slot: u32) {
        let slot_of = |n: usize| slot + n as u32;
        if from + count > DENSE {
            for n in (0..count).rev() {
                self.copy_to_slot(from + n, slot_of(n), Ordering::Less);
            }
        }
        for n in 0..count {
            self.copy_to_slot(from + n, slot_of(n), Ordering::Greater);
        }
    }

    /// Copies an operand to a slot, if it is in another in this direction; one that is in none as if from above.
    fn copy_to_slot(&mut self, at: usize, slot: u32, direction: Ordering) {
        let operand = self.stack[at];
        let from = match operand.place {
            Place::Slot(from) => from.cmp(&slot),
            _ => Ordering::Greater,
        };
        if from == direction {
            self.store_operand(operand, slot);
        }
    }

    /// Moves the operands from a height on to slots of their own, constants too.
    pub fn settle_from(&mut self, height: usize) {
        let (count, slot) = (self.stack.len() - height, self.slot_of(height));
        self.copy_to_slots(height, count, slot);
        for n in 0..count {
            let (at, slot) = (height + n, slot + n as u32);
            self.set_place(at, Place::Slot(slot));
            if at >= DENSE {
                self.high_slots[at - DENSE] = slot;
            }
        }
    }
}
