//! Validates a body without compiling it.

use super::error::CompileError;
use super::limits::{LEAST_MEMORY, LEAST_MEMORY_PER_BYTE};
use super::locals::Locals;
use super::validated::Validated;
use super::validator::Stacks;
use super::watch::Watch;
use crate::binary::{Limits, Validation};
use crate::error::Error;
use crate::module::Module;
use crate::types::DefinedFuncIndex;

/// Buffers that are reused from body to body.
#[derive(Default)]
pub struct ValidationBuffers {
    stacks: Stacks,
    locals: Locals,
}

/// Validates one body.
pub fn validate_body(
    module: &Module,
    validation: &Validation,
    func: DefinedFuncIndex,
    limits: &Limits,
    buffers: &mut ValidationBuffers,
) -> Result<(), Error> {
    watch_body(module, validation, func, limits, buffers, &mut ())
}

/// Validates one body, at which something else looks on the way.
pub fn watch_body(
    module: &Module,
    validation: &Validation,
    func: DefinedFuncIndex,
    limits: &Limits,
    buffers: &mut ValidationBuffers,
    watch: &mut impl Watch,
) -> Result<(), Error> {
    let memory = Memory::new(module, func, limits);
    let ValidationBuffers { stacks, locals } = buffers;
    let mut validate = || {
        let body = Validated::new(module, validation, func, stacks, locals)?;
        watch.begin(locals)?;
        body.validate(|operands| memory.check(operands), watch)
    };
    validate().map_err(|error| in_function(error, module, func))
}

/// Whether a small body is valid.
pub fn is_valid(
    module: &Module,
    validation: &Validation,
    func: DefinedFuncIndex,
    buffers: &mut ValidationBuffers,
) -> bool {
    let ValidationBuffers { stacks, locals } = buffers;
    let body = Validated::new(module, validation, func, stacks, locals);
    body.and_then(|body| body.validate(|_| Ok(()), &mut ())).is_ok()
}

/// An error in the body of a function.
#[cold]
fn in_function(error: Error, module: &Module, func: DefinedFuncIndex) -> Error {
    let index = module.func_index(func);
    error.in_function(index, module.display_name(index))
}

/// How many operands a body may have: their memory is limited as it is for compiling, because a few bytes may push a
/// thousand. What is refused here, no compiler could compile within the limit.
struct Memory<'m> {
    module: &'m Module,
    func: DefinedFuncIndex,
    limits: &'m Limits,
    most_operands: u32,
}

const PER_OPERAND: u64 = 24;

impl<'m> Memory<'m> {
    fn new(module: &'m Module, func: DefinedFuncIndex, limits: &'m Limits) -> Memory<'m> {
        let without = LEAST_MEMORY + LEAST_MEMORY_PER_BYTE * module.body(func).len() as u64;
        let operands = limits.compile_memory.saturating_sub(without) / PER_OPERAND;
        let most_operands = u32::try_from(operands).unwrap_or(u32::MAX);
        Memory { module, func, limits, most_operands }
    }

    #[inline]
    fn check(&self, operands: u32) -> Result<(), Error> {
        if operands <= self.most_operands { Ok(()) } else { Err(self.too_many()) }
    }

    #[cold]
    fn too_many(&self) -> Error {
        let allowed = self.limits.compile_memory;
        CompileError::TooMuchMemory { allowed }.into_error(self.module, self.func)
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
