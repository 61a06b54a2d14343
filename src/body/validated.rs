//! A body that is validated on the way.
//!
//! An operator is validated first and, if somebody handles it, decoded after that: validating alone, which must be
//! fast, makes no operators, and all handlers share one validator and one decoder.

use super::decode::Operators;
use super::locals::Locals;
use super::operators::{Guide, Handler, Source};
use super::validator::{Stacks, Validator};
use super::watch::Watch;
use crate::binary::Validation;
use crate::binary::bodies::function_body;
use crate::error::Error;
use crate::module::Module;
use crate::types::DefinedFuncIndex;

/// The operators of a body that is validated on the way.
pub struct Validated<'a, 'v> {
    validator: Validator<'a, 'v>,
    operators: Operators<'a>,
}

impl<'a, 'v> Validated<'a, 'v> {
    /// Reads the locals of a function and stops before its first operator.
    pub fn new(
        module: &'a Module,
        validation: &'a Validation,
        func: DefinedFuncIndex,
        stacks: &'v mut Stacks,
        locals: &mut Locals,
    ) -> Result<Validated<'a, 'v>, Error> {
        let mut reader = function_body(module, func).get_binary_reader();
        let index = module.func_index(func);
        let ty = module.functions[index.index()].0;
        let body = module.bodies.get(func);
        let bytes = &module.bytes[..body.end as usize];
        let mut validator = Validator::new(bytes, body.len(), validation, ty, stacks)?;
        let params = &module.func_type(index).1.params;
        let define = |offset, count, ty| validator.define_locals(offset, count, ty);
        locals.read(params, &mut reader, define)?;
        let operators = Operators::new(bytes, reader.original_position() as usize);
        Ok(Validated { validator, operators })
    }

    /// Validates all operators. `check` is told the number of operands before each operator and at the end.
    pub(super) fn validate(
        mut self,
        check: impl FnMut(u32) -> Result<(), Error>,
        watch: &mut impl Watch,
    ) -> Result<(), Error> {
        self.validator.run(self.operators.offset() as usize, check, watch)
    }

    /// The same operators, without validation.
    pub fn trusted(&self) -> Operators<'a> {
        self.operators.clone()
    }
}

impl<'a> Source<'a> for Validated<'a, '_> {
    #[inline]
    fn is_at_end(&self) -> bool {
        self.operators.is_at_end()
    }

    #[inline]
    fn offset(&self) -> u64 {
        self.operators.offset()
    }

    #[inline]
    fn operands(&self) -> u32 {
        self.validator.operands()
    }

    fn pass_next<H: Handler<'a>>(&mut self, guide: &mut Guide<'_, H>) -> Result<(), H::Error> {
        self.validator.step(self.operators.offset() as usize)?;
        self.operators.pass_next(guide)
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.validator.finish(self.operators.offset() as usize)
    }
}
