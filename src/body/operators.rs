//! The loop over the operators of a body.
//!
//! [`drive`] reads one operator after the other, validates it unless the body is trusted, and passes it to a
//! [`Handler`] if it can be reached. The loop is compiled separately for each handler: the opcode is decoded once,
//! for validating and handling together, and a handler that does not listen costs nothing. Handlers take
//! wasmparser's [`Operator`]: a match over the opcodes that a compiler supports is shorter than a visitor with 600
//! methods.

use super::flow::{Flow, is_control};
use super::locals::Locals;
use crate::binary::bodies::function_body;
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use wasmparser::{
    BinaryReader, FrameKind, FrameStack, FuncValidator, Operator, OperatorsReader,
    ValidatorResources, VisitOperator, VisitSimdOperator, for_each_visit_operator,
    for_each_visit_simd_operator,
};

/// The position of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Byte offset in the module.
    pub offset: u64,
    /// The offset of the byte after it. Only known in trusted bodies; elsewhere the operator's own.
    pub end: u64,
    /// The number of operators of the body before it, dead ones included.
    pub number: u32,
}

/// Handles the operators of a body.
pub trait Handler<'a> {
    type Error: From<wasmparser::Error> + 'static;

    /// Whether operators are passed to it at all.
    const LISTENS: bool = true;

    /// Called before each operator, dead ones included, and after the last. The validator keeps `operands` values;
    /// zero if the body is trusted.
    #[inline]
    fn check(&mut self, operands: u32) -> Result<(), Self::Error> {
        let _ = operands;
        Ok(())
    }

    /// Handles a live operator, or one after dead code that begins another part of its block or ends it. `flow` is
    /// the state before it.
    fn operator(
        &mut self,
        op: &Operator<'a>,
        at: Position,
        flow: &Flow,
    ) -> Result<(), Self::Error> {
        let _ = (op, at, flow);
        Ok(())
    }

    /// Called after such an operator.
    #[inline]
    fn passed(&mut self, at: Position, flow: &Flow) {
        let _ = (at, flow);
    }
}

/// A source of operators.
pub trait Source<'a> {
    fn is_at_end(&self) -> bool;

    fn offset(&self) -> u64;

    /// The number of values that the validator keeps.
    fn operands(&self) -> u32;

    /// Reads the next operator and passes it on.
    fn next<H: Handler<'a>>(&mut self, guide: &mut Guide<'_, H>) -> Result<(), H::Error>;

    /// Checks that the body ends here.
    fn finish(&mut self) -> wasmparser::Result<()>;
}

/// Passes all operators to a handler. `flow` can be reused for the next body.
pub fn drive<'a, H: Handler<'a>>(
    mut source: impl Source<'a>,
    flow: &mut Flow,
    handler: &mut H,
) -> Result<(), H::Error> {
    flow.begin();
    let mut guide = Guide { at: Position { offset: 0, end: 0, number: 0 }, flow, handler };
    while !source.is_at_end() {
        guide.handler.check(source.operands())?;
        guide.at.offset = source.offset();
        guide.at.end = guide.at.offset;
        source.next(&mut guide)?;
        guide.at.number += 1;
    }
    guide.handler.check(source.operands())?;
    Ok(source.finish()?)
}

/// Filters out dead operators.
pub struct Guide<'g, H> {
    at: Position,
    flow: &'g mut Flow,
    handler: &'g mut H,
}

impl<'a, H: Handler<'a>> Guide<'_, H> {
    #[inline(always)]
    fn step(&mut self, op: &Operator<'a>) -> Result<(), H::Error> {
        self.step_known(op, is_control(op))
    }

    #[inline(never)] // There are 600 callers.
    fn step_known(&mut self, op: &Operator<'a>, is_control: bool) -> Result<(), H::Error> {
        if self.flow.enter(op) {
            self.handler.operator(op, self.at, self.flow)?;
            if is_control {
                self.flow.pass(op);
            }
            self.handler.passed(self.at, self.flow);
        }
        Ok(())
    }
}

/// The operators of a body that is validated on the way.
pub struct Validated<'a, 'v> {
    reader: BinaryReader<'a>,
    validator: &'v mut FuncValidator<ValidatorResources>,
}

impl<'a, 'v> Validated<'a, 'v> {
    /// Reads the locals of a function and stops before its first operator.
    pub fn new(
        module: &'a Module,
        func: DefinedFuncIndex,
        validator: &'v mut FuncValidator<ValidatorResources>,
        locals: &mut Locals,
    ) -> wasmparser::Result<Validated<'a, 'v>> {
        let mut reader = function_body(module, func).get_binary_reader();
        let params = &module.func_type(module.func_index(func)).1.params;
        let define = |offset, count, ty| validator.define_locals(offset, count, ty);
        locals.read(params, &mut reader, define)?;
        Ok(Validated { reader, validator })
    }

    /// The same operators, without validation.
    pub fn trusted(&self) -> OperatorsReader<'a> {
        OperatorsReader::new(self.reader.clone())
    }
}

impl<'a> Source<'a> for Validated<'a, '_> {
    fn is_at_end(&self) -> bool {
        self.reader.eof()
    }

    fn offset(&self) -> u64 {
        self.reader.original_position()
    }

    fn operands(&self) -> u32 {
        self.validator.operand_stack_height()
    }

    #[inline]
    fn next<H: Handler<'a>>(&mut self, guide: &mut Guide<'_, H>) -> Result<(), H::Error> {
        let mut validator = self.validator.visitor(guide.at.offset);
        if H::LISTENS {
            self.reader.visit_operator(&mut ThenHandled { validator, guide })?
        } else {
            Ok(self.reader.visit_operator(&mut validator)??)
        }
    }

    fn finish(&mut self) -> wasmparser::Result<()> {
        let offset = self.reader.original_position();
        self.reader.finish_expression(&self.validator.visitor(offset))
    }
}

