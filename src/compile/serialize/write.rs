//! From a module and its code to bytes.
//!
//! The writer runs twice over one list of parts: first to count, so that the caller can provide the memory, then to
//! fill it.

use super::parts::{Part, SetParts};
use super::seal::{SEAL_LEN, SerializeKey, seal};
use super::{
    ENTRY, FINAL, FORMAT, GROWING, IDENTITY, KEYED, MAGIC, PART_RECORD, Subject, TIERED, refused,
};
use crate::abi::call_targets::LikelyTarget;
use crate::abi::{CodeMode, Features};
use crate::compile::roles::Form;
use crate::error::Error;
use smallvec::SmallVec;

/// Fills the gaps between functions.
const BREAKPOINT: u8 = 0xcc;

/// A module to be written.
pub struct Serialized<'a> {
    pub(in crate::compile) subject: Subject<'a>,
    pub(in crate::compile) sets: SmallVec<[SetParts; CodeMode::COUNT]>,
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
        let (kind, subject) = match self.subject {
            Subject::Module(binary) => (0, binary),
            Subject::Entry(name) => (ENTRY, name),
        };
        out.put_u32(kind | if self.key.is_some() { KEYED } else { 0 })?;
        out.put_len(all)?;
        out.put_u32(IDENTITY.len() as u32)?;
        out.put(IDENTITY.as_bytes())?;
        out.put_u32(self.features.bits())?;
        out.put_len(subject.len())?;
        out.put(subject)?;
        let sets = || self.sets.iter().filter(|set| !set.is_empty());
        out.put_u32(sets().count() as u32)?;
        sets().try_for_each(|set| put_set(set, out))
    }
}

fn put_set(set: &SetParts, out: &mut impl Sink) -> Result<(), Error> {
    out.put_u32(set.set.mode().number() as u32)?;
    out.put_u32(match set.form {
        Form::Final => FINAL,
        Form::Growing { tiers_up: false } => GROWING,
        Form::Growing { tiers_up: true } => TIERED,
    })?;
    let count = u32::try_from(set.parts.len()).map_err(|_| refused("too many pieces of code"))?;
    out.put_u32(count)?;
    out.put_u32(set.targets.len() as u32)?;
    out.put_len(set.sites_len())?;
    out.put_len(set.code_len())?;
    set.parts.iter().try_for_each(|part| out.put(&record(part)?))?;
    for (number, LikelyTarget { function, calls }) in &set.targets {
        [*number, *function, *calls].into_iter().try_for_each(|word| out.put_u32(word))?;
    }
    for part in &set.parts {
        let Some(place) = out.take(part.site_len as usize)? else { continue };
        let found = set.set.code_from(part.address).filter(|(_, sites)| sites.len() == place.len());
        place.copy_from_slice(found.ok_or_else(wrong_length)?.1);
    }
    let mut end = 0;
    for part in &set.parts {
        if let Some(gap) = out.take((part.start - end) as usize)? {
            gap.fill(BREAKPOINT);
        }
        if let Some(place) = out.take(part.len as usize)? {
            set.set.copy_code(part.address, place)?;
            set.link(part, place)?;
        }
        end = part.start + part.len;
    }
    Ok(())
}

fn record(part: &Part) -> Result<[u8; PART_RECORD], Error> {
    let role = part.role.number()?;
    let words = [part.func.0, role, part.start, part.len, part.site_len, part.warmth.heat];
    let mut record = [0; PART_RECORD];
    let (first, budget) = record.split_at_mut(24);
    for (place, word) in first.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    budget.copy_from_slice(&part.warmth.budget.to_le_bytes());
    Ok(record)
}

#[cold]
fn wrong_length() -> Error {
    Error::internal("a serialized module has another length than was counted")
}

/// Receives the parts.
trait Sink {
    /// The place for the next bytes; none if they are only counted.
    fn take(&mut self, len: usize) -> Result<Option<&mut [u8]>, Error>;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(place) = self.take(bytes.len())? {
            place.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn put_u32(&mut self, number: u32) -> Result<(), Error> {
        self.put(&number.to_le_bytes())
    }

    fn put_len(&mut self, len: usize) -> Result<(), Error> {
        self.put(&(len as u64).to_le_bytes())
    }
}

struct Count(usize);

impl Sink for Count {
    fn take(&mut self, len: usize) -> Result<Option<&mut [u8]>, Error> {
        self.0 = self.0.checked_add(len).ok_or_else(Error::out_of_memory)?;
        Ok(None)
    }
}

struct Fill<'a> {
    rest: &'a mut [u8],
}

impl Sink for Fill<'_> {
    fn take(&mut self, len: usize) -> Result<Option<&mut [u8]>, Error> {
        let (place, rest) =
            std::mem::take(&mut self.rest).split_at_mut_checked(len).ok_or_else(wrong_length)?;
        self.rest = rest;
        Ok(Some(place))
    }
}
