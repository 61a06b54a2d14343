//! A module together with its compiled code.
//!
//! The code for one mode is compiled when the module is created, or its bodies are validated if functions are compiled
//! when they are first called; so errors in bodies are reported then. The other modes follow when an instance needs
//! them. A failed attempt leaves nothing behind and may be repeated.

use super::all::compile_all;
use super::code_set::CodeSet;
use super::context::CompileContext;
use super::counters::{Counters, Stats};
use super::events::{Event, Listener};
use super::linker::{Linker, Placed};
use super::place::{KeptModule, Place};
use super::plan::Plan;
use super::roles::Form;
use super::serialize::{self, Contents, Serialized, SerializedSet, SetParts, Subject};
use super::threads::Threads;
use super::tiers::Tiers;
use super::units::{Backend, Compile, ModuleBodies, Validate};
use super::workers;
use crate::abi::{CodeMode, Tier, Variant};
use crate::binary::{Decoded, Limits, Validation, decode, decode_with};
use crate::body::limits::check_body_limits;
use crate::code::CodeObject;
use crate::error::Error;
use crate::module::Module;
use crate::sys::once::OnceArc;
use crate::sys::{reserve, stack};
use crate::types::{DefinedFuncIndex, TypeRegistry};
use smallvec::SmallVec;
use std::ptr;
use std::sync::Arc;

/// The stack that decoding may need, with room to spare. Threads may have less: as little as 16 KiB.
pub(super) const DECODE_STACK: usize = 256 << 10;

/// What the calling thread does first while others work on a module; not done if there are none.
pub type Aside<'a> = &'a dyn Fn(&Module);

/// No such thing.
pub const NOTHING_ELSE: Aside<'static> = &|_| ();

/// A module and its code, shared by all its instances.
pub struct CompiledModule {
    pub(super) context: Arc<CompileContext>,
    pub(super) module: Arc<Module>,
    validation: Validation,
    /// All bodies were validated.
    pub(super) are_valid: bool,
    pub(super) counters: Arc<Counters>,
    /// By mode.
    pub(super) sets: [OnceArc<CodeSet>; CodeMode::COUNT],
    /// Where the code is kept, if it is. Not that of serialized modules, whose bodies nobody has validated.
    pub(super) kept: Option<Arc<KeptModule>>,
}

impl CompiledModule {
    /// Decodes, validates, and compiles for `mode` what the engine's setting says. Where other threads help, the calling
    /// one first does something else.
    pub fn new(
        context: &Arc<CompileContext>,
        bytes: &[u8],
        types: &TypeRegistry,
        mode: CodeMode,
        aside: Aside<'_>,
    ) -> Result<CompiledModule, Error> {
        let decode = || decode_checked(bytes, types, context.limits());
        let Decoded { module, validation } = stack::with_room(DECODE_STACK, decode)??;
        let bodies = ModuleBodies::new(context, Arc::new(module), validation);
        let mut compiled = CompiledModule::of(context, bodies);
        compiled.begin(mode, Plan::of(context.setting()), aside)?;
        Ok(compiled)
    }

    /// Takes the code for a mode from the cache folder or, if it is not there, validates and compiles what the plan says.
    fn begin(&mut self, mode: CodeMode, plan: Plan, aside: Aside<'_>) -> Result<(), Error> {
        let place = self.place(mode);
        let sought = self.sought_at_once(&place, plan);
        match sought.and_then(|place| self.resume(place, plan)) {
            Some((set, amount)) => self.add(set.kept_in(place, amount)).map(drop),
            None => self.begin_anew(mode, plan, place, aside),
        }
    }

    /// Validates and compiles what the plan says.
    pub(super) fn begin_anew(
        &mut self,
        mode: CodeMode,
        plan: Plan,
        place: Option<Place>,
        aside: Aside<'_>,
    ) -> Result<(), Error> {
        if plan.kind(mode).is_none() && !self.are_valid {
            validate_bodies(self.bodies(), &self.context, aside)?;
            self.are_valid = true;
        }
        self.add(self.make(mode, plan, aside)?.kept_in(place, 0)).map(drop)
    }

    /// A module without code.
    pub(super) fn of(context: &Arc<CompileContext>, bodies: ModuleBodies) -> CompiledModule {
        let ModuleBodies { module, validation, are_valid, counters, .. } = bodies;
        counters.hold(module.memory());
        let kept = context.cache().map(|_| Arc::default());
        let (context, sets) = (context.clone(), Default::default());
        CompiledModule { context, module, validation, are_valid, counters, sets, kept }
    }

