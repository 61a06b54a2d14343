//! A module's code in one mode, with the slots through which it is called.
//!
//! The slots exist when the set does. The code of a set may be complete then, in one block, with direct calls; it is
//! final. Or functions are compiled when they are first called: their slots hold the addresses of stubs until then,
//! and code is added in chunks ([`super::growth`]). Code that was published stays until the set goes, since frames may
//! be in it.
//!
//! A set must outlive every instance whose vmctx points to its slots, and every frame in its code; instances hold it
//! by `Arc`.

use super::context::CompileContext;
use super::growth::Growth;
use super::linker::Placed;
use super::place::Place;
use super::roles::{PlacedPart, PlacedParts, Role, Warmth};
use super::slots::Slots;
use super::states::State;
use super::units::ModuleBodies;
use super::whole::Whole;
use crate::abi::budgets::FINAL;
use crate::abi::vmctx::Slot;
use crate::abi::{CodeMode, Tier};
use crate::code::CodeObject;
use crate::code::function_table::{FunctionSpan, SiteTable};
use crate::error::Error;
use crate::module::Module;
use crate::observe::{CodeKind, Tools};
use crate::types::DefinedFuncIndex;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

/// The code of one module in one mode. The fields are in the order in which they must be dropped.
pub struct CodeSet {
    mode: CodeMode,
    slots: Slots,
    whole: Option<Whole>,
    growth: Option<Growth>,
    /// Where the code is kept for later processes.
    place: Option<Place>,
    /// What the registry points to; none without functions.
    object: Option<Arc<CodeObject>>,
}

impl CodeSet {
    /// For a module without defined functions.
    pub fn empty(mode: CodeMode) -> Result<CodeSet, Error> {
        let slots = Slots::new([].into_iter())?;
        Ok(CodeSet { mode, slots, whole: None, growth: None, place: None, object: None })
    }

    /// Makes placed code reachable.
    pub fn new(
        module: &Arc<Module>,
        mode: CodeMode,
        placed: Placed,
        tier: Tier,
    ) -> Result<CodeSet, Error> {
        let start = placed.code.range().start;
        let slots = Slots::new(placed.starts.iter().map(|offset| start + *offset as usize))?;
        let object = Arc::new(CodeObject::new(module.clone()));
        let whole = Some(Whole::new(&object, placed.code, placed.sites, tier)?);
        Ok(CodeSet { mode, slots, whole, growth: None, place: None, object: Some(object) })
    }

    /// A set whose functions are compiled when they are first called, and optimized when they are hot if it `tiers_up`.
    pub fn lazy(
        context: &Arc<CompileContext>,
        bodies: ModuleBodies,
        mode: CodeMode,
        tiers_up: bool,
    ) -> Result<CodeSet, Error> {
        let stubs = context.lazy_stubs(bodies.functions())?;
        let slots = growing_slots(context, &bodies.module, tiers_up, stubs)?;
        let object = Arc::new(CodeObject::new(bodies.module.clone()));
        let growth = Growth::new(context, bodies, mode, tiers_up, State::Lazy)?;
        Ok(CodeSet {
            mode,
            slots,
            whole: None,
            growth: Some(growth),
            place: None,
            object: Some(object),
        })
    }

    /// Makes placed code of the baseline tier reachable, which counts what it executes and calls through slots. Hot
    /// functions are optimized.
    pub fn counted(
        context: &Arc<CompileContext>,
        bodies: ModuleBodies,
        mode: CodeMode,
        placed: Placed,
    ) -> Result<CodeSet, Error> {
        let start = placed.code.range().start;
        let starts = placed.starts.iter().map(|offset| start + *offset as usize);
        let slots = growing_slots(context, &bodies.module, true, starts)?;
        let set = CodeSet::new(&bodies.module, mode, placed, Tier::Baseline)?;
        let growth = Growth::new(context, bodies, mode, true, State::Baseline)?;
        Ok(CodeSet { slots, growth: Some(growth), ..set })
    }

    /// Makes placed code of all functions reachable.
    pub fn complete(
        module: &Arc<Module>,
        mode: CodeMode,
        placed: PlacedParts,
    ) -> Result<CodeSet, Error> {
        let PlacedParts { code, sites, parts, .. } = placed;
        let mut starts = Vec::new();
        starts.try_reserve_exact(parts.len())?;
        starts.extend(parts.iter().map(|part| part.start));
        let is_optimized =
            parts.first().is_some_and(|part| part.role == Role::Function(State::Optimized));
        let tier = if is_optimized { Tier::Optimized } else { Tier::Baseline };
        CodeSet::new(module, mode, Placed { code, starts, sites }, tier)
    }

