//! The bytes of a module: all of them from the beginning, or those that have arrived so far.

use crate::sys::OutOfMemory;
use crate::sys::arriving::{Arrivals, ArrivingBytes, LARGE};
use std::ops::Deref;
use std::sync::Arc;

/// Bytes that never move. Clones share them.
#[derive(Clone)]
pub enum ModuleBytes {
    Whole(Arc<Box<[u8]>>),
    /// In a mapping of their own, because more may arrive, or because they are many.
    Arriving(Arc<ArrivingBytes>),
}

/// Up to this size, bytes that have arrived are better kept without a mapping of their own.
const SMALL: usize = 256 << 10;

impl ModuleBytes {
    /// A copy.
    pub fn copy(bytes: &[u8]) -> Result<ModuleBytes, OutOfMemory> {
        if bytes.len() >= LARGE {
            // Huge pages are filled faster than memory of the C allocator.
            let mut copy = Arrivals::new(bytes.len())?;
            copy.append(bytes)?;
            return Ok(ModuleBytes::Arriving(copy.bytes().clone()));
        }
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len())?;
        copy.extend_from_slice(bytes);
        Ok(ModuleBytes::Whole(Arc::new(copy.into_boxed_slice())))
    }

    /// The bytes, to change them.
    #[cfg(test)]
    pub fn get_mut(&mut self) -> Option<&mut [u8]> {
        match self {
            ModuleBytes::Whole(bytes) => Arc::get_mut(bytes).map(|bytes| &mut **bytes),
            ModuleBytes::Arriving(_) => None,
        }
    }

    /// All bytes have arrived: few of them get memory of their own.
    pub fn settle(&mut self) -> Result<(), OutOfMemory> {
        if let ModuleBytes::Arriving(bytes) = self
            && bytes.bytes().len() <= SMALL
        {
            *self = ModuleBytes::copy(bytes.bytes())?;
        }
        Ok(())
    }
}

impl Deref for ModuleBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            ModuleBytes::Whole(bytes) => bytes,
            ModuleBytes::Arriving(bytes) => bytes.bytes(),
        }
    }
}
