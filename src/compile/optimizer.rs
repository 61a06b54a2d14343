//! The optimising function compiler as the drivers see it.

use super::context::CompileContext;
use super::units::{Backend, Unit};
use crate::abi::FunctionCode;
use crate::binary::headroom::Headroom;
use crate::error::{Error, Phase};
use crate::module::Module;
use crate::optimize::{DirectCalls, FunctionCompiler, Isa};
use crate::types::DefinedFuncIndex;
use std::sync::Arc;

/// Memory that compiling a function takes at its peak: nearly proportional to the body, measured
/// on real modules at 370 to 940 bytes per byte of bodies from 1 to 200 KiB.
const MEMORY_PER_BYTE: u64 = 900;
const MEMORY_AT_LEAST: u64 = 64 << 10;

/// After a body of this size a worker's buffers are given back: the next function needs less.
const LARGE_BODY: usize = 32 << 10;

pub struct Optimizer {
    isa: Arc<Isa>,
    /// What one function may need at most.
    memory: u64,
}

impl Optimizer {
    pub fn new(context: Arc<CompileContext>) -> Result<Optimizer, Error> {
        Ok(Optimizer { isa: context.isa()?, memory: context.limits().compile_memory })
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
        let size = module.body(func).len();
        let _claim = self.claim_memory(size).map_err(|e| in_function(e, module, func))?;
        // All functions of a set are linked in one block.
        let code = compiler
            .compile(&self.isa, module, mode, DirectCalls::Yes, func, validation)
            .map_err(|e| e.into_error(module, func));
        if size >= LARGE_BODY {
            *compiler = FunctionCompiler::new();
        }
        code
    }
}

impl Optimizer {
    fn claim_memory(&self, size: usize) -> Result<Headroom, Error> {
        let needed = MEMORY_AT_LEAST + MEMORY_PER_BYTE * size as u64;
        if needed > self.memory {
            let text = format!("compiling would take {needed} bytes, allowed are {}", self.memory);
            return Err(Error::limit(Phase::Compile, text));
        }
        Headroom::claim(usize::try_from(needed).unwrap_or(usize::MAX))
    }
}

#[cold]
fn in_function(error: Error, module: &Module, func: DefinedFuncIndex) -> Error {
    let index = module.func_index(func);
    error.in_function(index, module.function_name(index))
}