    /// Makes placed code of some functions reachable, and compiles the others when they are first called. Functions that
    /// were hot are optimized first.
    pub fn resumed(
        context: &Arc<CompileContext>,
        bodies: ModuleBodies,
        mode: CodeMode,
        tiers_up: bool,
        placed: PlacedParts,
    ) -> Result<CodeSet, Error> {
        let (module, start) = (bodies.module.clone(), placed.code.range().start);
        let mut addresses = Vec::new();
        addresses.try_reserve_exact(bodies.functions() as usize)?;
        addresses.extend(context.lazy_stubs(bodies.functions())?);
        let growth = Growth::new(context, bodies, mode, tiers_up, State::Lazy)?;
        for part in &placed.parts {
            let address = start + part.start as usize;
            match part.role {
                Role::Function(state) => {
                    addresses[part.func.index()] = address;
                    growth.states.restore(part.func, state, part.warmth.heat);
                }
                Role::Loop(number) => growth.loop_entries.offer(part.func, number, address)?,
            }
        }
        let slots = growing_slots(context, &module, tiers_up, addresses.into_iter())?;
        placed.parts.iter().for_each(|part| restore_budget(&slots, part));
        growth.call_targets.remember_all(&slots, &placed.targets);
        let object = Arc::new(CodeObject::new(module));
        let whole = Some(Whole::new(&object, placed.code, placed.sites, Tier::Baseline)?);
        Ok(CodeSet { mode, slots, whole, growth: Some(growth), place: None, object: Some(object) })
    }

    /// The same set, which is kept in a place that has this much code.
    pub(super) fn kept_in(self, place: Option<Place>, amount: u32) -> CodeSet {
        if let Some(place) = &place {
            place.amount.store(amount, Relaxed);
            // Code that was kept has its heat.
            place.is_recalled.store(amount > 0, Relaxed);
        }
        CodeSet { place, ..self }
    }

    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// How much code there is: a function counts more if it is optimized.
    pub(super) fn amount(&self) -> u32 {
        match (&self.growth, &self.whole) {
            (Some(growth), _) => growth.states.amount() + growth.loop_entries.count(),
            (None, Some(whole)) => self.slots().len() as u32 * State::with(whole.tier).amount(),
            (None, None) => 0,
        }
    }

    /// Tells tools what the code is with which the set was made. Nobody calls it yet.
    pub(super) fn tell(&mut self, tools: &Tools) -> Result<(), Error> {
        let (Some(mut whole), Some(object)) = (self.whole.take(), self.object.clone()) else {
            return Ok(());
        };
        let _reports = tools.reports();
        let (start, tier) = (whole.published.range().start, whole.tier);
        let told = whole.tell(tools, &object, |span| self.kind_of(start, span, tier));
        self.whole = Some(whole);
        told
    }

    /// How a function's code in a block at an address was made.
    fn kind_of(&self, address: usize, span: FunctionSpan, whole: Tier) -> CodeKind {
        let func = DefinedFuncIndex(span.function);
        let tier = self.growth.as_ref().and_then(|growth| growth.states.get(func).tier());
        match self.slots()[func.index()].load(Acquire) == address + span.code_start as usize {
            true => CodeKind::Function(tier.unwrap_or(whole)),
            false => CodeKind::LoopEntry,
        }
    }

    pub fn mode(&self) -> CodeMode {
        self.mode
    }

    /// By [`DefinedFuncIndex`](crate::types::DefinedFuncIndex).
    pub fn slots(&self) -> &[Slot] {
        self.slots.get()
    }

    /// The slots with what lies around them.
    pub(super) fn all_slots(&self) -> &Slots {
        &self.slots
    }

    /// Sets what a function's code may execute before it is optimized.
    pub(super) fn set_budget(&self, func: DefinedFuncIndex, budget: i64) {
        self.slots.set_budget(func, budget);
    }

    /// The code that calls of a function reach, and the function's state. None if it is compiled later, or all code is
    /// final.
    pub(super) fn code_now(&self, func: DefinedFuncIndex) -> Option<(State, usize)> {
        let growth = self.growth.as_ref()?;
        let _growing = growth.context.growing();
        let state = growth.states.get(func);
        state.tier().map(|_| (state, self.slots()[func.index()].load(Acquire)))
    }

