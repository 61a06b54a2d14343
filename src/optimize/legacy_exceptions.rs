//! The legacy encoding of exceptions: `try` with `catch`, `catch_all` or `delegate`, and `rethrow`.
//!
//! The landing pad of a `try` is emitted where its body ends, when all code that leads there is known. There the
//! first clause begins with a comparison of tags; exceptions with another tag continue where the next clause begins,
//! after the last one to the enclosing landing pad. `delegate` leaves out the landing pads up to its label.
//!
//! What `rethrow` throws lies below the operands of the clause, where no other instruction reaches: the exception
//! object or null, then a copy of the values. A `catch_all` does not know the values, so it makes an object.

use super::control::ControlKind;
use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::abi::Builtin;
use crate::types::TagIndex;
use cranelift_codegen::ir::{Block, Value, types};
use wasmparser::Operator;

/// `live` if the end of the code before a clause or `delegate` can be reached.
pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>, live: bool) -> Translated {
    match *op {
        Operator::Try { blockty } => t.begin_legacy_try(blockty),
        Operator::Catch { tag_index } => t.begin_clause(Some(TagIndex(tag_index)), live),
        Operator::CatchAll => t.begin_clause(None, live),
        Operator::Delegate { relative_depth } => t.delegate(relative_depth, live),
        Operator::Rethrow { relative_depth } => t.rethrow(relative_depth),
        _ => Err(CompileError::internal(format!("not a legacy exception instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    /// Ends a legacy `try` whose code has ended: passes on what no clause has caught.
    pub fn close_legacy_try(&mut self) -> Translated {
        if let Some((tag, exception)) = self.enter_handler()? {
            let outer = self.landing_pad();
            self.pass_on(tag, exception, outer);
        }
        Ok(())
    }

    /// Continues where exceptions arrive that no clause so far has caught, if any can: tag and exception.
    fn enter_handler(&mut self) -> Result<Option<(Value, Value)>, CompileError> {
        let (kind, height) = self.innermost_block()?;
        self.drop_to(height);
        let uncaught = match kind {
            ControlKind::LegacyTry => self.scratch.tries.pop().map(|open| open.pad),
            ControlKind::Clause { uncaught, .. } => uncaught,
            _ => return Err(CompileError::internal("a clause outside of a try")),
        };
        let Some(block) = uncaught else { return Ok(None) };
        self.continue_in(block);
        if kind == ControlKind::LegacyTry {
            self.reload_fuel();
        }
        Ok(Some(self.arrived()))
    }

    fn begin_clause(&mut self, own: Option<TagIndex>, live: bool) -> Translated {
        if live {
            self.br(0)?;
        }
        let Some((tag, exception)) = self.enter_handler()? else {
            return Err(CompileError::internal("a clause after catch_all"));
        };
        let uncaught = match own {
            Some(own) => {
                let uncaught = self.branch_if_other_tag(tag, own);
                self.push1(exception);
                self.push_payload(own);
                self.duplicate(self.payload_len(own))?;
                Some(uncaught)
            }
            None => {
                let object = self.exception_object(tag, exception)?;
                self.push1(object);
                None
            }
        };
        self.set_innermost_kind(ControlKind::Clause { tag: own, uncaught })
    }

    fn delegate(&mut self, depth: u32, live: bool) -> Translated {
        if live {
            self.br(0)?;
        }
        if let Some((tag, exception)) = self.enter_handler()? {
            // The `try` itself is still on the control stack.
            let outer = self.landing_pad_at(depth + 1);
            self.pass_on(tag, exception, outer);
        }
        self.leave_block(false)
    }

    /// Where exceptions go that are thrown at the label of this depth.
    fn landing_pad_at(&self, depth: u32) -> Option<Block> {
        let place = self.scratch.control.len().checked_sub(1 + depth as usize)?;
        let outer = self.scratch.tries.partition_point(|open| open.place <= place);
        Some(self.scratch.tries[outer.checked_sub(1)?].pad)
    }

    fn rethrow(&mut self, depth: u32) -> Translated {
        let (kind, height) = self.block_at(depth)?;
        let ControlKind::Clause { tag, .. } = kind else {
            return Err(CompileError::internal("rethrow outside of a clause"));
        };
        let exception = self.operand(height);
        let tag = match tag {
            Some(own) => {
                self.store_payload(own, height + 1);
                self.constant_at(self.module.layout.tag(own), types::I64)
            }
            None => self.call_builtin_for(Builtin::OpenException, &[exception])?,
        };
        self.throw_to_pad(tag, exception);
        Ok(())
    }
}
