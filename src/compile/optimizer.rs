//! The optimizing function compiler, as a backend of the drivers.

use super::context::CompileContext;
use super::units::{Backend, Unit};
use crate::abi::FunctionCode;
use crate::error::Error;
use crate::optimize::{DirectCalls, FunctionCompiler, Isa};
use crate::sys::cpu::in_default_float_mode;
use std::sync::Arc;

/// After a body of at least this size a worker's buffers are freed: the next function needs less.
const LARGE_BODY: usize = 32 << 10;

pub struct Optimizer {
    isa: Arc<Isa>,
}

impl Optimizer {
    pub fn new(context: &CompileContext) -> Result<Optimizer, Error> {
        Ok(Optimizer { isa: context.isa()? })
    }
}

impl Backend for Optimizer {
    type Compiler = FunctionCompiler;

    fn compile(
        &self,
        unit: Unit<'_>,
        compiler: &mut FunctionCompiler,
    ) -> Result<FunctionCode, Error> {
        let Unit { module, mode, func, validation, memory } = unit;
        let size = module.body(func).len();
        compiler.allow(memory);
        // All functions of a set are linked in one block. Constants are folded by arithmetic on this thread,
        // whose floating-point mode may be the host's.
        let code = in_default_float_mode(|| {
            compiler.compile(&self.isa, module, mode, DirectCalls::Yes, func, validation)
        });
        let code = code.map_err(|e| e.into_error(module, func));
        if size >= LARGE_BODY {
            *compiler = FunctionCompiler::new();
        }
        code
    }
}