    /// Adds the code for a mode, unless there is some. What there is then.
    pub(super) fn add(&self, mut set: CodeSet) -> Result<Arc<CodeSet>, Error> {
        if set.has_all(Tier::Baseline) {
            set.recall();
        }
        set.tell(self.context.tools())?;
        let set = Arc::new(set);
        let there = self.sets[set.mode().number()].get_or_offer(set.clone());
        if Arc::ptr_eq(&there, &set) {
            self.counters.hold(set.memory());
        }
        Ok(there)
    }

    /// What [`CompiledModule::deserialize`] reads: the binary, and the code of each mode that was used. What a `tier` is
    /// given for is compiled now where there is no such code or better.
    pub fn serialize(&self, tier: Option<Tier>) -> Result<Serialized<'_>, Error> {
        reserve::begin()?;
        let mut sets = SmallVec::new();
        for set in self.sets.iter().filter_map(|set| set.get()) {
            set.recall();
            sets.push(SetParts::of(
                tier.map_or(Ok(set.clone()), |tier| self.complete(set, tier))?,
            )?);
        }
        let (features, key) = (self.context.features(), self.context.serialize_key());
        Ok(Serialized { subject: Subject::Module(&self.module.bytes), sets, features, key })
    }

    /// This set, or a new one, with code for all functions.
    fn complete(&self, set: Arc<CodeSet>, tier: Tier) -> Result<Arc<CodeSet>, Error> {
        if set.has_all(tier) {
            return Ok(set);
        }
        // Code that is optimized as a whole is better than the same functions one by one.
        let is_new = tier == Tier::Optimized && !set.has_optimized();
        if is_new {
            return Ok(Arc::new(self.optimized(set.mode())?));
        }
        compile_all(set.clone(), tier, &self.threads())?;
        Ok(set)
    }

    /// A module from serialized bytes. Its sections are decoded again; its bodies are only checked against the
    /// limits of the engine.
    pub fn deserialize(
        context: &Arc<CompileContext>,
        bytes: &[u8],
        types: &TypeRegistry,
    ) -> Result<CompiledModule, Error> {
        let mut contents = Contents::open(bytes, context.serialize_key(), context.features())?;
        let Subject::Module(binary) = contents.subject else {
            return Err(serialize::refused("an entry of a cache folder"));
        };
        let Decoded { module, validation } = decode(binary, types, context.limits())?;
        let bodies = ModuleBodies::new(context, Arc::new(module), validation);
        let mut compiled = CompiledModule::of(context, bodies);
        compiled.kept = None;
        let module = &compiled.module;
        let functions = module.bodies.len();
        for func in 0..functions as u32 {
            check_body_limits(module, DefinedFuncIndex(func), context.limits())?;
        }
        while let Some(set) = contents.next_set()? {
            if compiled.sets[set.mode.number()].get().is_some() {
                return Err(serialize::refused("two code sets of one mode"));
            }
            compiled.add(compiled.load(&set)?)?;
        }
        reserve::checkpoint()?;
        Ok(compiled)
    }

    /// The set of serialized code.
    pub(super) fn load(&self, set: &SerializedSet<'_>) -> Result<CodeSet, Error> {
        let placed = set.place(self.context.code_memory(), self.module.bodies.len())?;
        match set.form {
            Form::Final => CodeSet::complete(&self.module, set.mode, placed),
            Form::Growing { tiers_up } => {
                CodeSet::resumed(&self.context, self.bodies(), set.mode, tiers_up, placed)
            }
        }
    }

    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// Whether there is code for `mode`, or no function that needs any.
    pub fn has_code(&self, mode: CodeMode) -> bool {
        self.module.bodies.is_empty() || self.sets[mode.number()].get().is_some()
    }

    /// The code for `mode`, compiled if there is none yet. No lock is held meanwhile, because a forked child would
    /// find it locked for ever; if two threads compile the same set at once, one result is dropped.
    pub fn code_set(&self, mode: CodeMode) -> Result<Arc<CodeSet>, Error> {
        let cell = &self.sets[mode.number()];
        if let Some(set) = cell.get() {
            return Ok(set);
        }
        let plan = Plan::of(self.context.setting());
        let place = self.place(mode);
        let sought = self.sought_at_once(&place, plan);
        let (set, amount) = match sought.and_then(|place| self.find(place, plan)) {
            Some(found) => found,
            None => (self.make(mode, plan, NOTHING_ELSE)?, 0),
        };
        self.add(set.kept_in(place, amount))
    }

    fn optimized(&self, mode: CodeMode) -> Result<CodeSet, Error> {
        self.make(mode, Plan::Whole(Tier::Optimized), NOTHING_ELSE)
    }

    fn make(&self, mode: CodeMode, plan: Plan, aside: Aside<'_>) -> Result<CodeSet, Error> {
        if self.module.bodies.is_empty() {
            return CodeSet::empty(mode);
        }
        let tiers = Tiers(self.context.clone());
        let place = |kind| place(&self.context, tiers, self.bodies(), kind, aside);
        let placed = plan.kind(mode).map(place).transpose()?;
        let set = plan.code_set(&self.context, self.bodies(), mode, placed)?;
        reserve::checkpoint()?;
        Ok(set)
    }

    fn bodies(&self) -> ModuleBodies {
        ModuleBodies {
            module: self.module.clone(),
            validation: self.validation.clone(),
            limits: self.context.limits().clone(),
            are_valid: self.are_valid,
            counters: self.counters.clone(),
        }
    }

    /// Compiles all functions that have no code of a tier or better, in each mode that was used.
    pub fn compile_all(&self, tier: Tier) -> Result<(), Error> {
        reserve::begin()?;
        let threads = self.threads();
        let mut sets = self.sets.iter().filter_map(|set| set.get());
        sets.try_for_each(|set| compile_all(set, tier, &threads))
    }

    /// The threads that compile all functions.
    fn threads(&self) -> Threads {
        self.context.threads_to_compile(self.bodies().body_bytes())
    }

    /// Sets who is told what happens to the code, and tells it whether all functions have code already.
    pub fn listen(&self, listener: Option<Listener>) {
        let events = &self.counters.events;
        events.set(listener);
        let mut sets = self.sets.iter().filter_map(|set| set.get());
        let is_compiled =
            self.module.bodies.is_empty() || sets.any(|set| set.has_all(Tier::Baseline));
        events.tell(|| is_compiled.then_some(Event::Compiled));
    }

    /// The tier of the code that makes the call which returns to `return_address`, in `code` of this module.
    pub fn tier_at(&self, code: &CodeObject, return_address: usize) -> Option<Tier> {
        let mut sets = self.sets.iter().filter_map(|set| set.get());
        let set = sets.find(|set| set.object().is_some_and(|object| ptr::eq(object, code)))?;
        set.tier_at(return_address)
    }

    /// What was compiled so far.
    pub fn stats(&self) -> Stats {
        let sets = self.sets.iter().filter_map(|set| set.get());
        self.counters.stats(sets.map(|set| set.waiting()).sum())
    }
}

