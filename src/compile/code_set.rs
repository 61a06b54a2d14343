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
use super::slots::Slots;
use super::states::State;
use super::units::ModuleBodies;
use crate::abi::vmctx::Slot;
use crate::abi::{CodeMode, Tier};
use crate::code::function_table::SiteTable;
use crate::code::{CodeObject, PublishedCode, registry};
use crate::error::Error;
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use std::sync::Arc;

/// The code of one module in one mode. The fields are in the order in which they must be dropped.
pub struct CodeSet {
    mode: CodeMode,
    slots: Slots,
    whole: Option<Whole>,
    growth: Option<Growth>,
    /// What the registry points to; none without functions.
    object: Option<Arc<CodeObject>>,
}

/// Code that was complete from the beginning.
struct Whole {
    _registration: registry::Registration,
    published: PublishedCode,
    tier: Tier,
}

impl CodeSet {
    /// For a module without defined functions.
    pub fn empty(mode: CodeMode) -> Result<CodeSet, Error> {
        let slots = Slots::new([].into_iter())?;
        Ok(CodeSet { mode, slots, whole: None, growth: None, object: None })
    }

    /// Makes placed code reachable.
    pub fn new(
        module: &Arc<Module>,
        mode: CodeMode,
        placed: Placed,
        tier: Tier,
    ) -> Result<CodeSet, Error> {
        let range = placed.code.range();
        let slots = Slots::new(placed.starts.iter().map(|offset| range.start + *offset as usize))?;
        let object = Arc::new(CodeObject::new(module.clone()));
        let registration = registry::register(range.clone(), Arc::as_ptr(&object).cast())?;
        object.add_whole(range, placed.sites)?;
        let whole = Whole { _registration: registration, published: placed.code, tier };
        Ok(CodeSet { mode, slots, whole: Some(whole), growth: None, object: Some(object) })
    }

    /// A set whose functions are compiled when they are first called, and optimized when they are hot if it `tiers_up`.
    pub fn lazy(
        context: &Arc<CompileContext>,
        bodies: ModuleBodies,
        mode: CodeMode,
        tiers_up: bool,
    ) -> Result<CodeSet, Error> {
        let stubs = context.lazy_stubs(bodies.functions())?;
        let slots = match tiers_up {
            true => Slots::with_budgets(budgets(context, &bodies.module), stubs)?,
            false => Slots::new(stubs)?,
        };
        let object = Arc::new(CodeObject::new(bodies.module.clone()));
        let growth = Growth::new(context, bodies, mode, tiers_up, State::Lazy)?;
        Ok(CodeSet { mode, slots, whole: None, growth: Some(growth), object: Some(object) })
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
        let slots = Slots::with_budgets(budgets(context, &bodies.module), starts)?;
        let set = CodeSet::new(&bodies.module, mode, placed, Tier::Baseline)?;
        let growth = Growth::new(context, bodies, mode, true, State::Baseline)?;
        Ok(CodeSet { slots, growth: Some(growth), ..set })
    }

    pub fn mode(&self) -> CodeMode {
        self.mode
    }

    /// By [`DefinedFuncIndex`](crate::types::DefinedFuncIndex).
    pub fn slots(&self) -> &[Slot] {
        self.slots.get()
    }

    /// Sets what a function's code may execute before it is optimized.
    pub(super) fn set_budget(&self, func: DefinedFuncIndex, budget: i64) {
        self.slots.set_budget(func, budget);
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

/// Optimizing pays after a time that is proportional to what it takes itself: about 1.3 µs for each byte of a body.
fn budgets<'a>(
    context: &CompileContext,
    module: &'a Module,
) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + use<'a> {
    let percent = i64::from(context.tier_up_percent());
    let budget =
        move |body: &std::ops::Range<u32>| (7500 + 1000 * body.len() as i64) * percent / 100;
    module.bodies.iter().map(budget)
}
