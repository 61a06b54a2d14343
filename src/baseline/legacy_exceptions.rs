//! The legacy encoding of exceptions: `try` with `catch`, `catch_all` or `delegate`, and `rethrow`.
//!
//! The landing pad of a `try` is where its body ends. There the first clause begins with a comparison of tags;
//! exceptions with another tag continue where the next clause begins, tag and exception still in their registers, and
//! after the last clause at the pad around it. `delegate` leaves out the pads up to its label.
//!
//! What `rethrow` throws lies below the operands of the clause, where no other instruction reaches: the exception
//! object or null, then a copy of the values. A `catch_all` does not know the values, so it makes an object.

use super::blocks::BlockKind;
use super::emitter::Emitter;
use super::exceptions::EXCEPTION;
use super::operand::Source;
use crate::asm::x64::RDX;
use crate::types::TagIndex;
use wasmparser::Operator;

impl Emitter<'_> {
    /// Whether the operator is one of these; then it is compiled. `live` if the end of the code before a clause or
    /// `delegate` can be reached.
    pub fn legacy_exception(&mut self, op: &Operator<'_>, live: bool) -> bool {
        match *op {
            Operator::Try { blockty } => self.open_try(BlockKind::LegacyTry, blockty, None),
            Operator::Catch { tag_index } => self.begin_clause(Some(TagIndex(tag_index)), live),
            Operator::CatchAll => self.begin_clause(None, live),
            Operator::Delegate { relative_depth } => self.delegate(relative_depth, live),
            Operator::Rethrow { relative_depth } => self.rethrow(relative_depth),
            _ => return false,
        }
        true
    }

    fn begin_clause(&mut self, tag: Option<TagIndex>, live: bool) {
        if live {
            self.branch(0);
        }
        self.enter_clause();
        let uncaught = tag.map(|own| self.jump_if_other_tag(own));
        if tag.is_none() {
            self.make_object();
        }
        self.push_in_slot(EXCEPTION.kind, Source::Reg(RDX));
        if let Some(own) = tag {
            self.push_payload(own);
            self.push_payload(own);
        }
        if let Some(block) = self.blocks.last_mut() {
            block.kind = BlockKind::Clause { tag, uncaught };
        }
    }

    /// Continues where exceptions arrive that no clause so far has caught.
    fn enter_clause(&mut self) {
        match self.blocks.last().map(|block| &block.kind) {
            Some(BlockKind::LegacyTry) => {
                if let Some(open) = self.tries.pop() {
                    self.land(open.pad);
                    self.reload_state();
                }
            }
            Some(&BlockKind::Clause { uncaught: Some(label), .. }) => self.arrive(label),
            _ => self.fail("a clause outside of a try or after catch_all"),
        }
    }

    fn delegate(&mut self, depth: u32, live: bool) {
        // The `try` itself is still open.
        let live = self.end_try(live, depth + 1);
        self.leave_block(live);
    }

    fn rethrow(&mut self, depth: u32) {
        let block = self.blocks.len().checked_sub(1 + depth as usize).map(|at| &self.blocks[at]);
        let Some((&BlockKind::Clause { tag, .. }, height)) =
            block.map(|block| (&block.kind, block.height))
        else {
            return self.fail("rethrow outside of a clause");
        };
        let exception = self.stack[height];
        self.save_locals_from_exceptions();
        match tag {
            Some(own) => {
                self.store_payload(own, height + 1);
                self.load_tag(own);
            }
            None => self.open_exception(exception),
        }
        self.throw_tag(exception);
    }
}
