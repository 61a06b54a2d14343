//! Modules that take their code from the cache folder, and leave it there.

use super::code_set::CodeSet;
use super::context::CompileContext;
use super::module::CompiledModule;
use super::place::{KeptModule, Place};
use super::plan::Plan;
use super::serialize::SerializedSet;
use crate::abi::CodeMode;
use crate::error::Error;
use crate::module::Module;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Looking for the code of so few bytes takes longer than compiling them.
const LEAST: usize = 64;
/// Validating so many takes much longer than looking for their code, which need not be validated if it is there. The code of
/// fewer is looked for at the first call.
const AT_ONCE: usize = 8 << 10;

impl CompiledModule {
    /// As [`CompiledModule::find`], before the bodies are validated: those of kept code were when it was kept.
    pub(super) fn resume(&mut self, place: &Place, plan: Plan) -> Option<(CodeSet, u32)> {
        let were_valid = std::mem::replace(&mut self.are_valid, true);
        let found = self.find(place, plan);
        self.are_valid = found.is_some() || were_valid;
        found
    }

    /// The place, if code is looked for when a module is made: the plan needs it then, or much need not be validated if it
    /// is there.
    pub(super) fn sought_at_once<'p>(
        &self,
        place: &'p Option<Place>,
        plan: Plan,
    ) -> Option<&'p Place> {
        let validates_much = !self.are_valid && self.module.code_section.len() >= AT_ONCE;
        place.as_ref().filter(|place| plan.kind(place.mode).is_some() || validates_much)
    }

    /// The place for the code of a mode; none if it is not kept.
    pub(super) fn place(&self, mode: CodeMode) -> Option<Place> {
        let kept = self.kept.as_ref().filter(|_| self.module.code_section.len() >= LEAST)?;
        Some(Place::new(&self.context, &self.module, kept, mode))
    }

    /// The code that is kept in a place, if it has what the plan makes at once, and how much it is.
    pub(super) fn find(&self, place: &Place, plan: Plan) -> Option<(CodeSet, u32)> {
        place.is_sought.store(true, Relaxed);
        let functions = self.module.bodies.len();
        let load = |set: SerializedSet<'_>| match suffices(&set, plan, functions) {
            true => Ok(Some((self.load(&set)?, set.amount()))),
            false => Ok(None),
        };
        let found = place.look_for(load);
        self.counters.looked_up(found.as_ref().map(|(_, len)| *len));
        found.map(|(found, _)| found)
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

/// Whether code of a module is kept that has what the plan makes at once.
pub(super) fn has_kept(
    context: &Arc<CompileContext>,
    (module, kept): (&Arc<Module>, &Arc<KeptModule>),
    mode: CodeMode,
    plan: Plan,
) -> bool {
    let place = Place::new(context, module, kept, mode);
    let suffices = |set: SerializedSet<'_>| suffices(&set, plan, module.bodies.len());
    place.look_for(|set| Ok(suffices(set).then_some(()))).is_some()
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
