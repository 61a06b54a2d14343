//! Constants that instructions read from memory. They are emitted after the function, 16 bytes each and aligned, so
//! that every instruction can use them.

use super::blocks::LabelId;

/// The constants of one function, each with its label.
#[derive(Default)]
pub(super) struct Constants(Vec<(u128, LabelId)>);

/// Of so many constants, used last, none is there twice.
const REMEMBERED: usize = 32;

pub(super) const ALIGNMENT: usize = 16;

impl Constants {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn all(&self) -> &[(u128, LabelId)] {
        &self.0
    }

    pub fn add(&mut self, bits: u128, label: LabelId) {
        self.0.push((bits, label));
    }

    /// The label of a constant that was added before, if it is remembered.
    pub fn find(&self, bits: u128) -> Option<LabelId> {
        let mut last = self.0.iter().rev().take(REMEMBERED);
        last.find(|(known, _)| *known == bits).map(|(_, label)| *label)
    }
}

/// The same byte everywhere.
pub(super) const fn bytes(value: u8) -> u128 {
    value as u128 * (u128::MAX / 0xff)
}

/// The same 16 bits in each lane.
pub(super) const fn words(value: u16) -> u128 {
    value as u128 * (u128::MAX / 0xffff)
}

/// The same 32 bits in each lane.
pub(super) const fn doubles(value: u32) -> u128 {
    value as u128 * (u128::MAX / 0xffff_ffff)
}

/// The same 64 bits in each lane.
pub(super) const fn quads(value: u64) -> u128 {
    value as u128 * (u128::MAX / 0xffff_ffff_ffff_ffff)
}
