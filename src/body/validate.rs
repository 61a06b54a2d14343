//! A body validated without compiling it.

use super::flow::Flow;
use super::limits::too_much_memory;
use super::locals::Locals;
use super::operators::{Handler, Validated, drive};
use crate::binary::{Limits, Validation, body_error};
use crate::error::Error;
use crate::module::Module;
use crate::sys::claim::Claim;
use crate::types::DefinedFuncIndex;
use wasmparser::FuncValidatorAllocations;

/// Validates one body. `allocations` are for reuse by the next one.
pub fn validate_body(
    module: &Module,
    validation: &Validation,
    func: DefinedFuncIndex,
    limits: &Limits,
    allocations: &mut FuncValidatorAllocations,
) -> Result<(), Error> {
    let function = validation.function(module, func)?;
    let mut validator = function.into_validator(std::mem::take(allocations));
    let mut memory = Memory::new(module, func, limits)?;
    let result = Validated::new(module, func, &mut validator, &mut Locals::default())
        .map_err(Failure::Invalid)
        .and_then(|body| drive(body, &mut Flow::default(), &mut memory));
    *allocations = validator.into_allocations();
    result.map_err(|failure| match failure {
        Failure::Invalid(error) => body_error(error, module, func),
        Failure::Refused(error) => error,
    })
}

enum Failure {
    Invalid(wasmparser::Error),
    Refused(Error),
}

impl From<wasmparser::Error> for Failure {
    fn from(error: wasmparser::Error) -> Failure {
        Failure::Invalid(error)
    }
}

/// The memory that validating takes. A few bytes may push a thousand operands, so it is claimed, and
/// bounded like that for compiling.
struct Memory<'m> {
    module: &'m Module,
    func: DefinedFuncIndex,
    limits: &'m Limits,
    claim: Option<Claim>,
}

const BASE: u64 = 64 << 10;
const PER_BYTE: u64 = 100;
const PER_OPERAND: u64 = 24;

impl<'m> Memory<'m> {
    fn new(
        module: &'m Module,
        func: DefinedFuncIndex,
        limits: &'m Limits,
    ) -> Result<Memory<'m>, Error> {
        let claim = Claim::new(need(module, func, 0) as usize)?;
        Ok(Memory { module, func, limits, claim: Some(claim) })
    }

    #[cold]
    fn claim(&mut self, need: u64) -> Result<(), Failure> {
        if need > self.limits.compile_memory {
            let error = too_much_memory(self.module, self.func, need, self.limits);
            return Err(Failure::Refused(error));
        }
        self.claim = None;
        let claim = Claim::new(2 * need as usize);
        self.claim = Some(claim.map_err(|e| Failure::Refused(e.into()))?);
        Ok(())
    }
}

fn need(module: &Module, func: DefinedFuncIndex, operands: u32) -> u64 {
    BASE + PER_BYTE * module.body(func).len() as u64 + PER_OPERAND * u64::from(operands)
}

impl Handler<'_> for Memory<'_> {
    type Error = Failure;

    const LISTENS: bool = false;

    #[inline]
    fn check(&mut self, operands: u32) -> Result<(), Failure> {
        let need = need(self.module, self.func, operands);
        let claimed = self.claim.as_ref().map_or(0, Claim::bytes);
        if need > claimed as u64 { self.claim(need) } else { Ok(()) }
    }
}
