//! The slots of a code set: one word per defined function, the address to call.

use crate::abi::vmctx::Slot;
use crate::error::Error;

/// The slots of a set, which never move.
pub struct Slots {
    words: Box<[Slot]>,
}

impl Slots {
    /// Slots with these addresses.
    pub fn new(addresses: impl ExactSizeIterator<Item = usize>) -> Result<Slots, Error> {
        let mut words = Vec::new();
        words.try_reserve_exact(addresses.len())?;
        words.extend(addresses.map(Slot::new));
        Ok(Slots { words: words.into_boxed_slice() })
    }

    pub fn get(&self) -> &[Slot] {
        &self.words
    }
}