/// Trusted operators.
impl<'a> Source<'a> for OperatorsReader<'a> {
    fn is_at_end(&self) -> bool {
        self.eof()
    }

    fn offset(&self) -> u64 {
        self.original_position()
    }

    fn operands(&self) -> u32 {
        0
    }

    #[inline]
    fn next<H: Handler<'a>>(&mut self, guide: &mut Guide<'_, H>) -> Result<(), H::Error> {
        let op = self.read()?;
        guide.at.end = self.original_position();
        guide.step(&op)
    }

    fn finish(&mut self) -> wasmparser::Result<()> {
        OperatorsReader::finish(self)
    }
}

/// Visits an operator with a validator, then passes it to a handler.
struct ThenHandled<'s, 'g, V, H> {
    validator: V,
    guide: &'s mut Guide<'g, H>,
}

impl<V: FrameStack, H> FrameStack for ThenHandled<'_, '_, V, H> {
    fn current_frame(&self) -> Option<FrameKind> {
        self.validator.current_frame()
    }
}

macro_rules! visit_operators {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        fn $visit(&mut self $($(, $arg: $argty)*)?) -> Self::Output {
            self.validator.$visit($($($arg.clone()),*)?)?;
            self.guide.step(&Operator::$op $({ $($arg),* })?)
        }
    )*};
}

macro_rules! visit_simd_operators {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        fn $visit(&mut self $($(, $arg: $argty)*)?) -> Self::Output {
            // Cannot fail: `simd_visitor` checked it.
            if let Some(validator) = self.validator.simd_visitor() {
                validator.$visit($($($arg.clone()),*)?)?;
            }
            self.guide.step(&Operator::$op $({ $($arg),* })?)
        }
    )*};
}

impl<'a, V, H> VisitOperator<'a> for ThenHandled<'_, '_, V, H>
where
    V: VisitOperator<'a, Output = wasmparser::Result<()>>,
    H: Handler<'a>,
{
    type Output = Result<(), H::Error>;

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Self::Output>> {
        // None if the validator does not support vectors: the reader then refuses them.
        self.validator.simd_visitor()?;
        Some(self)
    }

    for_each_visit_operator!(visit_operators);
}

impl<'a, V, H> VisitSimdOperator<'a> for ThenHandled<'_, '_, V, H>
where
    V: VisitOperator<'a, Output = wasmparser::Result<()>>,
    H: Handler<'a>,
{
    for_each_visit_simd_operator!(visit_simd_operators);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Decoded, Limits, decode};
    use crate::types::TypeRegistry;

    /// Records what it is passed.
    #[derive(Default)]
    struct Record {
        checks: Vec<u32>,
        operators: Vec<(u32, u64, String)>,
    }

    impl<'a> Handler<'a> for Record {
        type Error = wasmparser::Error;

        fn check(&mut self, operands: u32) -> wasmparser::Result<()> {
            self.checks.push(operands);
            Ok(())
        }

        fn operator(
            &mut self,
            op: &Operator<'a>,
            at: Position,
            _: &Flow,
        ) -> wasmparser::Result<()> {
            self.operators.push((at.number, at.offset, format!("{op:?}")));
            Ok(())
        }
    }

    /// What is passed on for the first function, with validation and without.
    fn records(wat: &str) -> (wasmparser::Result<Record>, wasmparser::Result<Record>) {
        let bytes = wat::parse_str(wat).unwrap();
        let decoded = decode(&bytes, &TypeRegistry::default(), &Limits::default());
        let Decoded { module, validation } = decoded.unwrap();
        let func = DefinedFuncIndex(0);
        let function = validation.function(&module, func).unwrap();
        let mut validator = function.into_validator(Default::default());
        let mut locals = Locals::default();
        let body = Validated::new(&module, func, &mut validator, &mut locals).unwrap();
        let trusted = record(body.trusted());
        (record(body), trusted)
    }

    fn record<'a>(source: impl Source<'a>) -> wasmparser::Result<Record> {
        let mut record = Record::default();
        drive(source, &mut Flow::default(), &mut record)?;
        Ok(record)
    }

    #[test]
    fn trusted_and_validated_bodies_hand_on_the_same() {
        let (validated, trusted) = records(
            "(module (memory 1) (func (param i32) (result v128) (local i64)
                (block (br_if 0 (local.get 0)) (i32.store (i32.const 8) (i32.const 1))
                    unreachable (drop (i64.const 1)))
                (i32x4.splat (i32.atomic.load (local.get 0)))))",
        );
        let (validated, trusted) = (validated.unwrap(), trusted.unwrap());
        assert_eq!(validated.operators, trusted.operators);
        let numbers: Vec<u32> = validated.operators.iter().map(|op| op.0).collect();
        // Without the constant and the drop after `unreachable`.
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13]);
        assert!(validated.operators.is_sorted_by(|a, b| a.1 < b.1));
    }

    #[test]
    fn operands_are_told_in_front_of_each_operator_and_at_the_end() {
        let (validated, trusted) =
            records("(module (func (result i64) (i64.const 1) (i64.const 2) (i64.add)))");
        assert_eq!(validated.unwrap().checks, [0, 1, 2, 1, 1]);
        assert_eq!(trusted.unwrap().checks, [0; 5]);
    }

    #[test]
    fn only_validated_bodies_are_refused_for_their_types() {
        let (validated, trusted) = records("(module (func (result i64) (i32.const 1)))");
        assert!(validated.is_err() && trusted.is_ok());
    }
}
