//! A module's functions as units of work, to validate or to compile.

use super::context::CompileContext;
use super::counters::Counters;
use super::linker::Linker;
use super::workers::Task;
use crate::abi::{FunctionCode, Tier, Variant};
use crate::binary::{Limits, Validation};
use crate::body::limits::check_body_limits;
use crate::body::{ValidationBuffers, validate_body};
use crate::error::{Error, Phase};
use crate::module::Module;
use crate::observe::CodeKind;
use crate::optimize::Observed;
use crate::types::DefinedFuncIndex;
use std::sync::Arc;
use std::time::Instant;

/// One function to compile.
pub struct Unit<'a> {
    pub bodies: &'a ModuleBodies,
    pub module: &'a Module,
    pub variant: Variant,
    pub tier: Tier,
    pub func: DefinedFuncIndex,
    pub validation: &'a Validation,
    /// Bytes of memory that compiling may take, by estimate.
    pub memory: u64,
    /// The set that the code is for, if the module runs already.
    pub observed: Option<&'a dyn Observed>,
}

/// A function compiler, which also validates what it compiles.
pub trait Backend: Send + Sync + 'static {
    /// A thread's compiler, reused from function to function.
    type Compiler: Default;

    fn compile(&self, unit: Unit<'_>, compiler: &mut Self::Compiler)
    -> Result<FunctionCode, Error>;
}

/// A module with all that compiling its bodies needs.
#[derive(Clone)]
pub struct ModuleBodies {
    pub module: Arc<Module>,
    pub validation: Validation,
    pub limits: Limits,
    /// All bodies are known to be valid.
    pub are_valid: bool,
    pub counters: Arc<Counters>,
}

impl ModuleBodies {
    /// Of a module that belongs to an engine, whose bodies may be invalid.
    pub fn new(
        context: &CompileContext,
        module: Arc<Module>,
        validation: Validation,
    ) -> ModuleBodies {
        let counters = Counters::of_module(context.counters(), module.bodies.len());
        let (limits, counters) = (context.limits().clone(), Arc::new(counters));
        ModuleBodies { module, validation, limits, are_valid: false, counters }
    }

    /// Of a module that is only validated: no engine counts it.
    pub fn uncounted(module: Module, validation: Validation, limits: &Limits) -> ModuleBodies {
        let (module, limits, counters) = (Arc::new(module), limits.clone(), Arc::default());
        ModuleBodies { module, validation, limits, are_valid: false, counters }
    }

    pub fn functions(&self) -> u32 {
        self.module.bodies.len() as u32
    }

    /// Bytes of all bodies.
    pub fn body_bytes(&self) -> usize {
        self.module.bodies.iter().map(|body| body.len()).sum()
    }

    /// Compiles one function of a module that does not run yet.
    pub fn compile<B: Backend>(
        &self,
        backend: &B,
        func: DefinedFuncIndex,
        kind: (Variant, Tier),
        compiler: &mut B::Compiler,
    ) -> Result<FunctionCode, Error> {
        self.compile_observed(backend, func, kind, compiler, None)
    }

    /// Compiles one function for a set of code that runs.
    pub fn compile_observed<B: Backend>(
        &self,
        backend: &B,
        func: DefinedFuncIndex,
        (variant, tier): (Variant, Tier),
        compiler: &mut B::Compiler,
        observed: Option<&dyn Observed>,
    ) -> Result<FunctionCode, Error> {
        let module = &*self.module;
        check_body_limits(module, func, &self.limits)?;
        let validation = &self.validation;
        let memory = self.limits.compile_memory;
        let unit = Unit { bodies: self, module, variant, tier, func, validation, memory, observed };
        let begin = Instant::now();
        let code = backend.compile(unit, compiler).map_err(|e| e.during(Phase::Compile))?;
        self.counters.compiled(tier, code.bytes.len(), begin.elapsed());
        if let Some(timeline) = self.counters.timeline() {
            let kind = CodeKind::Function(tier);
            timeline.compiled(&self.module, func, kind, code.bytes.len(), begin);
        }
        Ok(code)
    }
}

/// What a thread needs to validate bodies. It says how long it took when it is dropped: asking the clock for each body would
/// take longer than validating a small one.
#[derive(Default)]
pub struct Validating {
    buffers: ValidationBuffers,
    since: Option<(Instant, Arc<Counters>)>,
}

impl Validating {
    fn begin(&mut self, counters: &Arc<Counters>) -> &mut ValidationBuffers {
        self.since.get_or_insert_with(|| (Instant::now(), counters.clone()));
        &mut self.buffers
    }
}

impl Drop for Validating {
    fn drop(&mut self) {
        if let Some((since, counters)) = &self.since {
            counters.validated(since.elapsed());
        }
    }
}

/// Validates bodies.
pub struct Validate {
    bodies: ModuleBodies,
    order: Option<Vec<u32>>,
}

impl Validate {
    /// With several `threads` the largest functions come first.
    pub fn new(bodies: ModuleBodies, threads: usize) -> Result<Validate, Error> {
        let order = order(&bodies.module, threads)?;
        Ok(Validate { bodies, order })
    }
}

impl Task for Validate {
    type ThreadState = Validating;

    fn run(&self, unit: u32, thread: &mut Validating) -> Result<(), Error> {
        let func = DefinedFuncIndex(unit);
        let ModuleBodies { module, validation, limits, counters, .. } = &self.bodies;
        let buffers = thread.begin(counters);
        check_body_limits(module, func, limits)?;
        validate_body(module, validation, func, limits, buffers)
    }

    fn order(&self) -> Option<&[u32]> {
        self.order.as_deref()
    }

    fn chunk(&self) -> u32 {
        4
    }
}

/// Compiles functions and hands them to the linker.
pub struct Compile<B> {
    bodies: ModuleBodies,
    backend: B,
    kind: (Variant, Tier),
    order: Option<Vec<u32>>,
    linker: Linker,
}

impl<B: Backend> Compile<B> {
    /// With several `threads` the largest functions come first.
    pub fn new(
        bodies: ModuleBodies,
        backend: B,
        kind: (Variant, Tier),
        linker: Linker,
        threads: usize,
    ) -> Result<Compile<B>, Error> {
        let order = order(&bodies.module, threads)?;
        Ok(Compile { bodies, backend, kind, order, linker })
    }

    pub fn into_linker(self) -> Linker {
        self.linker
    }
}

impl<B: Backend> Task for Compile<B> {
    type ThreadState = B::Compiler;

    fn run(&self, unit: u32, compiler: &mut B::Compiler) -> Result<(), Error> {
        let func = DefinedFuncIndex(unit);
        let code = self.bodies.compile(&self.backend, func, self.kind, compiler)?;
        self.linker.add(func, code)
    }

    fn order(&self) -> Option<&[u32]> {
        self.order.as_deref()
    }
}

/// Bodies of at least this size are begun before all others.
const LARGE_BODY: usize = 8 << 10;

/// The order for several threads: large functions first, so that none is begun last while the other threads wait.
fn order(module: &Module, threads: usize) -> Result<Option<Vec<u32>>, Error> {
    if threads < 2 {
        return Ok(None);
    }
    let size = |func: &u32| module.body(DefinedFuncIndex(*func)).len();
    let mut order = Vec::new();
    order.try_reserve_exact(module.bodies.len())?;
    let all = 0..module.bodies.len() as u32;
    order.extend(all.clone().filter(|func| size(func) >= LARGE_BODY));
    order.sort_by_key(|func| std::cmp::Reverse(size(func)));
    order.extend(all.filter(|func| size(func) < LARGE_BODY));
    Ok(Some(order))
}
