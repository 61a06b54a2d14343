//! Modules that take their code from the cache folder, and leave it there.

use super::code_set::CodeSet;
use super::context::CompileContext;
use super::module::{CompiledModule, DECODE_STACK};
use super::place::Place;
use super::plan::Plan;
use super::serialize::{Digest, SerializedSet, digest, entry_name};
use crate::abi::CodeMode;
use crate::error::Error;
use crate::sys::once::OnceArc;
use crate::sys::stack;
use std::sync::Arc;

/// Looking for the code of so few bytes takes longer than compiling them.
const LEAST: usize = 64;

impl CompiledModule {
    /// Takes the code for a mode from the cache folder. False if it is not there; then nothing has changed. Otherwise the
    /// module was validated when the code was kept.
    pub(super) fn resume(&mut self, mode: CodeMode, plan: Plan) -> Result<bool, Error> {
        let Some(place) = self.place(mode) else { return Ok(false) };
        let were_valid = std::mem::replace(&mut self.are_valid, true);
        let set = self.find(place, plan);
        self.are_valid = set.is_some() || were_valid;
        Ok(set.map(|set| self.add(set)).transpose()?.is_some())
    }

    /// The place for the code of a mode; none if it is not kept, or memory is short.
    pub(super) fn place(&self, mode: CodeMode) -> Option<Place> {
        let is_worth_it = self.may_be_kept && self.module.code_section.len() >= LEAST;
        if is_worth_it {
            place_of(&self.context, &self.module.bytes, &self.digest, mode)
        } else {
            None
        }
    }

    /// The code that is kept in a place, if it has what the plan makes at once.
    pub(super) fn find(&self, place: Place, plan: Plan) -> Option<CodeSet> {
        let functions = self.module.bodies.len();
        let found = place.find(|set| match suffices(&set, plan, functions) {
            true => Ok(Some((self.load(&set)?, set.amount()))),
            false => Ok(None),
        });
        self.counters.looked_up(found.as_ref().map(|(_, len)| *len));
        found.map(|((set, amount), _)| set.kept_in(Some(place), amount))
    }

    /// Writes the code into the cache folder, if there is more than before.
    pub fn keep(&self) -> Result<(), Error> {
        if self.context.cache().is_none() {
            return Err(Error::argument("the engine has no cache folder"));
        }
        let sets = self.sets.iter().filter_map(|set| set.get());
        sets.filter(|set| set.place().is_some()).try_for_each(|set| set.keep())
    }
}

/// The place for the code of a module in a mode; none if the engine has no cache folder, or memory is short. The hash of
/// the module's bytes is computed once.
pub(super) fn place_of(
    context: &Arc<CompileContext>,
    bytes: &[u8],
    known: &OnceArc<Digest>,
    mode: CodeMode,
) -> Option<Place> {
    context.cache()?;
    if known.get().is_none() {
        let digest = || digest(bytes);
        known.get_or_offer(Arc::new(stack::with_room(DECODE_STACK, digest).ok()?));
    }
    let module = *known.get()?;
    Some(Place::new(context, entry_name(context, &module, mode), module))
}

/// Whether the code that is kept in a place has what the plan makes at once of so many functions.
pub(super) fn has_kept(place: &Place, plan: Plan, functions: usize) -> bool {
    place.find(|set| Ok(suffices(&set, plan, functions).then_some(()))).is_some()
}

/// A job may have made code of another tier than the engine's setting says.
fn suffices(set: &SerializedSet<'_>, plan: Plan, functions: usize) -> bool {
    plan.kind(set.mode).is_none_or(|(_, tier)| set.has_all(tier, functions))
}

impl Drop for CompiledModule {
    fn drop(&mut self) {
        self.sets.iter().filter_map(|set| set.get()).for_each(|set| set.keep_soon(0));
    }
}
