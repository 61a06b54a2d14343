//! Compiles one function, from body to code.
//!
//! A body is read once: each instruction is validated, then translated. A function that turns out to be too costly
//! (see `effort`, `chains` and `overlaps`) is left to the baseline compiler, whose cost is linear and whose frames are small.

use super::budget::Budget;
use super::effort::{LARGE_BODY, MANY_LOCALS};
use super::emit::{FunctionFacts, function_code};
use super::error::CompileError;
use super::inlining::Inlining;
use super::isa::Isa;
use super::loop_entry::entered_type;
use super::observed::Observed;
use super::places::Places;
use super::translation::{Stop, Translation};
use super::translator::{FuncTranslator, TranslationBuffers};
use super::{block_ends, calls, chains, loop_order, overlaps};
use crate::abi::loop_frame::LoopEntry;
use crate::abi::{FunctionCode, Metering, Variant};
use crate::binary::Validation;
use crate::body::{Flow, Locals, Plan, Stacks, Validated, drive, loops_around};
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncType};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, Signature, SourceLoc, UserFuncName};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

/// A function to be compiled.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub module: &'a Module,
    pub variant: Variant,
    pub func: DefinedFuncIndex,
    pub validation: &'a Validation,
    /// The set that the code is for, if the module runs already.
    pub observed: Option<&'a dyn Observed>,
}

/// Compiles one function of a module after another; there is one per worker.
pub struct FunctionCompiler {
    context: Context,
    allocation: regalloc2::Ctx,
    /// The last function's machine code as text, if that was requested.
    #[cfg(test)]
    disassembly: Option<String>,
    builder: FunctionBuilderContext,
    scratch: TranslationBuffers,
    budget: Budget,
    stacks: Stacks,
    locals: Locals,
    flow: Flow,
    plan: Plan,
    inlining: Inlining,
}

impl Default for FunctionCompiler {
    fn default() -> Self {
        FunctionCompiler::new()
    }
}

/// What to compile, and how.
#[derive(Clone, Copy)]
struct Task<'m> {
    request: Request<'m>,
    /// The loop that the code enters, instead of the function.
    entering: Option<&'m LoopEntry>,
    /// Whether calls may be inlined.
    inlines: bool,
}

/// The result of a translation.
enum Outcome {
    Done(FunctionFacts),
    TooCostly,
}

impl FunctionCompiler {
    pub fn new() -> FunctionCompiler {
        FunctionCompiler {
            context: Context::new(),
            allocation: regalloc2::Ctx::default(),
            #[cfg(test)]
            disassembly: None,
            builder: FunctionBuilderContext::new(),
            scratch: TranslationBuffers::default(),
            budget: Budget::default(),
            stacks: Stacks::default(),
            locals: Locals::default(),
            flow: Flow::default(),
            plan: Plan::default(),
            inlining: Inlining::default(),
        }
    }

    /// Sets the limit on the estimated memory of compiling a function.
    pub fn allow(&mut self, memory: u64) {
        self.budget.allow(memory);
    }

    /// Validates and compiles one function of a module; none if optimizing it is too costly, or exceeds a limit: the
    /// baseline compiler takes less memory, and makes smaller frames.
    pub fn compile(
        &mut self,
        isa: &Isa,
        request: Request<'_>,
    ) -> Result<Option<FunctionCode>, CompileError> {
        self.compile_task(Task { request, entering: None, inlines: false }, isa)
    }

    /// Compiles code that continues a running loop of a valid function. None if that is too costly, or not possible.
    pub fn compile_loop(
        &mut self,
        isa: &Isa,
        request: Request<'_>,
        entry: LoopEntry,
    ) -> Result<Option<FunctionCode>, CompileError> {
        self.compile_task(Task { request, entering: Some(&entry), inlines: false }, isa)
    }

    /// A function that only fits without inlining gets none of it.
    fn compile_task(
        &mut self,
        task: Task<'_>,
        isa: &Isa,
    ) -> Result<Option<FunctionCode>, CompileError> {
        let Request { module, func, variant, .. } = task.request;
        if module.body(func).len() > LARGE_BODY {
            return Ok(None);
        }
        let inlines = !variant.counted;
        match self.try_task(Task { inlines, ..task }, isa)? {
            None if self.inlining.changed_anything() => self.try_task(task, isa),
            code => Ok(code),
        }
    }

    fn try_task(
        &mut self,
        task: Task<'_>,
        isa: &Isa,
    ) -> Result<Option<FunctionCode>, CompileError> {
        let code = match self.translate(task, isa) {
            Ok(Outcome::Done(facts)) => self.generate(isa, &facts),
            Ok(Outcome::TooCostly) => Ok(None),
            Err(error) => Err(error),
        };
        match code {
            Err(error) if error.is_limit() => Ok(None),
            code => code,
        }
    }

    fn translate(&mut self, task: Task<'_>, isa: &Isa) -> Result<Outcome, CompileError> {
        let disassemble = self.context.want_disasm;
        self.context.clear();
        self.context.set_disasm(disassemble);
        self.scratch.clear();
        let outcome = self.translate_body(task, &*isa.target);
        if !matches!(outcome, Ok(Outcome::Done(_))) {
            // A builder that was not finished must not be used again.
            self.builder = FunctionBuilderContext::new();
        }
        outcome
    }