/// Compiles all functions of a module into one block.
pub(super) fn place<B: Backend>(
    context: &CompileContext,
    backend: B,
    bodies: ModuleBodies,
    kind: (Variant, Tier),
    aside: Aside<'_>,
) -> Result<Placed, Error> {
    let module = bodies.module.clone();
    let (functions, bytes) = (bodies.functions(), bodies.body_bytes());
    let threads = context.threads_to_compile(bytes);
    let linker =
        Linker::new(context.code_memory(), functions as usize, estimate(functions, bytes))?;
    let task = Compile::new(bodies, backend, kind, linker, threads.count)?;
    workers::run_with(task, functions, &threads, || aside(&module))?.into_linker().finish()
}

/// Decodes. The first error in the order of the bytes is reported, so bodies are validated if something behind them is
/// wrong.
fn decode_checked(bytes: &[u8], types: &TypeRegistry, limits: &Limits) -> Result<Decoded, Error> {
    decode_with(bytes, types, limits, |Decoded { module, validation }, there| {
        let bodies = ModuleBodies::uncounted(module, validation, limits);
        workers::run(Validate::new(bodies, 1)?, there, &Threads::one()).map(drop)
    })
}

/// Decodes and validates `bytes`, bodies included, without keeping the result.
pub fn validate(bytes: &[u8], types: &TypeRegistry, context: &CompileContext) -> Result<(), Error> {
    let limits = context.limits();
    let decoded = stack::with_room(DECODE_STACK, || decode_checked(bytes, types, limits))??;
    let bodies = ModuleBodies::uncounted(decoded.module, decoded.validation, limits);
    validate_bodies(bodies, context, NOTHING_ELSE)
}

fn validate_bodies(
    bodies: ModuleBodies,
    context: &CompileContext,
    aside: Aside<'_>,
) -> Result<(), Error> {
    let (module, functions) = (bodies.module.clone(), bodies.functions());
    let threads = context.threads_to_validate(bodies.body_bytes());
    let task = Validate::new(bodies, threads.count)?;
    workers::run_with(task, functions, &threads, || aside(&module)).map(drop)
}

/// Address space for the code of a module: more than nearly all need; untouched pages cost nothing.
pub(super) fn estimate(functions: u32, body_bytes: usize) -> usize {
    body_bytes.saturating_mul(4).saturating_add(functions as usize * 128)
}
