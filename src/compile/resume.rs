//! Modules that take their code from the cache folder, and leave it there.

use super::code_set::CodeSet;
use super::module::{CompiledModule, DECODE_STACK};
use super::place::Place;
use super::serialize::{digest, entry_name};
use crate::abi::CodeMode;
use crate::error::Error;
use crate::sys::stack;
use std::sync::Arc;

impl CompiledModule {
    /// Takes the code for a mode from the cache folder. False if it is not there; then nothing has changed. Otherwise the
    /// module was validated when the code was kept.
    pub(super) fn resume(&mut self, mode: CodeMode) -> Result<bool, Error> {
        let Some(place) = self.place(mode) else { return Ok(false) };
        let were_valid = std::mem::replace(&mut self.are_valid, true);
        let set = self.find(place);
        self.are_valid = set.is_some() || were_valid;
        Ok(set.map(|set| self.add(set)).transpose()?.is_some())
    }

    /// The place for the code of a mode; none if the engine has no cache folder, or memory is short.
    pub(super) fn place(&self, mode: CodeMode) -> Option<Place> {
        let has_any = self.may_be_kept && !self.module.bodies.is_empty();
        self.context.cache().filter(|_| has_any)?;
        if self.digest.get().is_none() {
            let digest = || digest(&self.module.bytes);
            self.digest.get_or_offer(Arc::new(stack::with_room(DECODE_STACK, digest).ok()?));
        }
        let name = entry_name(&self.context, &*self.digest.get()?, mode);
        Some(Place::new(&self.context, name))
    }

    /// The code that is kept in a place.
    pub(super) fn find(&self, place: Place) -> Option<CodeSet> {
        let found = place.find(|set| Ok((self.load(&set)?, set.amount())));
        self.counters.looked_up(found.as_ref().map(|(_, len)| *len));
        found.map(|((set, amount), _)| set.kept_in(Some(place), amount))
    }

    /// Writes the code into the cache folder, if there is more than before.
    pub fn keep(&self) -> Result<(), Error> {
        if self.context.cache().is_none() {
            return Err(Error::argument("the engine has no cache folder"));
        }
        self.sets.iter().filter_map(|set| set.get()).try_for_each(|set| set.keep())
    }
}

impl Drop for CompiledModule {
    fn drop(&mut self) {
        self.sets.iter().filter_map(|set| set.get()).for_each(|set| set.keep_soon(0));
    }
}