    fn translate_body(
        &mut self,
        task: Task<'_>,
        isa: &dyn TargetIsa,
    ) -> Result<Outcome, CompileError> {
        let Request { module, variant, func, validation, observed } = task.request;
        self.inlining.begin(func, task.inlines, task.entering.is_none());
        let size = module.body(func).len();
        self.budget.begin(size)?;
        let body = Validated::new(module, validation, func, &mut self.stacks, &mut self.locals)?;
        if self.locals.count() > MANY_LOCALS {
            return Ok(Outcome::TooCostly);
        }
        let metered = variant.mode.metering == Metering::On;
        let plan = metered.then(|| plan_of(&body, &mut self.plan, &mut self.flow));
        let (_, function_type) = module.func_type(module.func_index(func));
        let signature = signature(function_type, task.entering.is_some());
        let entering = task.entering.map(|entry| {
            let around = loops_around(body.trusted(), &mut self.flow, entry.number);
            (entry.clone(), around)
        });
        self.context.func = Function::with_name_signature(UserFuncName::user(0, func.0), signature);
        let builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder);
        let function = (func, &**function_type);
        let mut t = FuncTranslator::new(builder, module, function, isa, variant, &mut self.scratch);
        t.observed = observed;
        let arguments = match entering {
            Some((entry, around)) => t.begin_entered(entry, around, &self.locals),
            None => t.b.block_params(t.entry)[1..].to_vec(),
        };
        // The code at the entry belongs to no instruction of the body.
        t.b.set_srcloc(SourceLoc::new(0));
        t.declare_locals(&self.locals, &arguments);
        t.begin_function()?;
        if plan.as_ref().is_some_and(Plan::has_loops) {
            t.keep_fuel_in_variable();
        }
        let mut translation = Translation {
            t,
            plan,
            places: Places::new(&module.bodies.get(func)),
            hints: module.branch_hints(),
            inlining: &mut self.inlining,
            validation,
            budget: &mut self.budget,
            size,
            operands: 0,
            catching: 0,
        };
        if let Err(stop) = drive(body, &mut self.flow, &mut translation) {
            return stopped(stop);
        }
        let Translation { mut t, plan, places, .. } = translation;
        t.finish_entered()?;
        t.drop_unused_loads_of_fuel();
        let facts = FunctionFacts {
            places,
            depths: t.depths.take(),
            accesses: t.accesses.take(),
            calls: t.calls,
            tail_args: t.tail_args,
            // The loop's function has paid.
            entry_fuel: plan.as_ref().filter(|_| task.entering.is_none()).map(|plan| plan.entry),
            own: func,
            variant,
        };
        self.plan = plan.unwrap_or_default();
        t.b.finalize(isa.frontend_config());
        if chains::are_long(&self.context.func) {
            return Ok(Outcome::TooCostly);
        }
        loop_order::order(&mut self.context.func);
        block_ends::mark(&mut self.context.func);
        Ok(Outcome::Done(facts))
    }

    /// The machine code of the last function as text, if that was requested.
    #[cfg(test)]
    pub(super) fn disassembly(&self) -> Option<&str> {
        self.disassembly.as_deref()
    }

    #[cfg(test)]
    pub(super) fn set_disassembly(&mut self) {
        self.context.set_disasm(true);
    }

    fn generate(
        &mut self,
        isa: &Isa,
        facts: &FunctionFacts,
    ) -> Result<Option<FunctionCode>, CompileError> {
        let FunctionCompiler { context, allocation, .. } = self;
        let (isa, control) = (&*isa.target, &mut ControlPlane::default());
        context.optimize(isa, control).map_err(codegen_error)?;
        let Context { func, domtree, want_disasm, .. } = context;
        if overlaps::are_many(func) {
            return Ok(None);
        }
        let compiled = isa.compile_function(func, domtree, allocation, *want_disasm, control);
        let compiled = compiled.map_err(codegen_error)?.apply_params(&func.params);
        #[cfg(test)]
        self.disassembly.clone_from(&compiled.vcode);
        function_code(func, &compiled, facts).map(Some)
    }
}

/// The charges of a body, in the buffers of the last one.
fn plan_of(body: &Validated<'_, '_>, last: &mut Plan, flow: &mut Flow) -> Plan {
    let mut plan = std::mem::take(last);
    plan.make(body.trusted(), flow);
    plan
}

/// The signature of a function's code, or of code that enters a loop of it.
fn signature(function: &FuncType, enters_loop: bool) -> Signature {
    if enters_loop {
        return calls::guest_signature(&entered_type(function));
    }
    calls::guest_signature(function)
}

fn stopped(stop: Stop) -> Result<Outcome, CompileError> {
    match stop {
        Stop::TooCostly => Ok(Outcome::TooCostly),
        Stop::Failed(error) => Err(error),
    }
}

fn codegen_error(error: CodegenError) -> CompileError {
    match error {
        CodegenError::ImplLimitExceeded | CodegenError::CodeTooLarge => {
            CompileError::Limit("function too large")
        }
        other => CompileError::internal(other.to_string()),
    }
}
