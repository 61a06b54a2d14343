//! Where the bodies of a module's functions lie in its bytes.
//!
//! Bodies may be read while later ones still arrive, on several threads.

use crate::sys::OutOfMemory;
use crate::types::DefinedFuncIndex;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::*};

/// The body of every defined function: its byte range, from after the size field (where the locals begin) to the end.
/// Start and end are one word, zero until the body has arrived.
#[derive(Default)]
pub struct Bodies(Box<[AtomicU64]>);

impl Bodies {
    /// For so many functions, none of which has arrived.
    pub fn new(functions: usize) -> Result<Bodies, OutOfMemory> {
        let mut words = Vec::new();
        words.try_reserve_exact(functions)?;
        words.resize_with(functions, AtomicU64::default);
        Ok(Bodies(words.into_boxed_slice()))
    }

    /// The number of defined functions.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A body has arrived.
    pub fn set(&self, func: DefinedFuncIndex, body: Range<u32>) {
        let word = u64::from(body.start) << 32 | u64::from(body.end);
        self.0[func.index()].store(word, Release);
    }

    pub fn get(&self, func: DefinedFuncIndex) -> Range<u32> {
        range(&self.0[func.index()])
    }

    /// Whether a body has arrived.
    pub fn has(&self, func: DefinedFuncIndex) -> bool {
        self.0.get(func.index()).is_some_and(|word| word.load(Acquire) != 0)
    }

    /// In the order of the functions.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Range<u32>> + ExactSizeIterator {
        self.0.iter().map(range)
    }
}

fn range(word: &AtomicU64) -> Range<u32> {
    let word = word.load(Acquire);
    (word >> 32) as u32..word as u32
}
