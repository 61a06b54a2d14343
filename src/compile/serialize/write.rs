//! From a module and its code to bytes.
//!
//! The writer runs twice over one list of parts: first to count, so that the caller can provide the memory, then to
//! fill it.

use super::seal::{SEAL_LEN, SerializeKey, seal};
use super::{FORMAT, FUNCTION_RECORD, IDENTITY, KEYED, MAGIC};
use crate::abi::{CodeMode, Features};
use crate::compile::CodeSet;
use crate::error::Error;
use crate::module::Module;
use smallvec::SmallVec;
use std::sync::Arc;

/// A module to be written.
pub struct Serialized<'a> {
    pub(in crate::compile) module: &'a Module,
    pub(in crate::compile) sets: SmallVec<[Arc<CodeSet>; CodeMode::COUNT]>,
    pub(in crate::compile) features: Features,
    pub(in crate::compile) key: Option<&'a SerializeKey>,
}

impl Serialized<'_> {
    /// Bytes that [`Serialized::write`] needs.
    pub fn len(&self) -> Result<usize, Error> {
        let mut count = Count(0);
        self.parts(0, &mut count)?;
        Ok(count.0 + SEAL_LEN)
    }

    /// Fills `out`, which must have the right length.
    pub fn write(&self, out: &mut [u8]) -> Result<(), Error> {
        let all = out.len();
        let (body, place) = out.split_last_chunk_mut::<SEAL_LEN>().ok_or_else(wrong_length)?;
        let mut fill = Fill { rest: body };
        self.parts(all, &mut fill)?;
        if !fill.rest.is_empty() {
            return Err(wrong_length());
        }
        *place = seal(self.key, body);
        Ok(())
    }

    fn parts(&self, all: usize, out: &mut impl Sink) -> Result<(), Error> {
        out.put(&MAGIC)?;
        out.put_u32(FORMAT)?;
        out.put_u32(if self.key.is_some() { KEYED } else { 0 })?;
        out.put_len(all)?;
        out.put_u32(IDENTITY.len() as u32)?;
        out.put(IDENTITY.as_bytes())?;
        out.put_u32(self.features.bits())?;
        out.put_len(self.module.bytes.len())?;
        out.put(&self.module.bytes)?;
        let sets = || self.sets.iter().filter(|set| set.parts().is_some());
        out.put_u32(sets().count() as u32)?;
        sets().try_for_each(|set| put_set(set, out))
    }
}

fn put_set(set: &CodeSet, out: &mut impl Sink) -> Result<(), Error> {
    let Some((code, sites)) = set.parts() else { return Ok(()) };
    out.put_u32(set.mode().number() as u32)?;
    out.put_u32(set.slots().len() as u32)?;
    out.put_len(sites.encoded().map(|(_, sites)| sites.len()).sum())?;
    out.put_len(code.len())?;
    for (span, sites) in sites.encoded() {
        let mut record = [0; FUNCTION_RECORD];
        record[0..4].copy_from_slice(&span.code_start.to_le_bytes());
        record[4..8].copy_from_slice(&span.code_len.to_le_bytes());
        record[8..12].copy_from_slice(&(sites.len() as u32).to_le_bytes());
        out.put(&record)?;
    }
    sites.encoded().try_for_each(|(_, sites)| out.put(sites))?;
    out.put(code)
}

#[cold]
fn wrong_length() -> Error {
    Error::internal("a serialized module has another length than was counted")
}

/// Receives the parts.
trait Sink {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error>;

    fn put_u32(&mut self, number: u32) -> Result<(), Error> {
        self.put(&number.to_le_bytes())
    }

    fn put_len(&mut self, len: usize) -> Result<(), Error> {
        self.put(&(len as u64).to_le_bytes())
    }
}

struct Count(usize);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0 = self.0.checked_add(bytes.len()).ok_or_else(Error::out_of_memory)?;
        Ok(())
    }
}

struct Fill<'a> {
    rest: &'a mut [u8],
}

impl Sink for Fill<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let (place, rest) = std::mem::take(&mut self.rest)
            .split_at_mut_checked(bytes.len())
            .ok_or_else(wrong_length)?;
        place.copy_from_slice(bytes);
        self.rest = rest;
        Ok(())
    }
}
