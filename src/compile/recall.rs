//! What earlier runs left in the cache folder, for a set whose functions are compiled when they are called.
//!
//! It is taken over before the first function is compiled, while other threads may call the set's functions. None of them waits:
//! those that come meanwhile compile what they call, and a function that has better code by then keeps it. So a module of
//! which nothing is called looks for nothing.

use super::code_set::{CodeSet, restore_budget};
use super::events::Event;
use super::growth::Growth;
use super::place::Place;
use super::roles::{Form, PlacedPart, PlacedParts, Role};
use super::serialize::SerializedSet;
use super::states::State;
use super::whole::Whole;
use super::workers::WORKER_STACK;
use crate::abi::Tier;
use crate::abi::budgets::REPLACED;
use crate::code::CodeObject;
use crate::error::Error;
use crate::observe::CodeKind;
use crate::sys::stack;
use std::sync::Arc;
use std::sync::atomic::Ordering::*;

impl CodeSet {
    /// Takes over what earlier runs left, once: their code or, if there is none, what was hot. Without memory the set begins
    /// anew.
    pub(super) fn recall(&self) {
        let (Some((growth, object)), Some(place)) = (self.growth(), self.place()) else { return };
        if place.is_recalled.load(Relaxed) || place.is_recalled.swap(true, Relaxed) {
            return;
        }
        let _ = stack::with_room(WORKER_STACK, || {
            let is_sought = place.is_sought.swap(true, Relaxed);
            let is_found = !is_sought && self.find_code(place, (growth, object));
            if !is_found && place.is_known() {
                self.warm_up(growth, place);
            }
        });
    }

    fn find_code(&self, place: &Place, target: (&Growth, &Arc<CodeObject>)) -> bool {
        let take_over = |set: SerializedSet<'_>| match set.form {
            // Made by a job of another tier. Its direct calls cannot be linked again if this set is serialized.
            Form::Final => Ok(None),
            Form::Growing { .. } => self.take_over(target, &set).map(|()| Some(set.amount())),
        };
        let found = place.look_for(take_over);
        let counters = &target.0.bodies.counters;
        counters.looked_up(found.as_ref().map(|(_, len)| *len));
        let Some((amount, _)) = found else { return false };
        place.amount.fetch_max(amount, Relaxed);
        counters.events.tell(|| target.0.states.have_code().then_some(Event::Compiled));
        true
    }

    /// Makes kept code reachable.
    fn take_over(
        &self,
        (growth, object): (&Growth, &Arc<CodeObject>),
        set: &SerializedSet<'_>,
    ) -> Result<(), Error> {
        let context = &growth.context;
        let PlacedParts { code, sites, parts, targets } =
            set.place(context.code_memory(), self.slots().len())?;
        let start = code.range().start;
        growth.call_targets.remember_all(self.all_slots(), &targets);
        let _growing = context.growing();
        let mut whole = Whole::new(object, code, sites, Tier::Baseline)?;
        let mut roles = parts.iter().map(|part| part.role.kind());
        whole.tell(context.tools(), object, |_| roles.next().unwrap_or(CodeKind::LoopEntry))?;
        growth.bodies.counters.hold(whole.memory);
        growth.hold(whole);
        for part in &parts {
            let address = start + part.start as usize;
            match part.role {
                Role::Loop(number) => growth.loop_entries.offer(part.func, number, address)?,
                Role::Function(state) => self.improve_with(growth, part, state, address),
            }
        }
        Ok(())
    }

    /// Gives a function the code of a part, unless it has such code or better. The engine's lock is held.
    fn improve_with(&self, growth: &Growth, part: &PlacedPart, state: State, address: usize) {
        let (func, states) = (part.func, &growth.states);
        let former = states.get(func).tier();
        if former >= state.tier() {
            return;
        }
        self.slots()[func.index()].store(address, Release);
        states.restore(func, state, part.warmth.heat.max(states.heat(func)));
        match former {
            None => restore_budget(self.all_slots(), part),
            Some(_) => self.set_budget(func, REPLACED),
        }
    }
}
