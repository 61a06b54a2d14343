//! Validates a body without compiling it.

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

/// Buffers that are reused from body to body.
#[derive(Default)]
pub struct ValidationBuffers {
    validator: FuncValidatorAllocations,
    locals: Locals,
    flow: Flow,
}

/// Validates one body.
pub fn validate_body(
    module: &Module,
    validation: &Validation,
    func: DefinedFuncIndex,
    limits: &Limits,
    buffers: &mut ValidationBuffers,
) -> Result<(), Error> {
    let function = validation.function(module, func)?;
    let mut validator = function.into_validator(std::mem::take(&mut buffers.validator));
    let mut memory = Memory::new(module, func, limits)?;
    let result = Validated::new(module, func, &mut validator, &mut buffers.locals)
        .map_err(Failure::Invalid)
        .and_then(|body| drive(body, &mut buffers.flow, &mut memory));
    buffers.validator = validator.into_allocations();
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

/// The memory that validating takes. A few bytes may push a thousand operands, so memory is claimed, and limited as
/// it is for compiling.
struct Memory<'m> {
    module: &'m Module,
    func: DefinedFuncIndex,
    limits: &'m Limits,
    claim: Option<Claim>,
    /// The number of operands that the claim covers.
    enough: u32,
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
        let mut memory = Memory { module, func, limits, claim: None, enough: 0 };
        memory.claim(memory.need(0))?;
        Ok(memory)
    }

    fn need(&self, operands: u32) -> u64 {
        let size = self.module.body(self.func).len() as u64;
        BASE + PER_BYTE * size + PER_OPERAND * u64::from(operands)
    }

    /// Claims `bytes`, or at least the minimum.
    fn claim(&mut self, bytes: u64) -> Result<(), Error> {
        self.claim = None;
        let claim = Claim::new(bytes as usize)?;
        let spare = (claim.bytes() as u64).saturating_sub(self.need(0));
        self.enough = u32::try_from(spare / PER_OPERAND).unwrap_or(u32::MAX);
        self.claim = Some(claim);
        Ok(())
    }

    #[cold]
    fn claim_for(&mut self, operands: u32) -> Result<(), Error> {
        let need = self.need(operands);
        if need > self.limits.compile_memory {
            return Err(too_much_memory(self.module, self.func, need, self.limits));
        }
        self.claim(2 * need)
    }
}

impl Handler<'_> for Memory<'_> {
    type Error = Failure;

    const LISTENS: bool = false;

    #[inline]
    fn check(&mut self, operands: u32) -> Result<(), Failure> {
        if operands <= self.enough {
            return Ok(());
        }
        self.claim_for(operands).map_err(Failure::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Decoded, decode};
    use crate::error::ErrorKind;
    use crate::types::TypeRegistry;

    fn validate(wat: &str, limits: &Limits) -> Result<(), Error> {
        let bytes = wat::parse_str(wat).unwrap();
        let Decoded { module, validation } =
            decode(&bytes, &TypeRegistry::default(), &Limits::default())?;
        let buffers = &mut ValidationBuffers::default();
        (0..module.bodies.len() as u32)
            .map(DefinedFuncIndex)
            .try_for_each(|func| validate_body(&module, &validation, func, limits, buffers))
    }

    #[test]
    fn what_is_wrong_in_a_body_is_said_with_its_place() {
        let limits = Limits::default();
        validate("(module (func) (func (result i32) (i32.const 1)))", &limits).unwrap();
        let wrong = "(module (func) (func $f (result i32) (i64.const 1)))";
        let error = validate(wrong, &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.function().map(|func| func.0), Some(1));
        assert!(error.byte_offset().is_some());
    }

    #[test]
    fn operands_may_take_as_much_memory_as_compiling() {
        let results = "i64 ".repeat(1000);
        let many = "call $many ".repeat(100);
        let module = format!(
            "(module (func $many (result {results}) unreachable) (func {many} unreachable))"
        );
        let within =
            |compile_memory| validate(&module, &Limits { compile_memory, ..Limits::default() });
        within(8 << 20).unwrap();
        let error = within(1 << 20).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(error.message().contains("WASMRT_OPTION_MAX_COMPILE_MEMORY"));
    }
}
