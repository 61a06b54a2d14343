//! The optimising function compiler as the drivers see it.

use super::context::CompileContext;
use super::units::{Backend, Unit};
use crate::abi::FunctionCode;
use crate::error::Error;
use crate::optimize::{DirectCalls, FunctionCompiler, Isa};
use std::sync::Arc;

pub struct Optimizer {
    isa: Arc<Isa>,
}

impl Optimizer {
    pub fn new(context: Arc<CompileContext>) -> Result<Optimizer, Error> {
        Ok(Optimizer { isa: context.isa()? })
    }
}

impl Backend for Optimizer {
    type Scratch = FunctionCompiler;

    fn scratch(&self) -> FunctionCompiler {
        FunctionCompiler::new()
    }

    fn compile(
        &self,
        unit: Unit<'_>,
        compiler: &mut FunctionCompiler,
    ) -> Result<FunctionCode, Error> {
        let Unit { module, mode, func, validation } = unit;
        // All functions of a set are linked in one block.
        compiler
            .compile(&self.isa, module, mode, DirectCalls::Yes, func, validation)
            .map_err(|e| e.into_error(module, func))
    }
}
