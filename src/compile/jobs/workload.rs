//! What a job does with each body, and what becomes of it at the end.

use crate::abi::{CodeMode, Tier};
use crate::binary::{Late, Validation};
use crate::body::limits::check_body_limits;
use crate::body::validate_body;
use crate::compile::context::CompileContext;
use crate::compile::counters::Counters;
use crate::compile::linker::{Linker, Placed};
use crate::compile::module::{CompiledModule, NOTHING_ELSE, estimate};
use crate::compile::place::KeptModule;
use crate::compile::plan::Plan;
use crate::compile::resume::has_kept;
use crate::compile::tiers::{Compilers, Tiers};
use crate::compile::units::ModuleBodies;
use crate::error::Error;
use crate::module::Module;
use crate::optimize::awaited_body;
use crate::sys::reserve;
use crate::types::DefinedFuncIndex;
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::time::Instant;

/// The code sets that a job makes: one or two.
pub type Modes = SmallVec<[CodeMode; 2]>;

/// A module whose bodies arrive, and what is made of them.
pub struct Workload {
    context: Arc<CompileContext>,
    bodies: ModuleBodies,
    tiers: Tiers,
    plan: Plan,
    modes: Modes,
    /// One for each mode, unless bodies are only validated.
    linkers: SmallVec<[Linker; 2]>,
    /// Where the code is kept, if it is.
    kept: Option<Arc<KeptModule>>,
    /// The cache folder has the code: functions may be left out.
    is_kept: AtomicBool,
}

impl Workload {
    /// The bodies have `size` bytes together.
    pub fn new(
        context: &Arc<CompileContext>,
        (plan, modes): (Plan, &Modes),
        module: Arc<Module>,
        validation: Validation,
        size: usize,
    ) -> Result<Workload, Error> {
        let bodies = ModuleBodies::new(context, module, validation);
        let functions = bodies.functions();
        // The section says how long it is, and need not be right.
        let size = size.min(context.limits().module_size as usize);
        let mut linkers = SmallVec::new();
        if functions > 0 {
            for _ in modes.iter().filter_map(|mode| plan.kind(*mode)) {
                let estimate = estimate(functions, size);
                linkers.push(Linker::new(context.code_memory(), functions as usize, estimate)?);
            }
        }
        let kept = context.cache().map(|_| Arc::default());
        if let Some(timeline) = context.timeline().filter(|_| !linkers.is_empty()) {
            timeline.expect(&bodies.module).ok_or_else(Error::out_of_memory)?;
        }
        let (tiers, context) = (Tiers(context.clone()), context.clone());
        let (modes, is_kept) = (modes.clone(), AtomicBool::new(false));
        Ok(Workload { context, bodies, tiers, plan, modes, linkers, kept, is_kept })
    }

    pub fn functions(&self) -> u32 {
        self.bodies.functions()
    }

    pub fn size(&self, func: DefinedFuncIndex) -> usize {
        self.bodies.module.body(func).len()
    }

    /// Whether bodies are only validated.
    pub fn validates_only(&self) -> bool {
        self.linkers.is_empty()
    }

    pub fn counters(&self) -> &Arc<Counters> {
        &self.bodies.counters
    }

    /// The body that must arrive before a function is compiled; none if it can be compiled now.
    pub fn awaits(&self, func: DefinedFuncIndex) -> Option<DefinedFuncIndex> {
        match self.plan {
            Plan::Whole(Tier::Optimized) => awaited_body(&self.bodies.module, func),
            _ => None,
        }
    }

    /// Whether there may be code in a cache folder.
    pub fn may_be_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Whether all that is left to do was done by an earlier process. All bytes have arrived.
    pub fn look_up(&self) -> bool {
        let Some(kept) = &self.kept else { return false };
        let has = |mode| has_kept(&self.context, (&self.bodies.module, kept), mode, self.plan);
        let is_kept = self.modes.iter().all(|mode| has(*mode));
        self.is_kept.store(is_kept, Release);
        is_kept
    }

    /// Validates or compiles a function.
    pub fn run(&self, func: DefinedFuncIndex, compilers: &mut Compilers) -> Result<(), Error> {
        reserve::suffices()?;
        if self.validates_only() {
            let ModuleBodies { module, validation, limits, counters, .. } = &self.bodies;
            // Not by thread, since between two bodies it may wait for more bytes.
            let begin = Instant::now();
            check_body_limits(module, func, limits)?;
            validate_body(module, validation, func, limits, compilers.validation())?;
            counters.validated(begin.elapsed());
        }
        let kinds = self.modes.iter().filter_map(|mode| self.plan.kind(*mode));
        for (linker, kind) in self.linkers.iter().zip(kinds) {
            linker.add(func, self.bodies.compile(&self.tiers, func, kind, compilers)?)?;
        }
        Ok(reserve::checkpoint()?)
    }

    /// The module, once all functions are done and nobody else has this.
    pub fn finish(self, late: Late) -> Result<CompiledModule, Error> {
        reserve::begin()?;
        let Workload { context, mut bodies, plan, modes, linkers, kept, is_kept, .. } = self;
        let is_kept = is_kept.into_inner();
        let arriving = Arc::downgrade(&bodies.module);
        let mut module = Arc::into_inner(bodies.module)
            .ok_or_else(|| Error::internal("a module is used after its job"))?;
        late.complete(&mut module);
        module.bytes.settle()?;
        bodies.module = Arc::new(module);
        if let Some(timeline) = context.timeline() {
            timeline.complete(&arriving, &bodies.module);
        }
        bodies.are_valid = linkers.is_empty() && !is_kept;
        let mut compiled = CompiledModule::of(&context, bodies.clone());
        compiled.kept = kept;
        let mut linkers = linkers.into_iter();
        for mode in modes.into_iter().filter(|_| bodies.functions() > 0) {
            let (linker, place) = (linkers.next(), compiled.place(mode));
            // An earlier process has at least as much as was compiled now.
            if let Some((set, amount)) =
                place.as_ref().and_then(|place| compiled.resume(place, plan))
            {
                compiled.add(set.kept_in(place, amount))?;
            } else if is_kept {
                // The code has gone meanwhile.
                compiled.begin_anew(mode, plan, place, NOTHING_ELSE)?;
            } else {
                let placed: Option<Placed> = linker.map(Linker::finish).transpose()?;
                let set = plan.code_set(&context, bodies.clone(), mode, placed)?;
                compiled.add(set.kept_in(place, 0))?;
            }
        }
        reserve::checkpoint()?;
        Ok(compiled)
    }
}
