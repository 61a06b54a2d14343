//! Additional facts about a few sites: inlined functions, exception handlers, and hidden frames.
//!
//! Details are stored between the sites of a function, so that sites without details cost nothing. They are decoded
//! from the bytes on each use, without allocating. Lists end early where the bytes are invalid.
//!
//! ```text
//!   1       flags: 1 if the frame is hidden, 2 if a target follows
//!   varint  number of inlined functions; for each one, innermost first:
//!             varint  the function
//!             varint  where the next one, or the function that has the code, calls it
//!   varint  number of handlers, at most one:
//!             varint  where its code begins, from the function's start
//!             varint  bytes from the stack pointer up to the frame pointer
//!   varint  the target
//! ```

use super::varint::{Reader, put_varint};
use crate::abi::function_code::{Handler, Inlined, SiteDetails};
use std::collections::TryReserveError;

const HIDDEN: u8 = 1;
const TARGET: u8 = 2;

/// The details of a site, encoded. Empty if it has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Details<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Details<'a> {
    /// Whether backtraces and callers skip the frame.
    pub fn is_hidden(self) -> bool {
        self.has(HIDDEN)
    }

    /// The number of the function that a direct call reaches, if the call must be linked again when the code is moved.
    pub fn target(self) -> Option<u32> {
        let mut inlined = Pairs::new(self.bytes.get(1..).filter(|_| self.has(TARGET))?);
        inlined.by_ref().for_each(drop);
        let mut handlers = Pairs::new(inlined.reader.bytes);
        handlers.by_ref().for_each(drop);
        handlers.number()
    }

    fn has(self, flag: u8) -> bool {
        self.bytes.first().is_some_and(|flags| flags & flag != 0)
    }

    /// The functions inlined at the site, innermost first.
    pub fn inlined(self) -> impl Iterator<Item = Inlined> + use<'a> {
        let mut pairs = Pairs::new(self.bytes.get(1..).unwrap_or_default());
        std::iter::from_fn(move || {
            let (function, call_offset) = pairs.next()?;
            Some(Inlined { function, call_offset })
        })
    }

    /// Where exceptions that a call throws go.
    pub fn handler(self) -> Option<Handler> {
        let mut inlined = Pairs::new(self.bytes.get(1..).unwrap_or_default());
        inlined.by_ref().for_each(drop);
        let (landing, frame_size) = Pairs::new(inlined.reader.bytes).next()?;
        Some(Handler { landing, frame_size })
    }
}

/// A count, followed by that many pairs of numbers.
struct Pairs<'a> {
    reader: Reader<'a>,
    left: u64,
}

impl<'a> Pairs<'a> {
    fn new(bytes: &'a [u8]) -> Pairs<'a> {
        let mut reader = Reader { bytes };
        let left = reader.varint().unwrap_or(0);
        Pairs { reader, left }
    }

    fn number(&mut self) -> Option<u32> {
        u32::try_from(self.reader.varint()?).ok()
    }
}

impl Iterator for Pairs<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        self.left = self.left.checked_sub(1)?;
        let pair = self.number().zip(self.number());
        if pair.is_none() {
            (self.left, self.reader.bytes) = (0, &[]);
        }
        pair
    }
}

/// Encodes details.
pub(super) fn encode(details: &SiteDetails) -> Result<Vec<u8>, TryReserveError> {
    let mut out = Vec::new();
    out.try_reserve(1)?;
    let hidden = if details.is_hidden { HIDDEN } else { 0 };
    let target = if details.target.is_some() { TARGET } else { 0 };
    out.push(hidden | target);
    put_varint(&mut out, details.inlined.len() as u64)?;
    for inlined in &details.inlined {
        put_varint(&mut out, inlined.function.into())?;
        put_varint(&mut out, inlined.call_offset.into())?;
    }
    put_varint(&mut out, u64::from(details.handler.is_some()))?;
    if let Some(handler) = &details.handler {
        put_varint(&mut out, handler.landing.into())?;
        put_varint(&mut out, handler.frame_size.into())?;
    }
    if let Some(target) = details.target {
        put_varint(&mut out, target.into())?;
    }
    Ok(out)
}
