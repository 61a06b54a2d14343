//! The loop over the operators of a body.
//!
//! [`drive`] reads one operator after the other, validates it unless the body is trusted, and passes it to a
//! [`Handler`] if it can be reached. The loop is compiled separately for each handler. Handlers take
//! wasmparser's [`Operator`]: a match over the opcodes that a compiler supports is shorter than a visitor with
//! 600 methods.

use super::decode::Operators;
use super::flow::{Flow, is_control};
use super::reader::Reader;
use crate::error::Error;
use wasmparser::Operator;

/// The position of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Byte offset in the module.
    pub offset: u64,
    /// Byte offset of what follows.
    pub end: u64,
    /// The number of operators of the body before it, dead ones included.
    pub number: u32,
}

/// Handles the operators of a body.
pub trait Handler<'a> {
    type Error: From<Error> + 'static;

    /// Called before each operator, dead ones included, and after the last. The validator keeps `operands` values;
    /// zero if the body is trusted.
    #[inline]
    fn check(&mut self, operands: u32) -> Result<(), Self::Error> {
        let _ = operands;
        Ok(())
    }

    /// Handles a live operator of a trusted body, or an `else` or `end` after dead code, from its bytes, and moves the
    /// reader and `flow` past it. Or returns false: then it is decoded.
    #[inline(always)]
    fn bytes(
        &mut self,
        reader: &mut Reader<'a>,
        at: Position,
        flow: &mut Flow,
    ) -> Result<bool, Self::Error> {
        let _ = (reader, at, flow);
        Ok(false)
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

    /// Called after an operator that was handled.
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
    fn pass_next<H: Handler<'a>>(&mut self, guide: &mut Guide<'_, H>) -> Result<(), H::Error>;

    /// Checks that the body ends here.
    fn finish(&mut self) -> Result<(), Error>;
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
        source.pass_next(&mut guide)?;
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
    /// Whether the next operator could be handled without decoding it.
    #[inline(always)]
    fn bytes(&mut self, reader: &mut Reader<'a>) -> Result<bool, H::Error> {
        let enters =
            self.flow.is_live() || reader.peek().is_some_and(|opcode| self.flow.ends_with(opcode));
        let handled = enters && self.handler.bytes(reader, self.at, self.flow)?;
        if handled {
            self.handler.passed(self.at, self.flow);
        }
        Ok(handled)
    }

    fn step(&mut self, op: &Operator<'a>) -> Result<(), H::Error> {
        if self.flow.enter(op) {
            self.handler.operator(op, self.at, self.flow)?;
            if is_control(op) {
                self.flow.pass(op);
            }
            self.handler.passed(self.at, self.flow);
        }
        Ok(())
    }
}

/// Trusted operators.
impl<'a> Source<'a> for Operators<'a> {
    #[inline]
    fn is_at_end(&self) -> bool {
        Operators::is_at_end(self)
    }

    #[inline]
    fn offset(&self) -> u64 {
        Operators::offset(self)
    }

    fn operands(&self) -> u32 {
        0
    }

    #[inline]
    fn pass_next<H: Handler<'a>>(&mut self, guide: &mut Guide<'_, H>) -> Result<(), H::Error> {
        if guide.bytes(&mut self.reader)? {
            return Ok(());
        }
        self.read_and(|op, end| {
            guide.at.end = end;
            guide.step(op)
        })
    }

    /// The end of a trusted body needs no check.
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Locals, Stacks, Validated};
    use super::*;
    use crate::binary::{Decoded, Limits, decode};
    use crate::types::{DefinedFuncIndex, TypeRegistry};

    /// Records what it is passed.
    #[derive(Default)]
    struct Record {
        checks: Vec<u32>,
        operators: Vec<(u32, u64, String)>,
    }

    impl<'a> Handler<'a> for Record {
        type Error = Error;

        fn check(&mut self, operands: u32) -> Result<(), Error> {
            self.checks.push(operands);
            Ok(())
        }

        fn operator(&mut self, op: &Operator<'a>, at: Position, _: &Flow) -> Result<(), Error> {
            self.operators.push((at.number, at.offset, format!("{op:?}")));
            Ok(())
        }
    }

    /// What is passed on for the first function, with validation and without.
    fn records(wat: &str) -> (Result<Record, Error>, Result<Record, Error>) {
        let bytes = wat::parse_str(wat).unwrap();
        let decoded = decode(&bytes, &TypeRegistry::default(), &Limits::default());
        let Decoded { module, validation } = decoded.unwrap();
        let func = DefinedFuncIndex(0);
        let (mut stacks, mut locals) = (Stacks::default(), Locals::default());
        let body = Validated::new(&module, &validation, func, &mut stacks, &mut locals).unwrap();
        let trusted = record(body.trusted());
        (record(body), trusted)
    }

    fn record<'a>(source: impl Source<'a>) -> Result<Record, Error> {
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
