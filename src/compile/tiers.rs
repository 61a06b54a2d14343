//! The function compilers, as a backend of the drivers: one for each tier.
//!
//! A function that takes too long or too much memory to optimize gets the baseline compiler's code in both tiers.

use super::context::CompileContext;
use super::units::{Backend, ModuleBodies, Unit};
use crate::abi::loop_frame::LoopEntry;
use crate::abi::{FunctionCode, Tier, Variant};
use crate::baseline;
use crate::body::{ValidationBuffers, watch_body};
use crate::error::Error;
use crate::optimize::{FunctionCompiler, Observed, Request};
use crate::sys::cpu::in_default_float_mode;
use crate::types::DefinedFuncIndex;
use std::sync::Arc;

/// After a body of at least this size a worker's buffers are freed: the next function needs less.
const LARGE_BODY: usize = 32 << 10;

/// What compiling in any tier needs.
pub struct Tiers(pub Arc<CompileContext>);

/// The compilers of one thread. The optimizing one, and the description of its target, are made when they are needed:
/// that takes longer than the baseline compiler takes for a small module.
#[derive(Default)]
pub struct Compilers {
    validation: ValidationBuffers,
    pub(super) baseline: Box<baseline::FunctionCompiler>,
    optimizer: Option<FunctionCompiler>,
}

impl Compilers {
    pub fn validation(&mut self) -> &mut ValidationBuffers {
        &mut self.validation
    }

    /// The optimizing compiler, which may take this much memory.
    fn optimizer(&mut self, memory: u64) -> &mut FunctionCompiler {
        let optimizer = self.optimizer.get_or_insert_with(FunctionCompiler::new);
        optimizer.allow(memory);
        optimizer
    }
}

impl Backend for Tiers {
    type Compiler = Compilers;

    fn compile(&self, unit: Unit<'_>, compilers: &mut Compilers) -> Result<FunctionCode, Error> {
        let size = unit.module.body(unit.func).len();
        // Constants are folded by arithmetic on this thread, whose floating-point mode may be the host's.
        let code = in_default_float_mode(|| match unit.tier {
            Tier::Baseline => self.baseline(unit, compilers),
            Tier::Optimized => self.optimized(unit, compilers),
        });
        if size >= LARGE_BODY {
            *compilers = Compilers::default();
        }
        code
    }
}

impl Tiers {
    /// Compiles code that continues the loop with this number of a function whose body is valid. None if there can be
    /// no such code.
    pub fn compile_loop(
        &self,
        bodies: &ModuleBodies,
        func: DefinedFuncIndex,
        variant: Variant,
        number: u32,
        observed: Option<&dyn Observed>,
    ) -> Result<Option<FunctionCode>, Error> {
        let (isa, module) = (self.0.isa()?, &*bodies.module);
        let mut compilers = Compilers::default();
        let validation = &bodies.validation;
        let code = in_default_float_mode(|| {
            let frame = compilers.baseline.loop_frame(module, func)?;
            let entry = LoopEntry { number, frame };
            let optimizer = compilers.optimizer(bodies.limits.compile_memory);
            let request = Request { module, variant, func, validation, observed };
            optimizer.compile_loop(&isa, request, entry)
        });
        code.map_err(|e| e.into_error(module, func))
    }

    fn baseline(&self, unit: Unit<'_>, compilers: &mut Compilers) -> Result<FunctionCode, Error> {
        let Unit { bodies, module, func, variant, memory, .. } = unit;
        let Compilers { validation: buffers, baseline, .. } = compilers;
        if !bodies.are_valid {
            let scan = &mut baseline.scan(module);
            watch_body(module, &bodies.validation, func, &bodies.limits, buffers, scan)?;
        }
        let (features, is_scanned) = (self.0.features(), !bodies.are_valid);
        let task = baseline::Task { module, func, variant, features, is_scanned, memory };
        baseline.compile(task).map_err(|e| e.into_error(module, func))
    }

    fn optimized(&self, unit: Unit<'_>, compilers: &mut Compilers) -> Result<FunctionCode, Error> {
        let Unit { bodies, module, variant, func, validation, memory, observed, .. } = unit;
        let request = Request { module, variant, func, validation, observed };
        let isa = self.0.isa()?;
        match compilers.optimizer(memory).compile(&isa, request) {
            Ok(Some(code)) => Ok(code),
            Ok(None) => {
                bodies.counters.oversized();
                self.baseline(unit, compilers)
            }
            Err(error) => Err(error.into_error(module, func)),
        }
    }
}
