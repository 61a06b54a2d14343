//! What was hot in earlier runs, for a build that has no code of them.
//!
//! When code is written to the cache folder, what is hot is written to a file beside it whose name says only
//! which module it is about. A module whose code is not there, because the library was updated or the settings
//! are others, looks for that file. Functions that were hot are optimized much sooner, the hottest first, with
//! what is known about their indirect calls, and the loops that were running then get their code at the same
//! time. Not at their first call: a function is compiled better when those that it calls are there.

use super::code_set::CodeSet;
use super::growth::Growth;
use super::observations::Observations;
use super::place::Place;
use super::serialize::Warm;
use crate::abi::Tier;
use crate::error::Error;
use crate::types::DefinedFuncIndex;

/// A function that was hot has the usual budget, divided by this.
const SOONER: i64 = 8;

impl CodeSet {
    /// Begins where earlier runs ended, if there is no code of these. Without memory the set begins anew.
    pub(super) fn warm_up(&self, growth: &Growth, place: &Place) {
        if !remembers(place, growth.tiers_up) {
            return;
        }
        let Some(warm) = place.was_warm(self.slots().len()) else { return };
        let (patience, module) = (growth.context.patience(), &growth.bodies.module);
        for (func, heat) in warm.functions {
            growth.states.warm(func, heat);
            self.set_budget(func, patience.budget(module, func) / SOONER);
        }
        for (offset, target) in warm.targets {
            let slots = self.all_slots();
            growth.call_targets.remember(slots, slots.record_number(offset), target);
        }
        growth.loop_entries.foresee(warm.loops);
    }

    /// Writes what is hot, for other builds. Whether that works makes no difference to the code.
    pub(super) fn keep_warm(&self, place: &Place) -> Result<(), Error> {
        let Some((growth, _)) = self.growth() else { return Ok(()) };
        if !remembers(place, growth.tiers_up) {
            return Ok(());
        }
        let observed = Observations { growth, slots: self.all_slots(), direct_calls: false };
        let mut warm = Warm { loops: growth.loop_entries.not_refused()?, ..Warm::default() };
        for func in (0..self.slots().len() as u32).map(DefinedFuncIndex) {
            let is_optimized = growth.states.get(func).tier() == Some(Tier::Optimized);
            let heat = growth.states.heat(func).max(u32::from(is_optimized));
            if heat > 0 {
                warm.functions.try_reserve(1)?;
                warm.functions.push((func, heat));
                let targets = observed.targets_within(func);
                warm.targets.try_reserve(targets.len())?;
                warm.targets.extend(targets);
            }
        }
        place.keep_warm(warm)
    }
}

/// Whether heat means what it means in other runs: where functions are optimized later than usual, the host wants it so.
fn remembers(place: &Place, tiers_up: bool) -> bool {
    tiers_up && place.context.patience().is_hasty()
}

impl Place {
    fn was_warm(&self, functions: usize) -> Option<Warm> {
        let bytes = self.cache()?.get(&self.warm_name()?)?;
        Warm::read(&bytes, self.context.serialize_key(), functions)
    }

    fn keep_warm(&self, warm: Warm) -> Result<(), Error> {
        let (Some(cache), false) = (self.cache(), warm.is_empty()) else { return Ok(()) };
        let bytes = warm.write(self.context.serialize_key())?;
        let name = self.warm_name().ok_or_else(Error::out_of_memory)?;
        let written = cache.put(&name, &bytes, &self.module_name());
        written.map_err(|error| Error::system(error.to_string()))
    }
}