    /// The tier of the code that makes the call which returns to `return_address`, if it is of this set.
    pub(super) fn tier_at(&self, return_address: usize) -> Option<Tier> {
        let (func, start) = self.object()?.caller_at(return_address)?;
        let Some(growth) = &self.growth else { return self.whole.as_ref().map(|whole| whole.tier) };
        if self.slots()[func.index()].load(Acquire) == start {
            return growth.states.get(func).tier();
        }
        // Code that was replaced, or that continues a loop.
        let is_loop = growth.loop_entries.has(start);
        Some(if is_loop { Tier::Optimized } else { Tier::Baseline })
    }

    /// How hot a function with baseline code is.
    pub(super) fn warmth(&self, func: DefinedFuncIndex) -> Warmth {
        let heat = self.growth.as_ref().map_or(0, |growth| growth.states.heat(func));
        Warmth { heat, budget: self.slots.budget(func).unwrap_or(0) }
    }

    /// The function whose code begins at an address, and its encoded sites.
    pub(super) fn code_from(&self, address: usize) -> Option<(FunctionSpan, &[u8])> {
        self.object.as_ref()?.code_from(address)
    }

    /// Copies code from an address of this set.
    pub(super) fn copy_code(&self, address: usize, out: &mut [u8]) -> Result<(), Error> {
        if self.whole.as_ref().is_some_and(|whole| whole.copy(address, out)) {
            return Ok(());
        }
        match &self.growth {
            Some(growth) => growth.copy_code(address, out),
            None => Err(Error::internal("code of another set")),
        }
    }

    /// Whether all functions have code of this tier or better.
    pub(super) fn has_all(&self, tier: Tier) -> bool {
        match &self.growth {
            Some(growth) => growth.states.all_have(tier),
            None => self.whole.as_ref().is_none_or(|whole| whole.tier >= tier),
        }
    }

    /// Whether some function that may get better code has been optimized.
    pub(super) fn has_optimized(&self) -> bool {
        self.growth.as_ref().is_some_and(|growth| growth.states.count(State::Optimized) > 0)
    }

    /// Bytes of memory with which the set was made.
    pub(super) fn memory(&self) -> usize {
        self.slots.memory() + self.whole.as_ref().map_or(0, |whole| whole.memory)
    }

    /// How many functions wait to be optimized.
    pub(super) fn waiting(&self) -> usize {
        self.growth.as_ref().map_or(0, |growth| growth.states.count(State::Queued))
    }

    /// What lookups by address return.
    pub fn object(&self) -> Option<&CodeObject> {
        self.object.as_deref()
    }

    /// What is needed to add code, and the object that gets it; none if the code is final.
    pub(super) fn growth(&self) -> Option<(&Growth, &Arc<CodeObject>)> {
        self.growth.as_ref().zip(self.object.as_ref())
    }

    /// Whether all functions are optimized and call each other directly, or there are none.
    pub fn is_optimized(&self) -> bool {
        match &self.whole {
            Some(whole) => whole.tier == Tier::Optimized && self.growth.is_none(),
            None => self.slots().is_empty(),
        }
    }

    /// The machine code and the table of its functions and sites, if it was complete from the beginning.
    pub fn parts(&self) -> Option<(&[u8], &SiteTable)> {
        let sites = self.object.as_ref()?.chunks().find_map(|chunk| chunk.whole())?;
        Some((self.whole.as_ref()?.published.bytes(), sites))
    }
}

/// Slots with these addresses, and with budgets if the set `tiers_up`.
fn growing_slots(
    context: &CompileContext,
    module: &Module,
    tiers_up: bool,
    addresses: impl ExactSizeIterator<Item = usize>,
) -> Result<Slots, Error> {
    match tiers_up {
        true => Slots::with_budgets(context.patience().budgets(module), addresses),
        false => Slots::new(addresses),
    }
}

/// A function that had used up its budget is optimized as soon as it is called.
pub(super) fn restore_budget(slots: &Slots, part: &PlacedPart) {
    match part.role {
        Role::Function(State::Final) => slots.set_budget(part.func, FINAL),
        Role::Function(State::Baseline) if part.warmth.heat > 0 => slots.set_budget(part.func, 0),
        Role::Function(State::Baseline) => slots.set_budget(part.func, part.warmth.budget),
        _ => (),
    }
}
