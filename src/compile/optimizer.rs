//! The optimising function compiler as the drivers see it.

use super::context::CompileContext;
use super::units::{Backend, Unit};
use crate::abi::FunctionCode;
use crate::error::Error;
use std::sync::Arc;

pub struct Optimizer {
    _context: Arc<CompileContext>,
}

impl Optimizer {
    pub fn new(context: Arc<CompileContext>) -> Result<Optimizer, Error> {
        Ok(Optimizer { _context: context })
    }
}

impl Backend for Optimizer {
    type Scratch = ();

    fn scratch(&self) {}

    fn compile(&self, _: Unit<'_>, _: &mut ()) -> Result<FunctionCode, Error> {
        Err(Error::internal("the function compiler is missing in this build"))
    }
}
