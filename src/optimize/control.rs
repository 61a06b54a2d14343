//! Structured control flow.
//!
//! Each open block of the body is a [`ControlFrame`] on an explicit stack: nesting can be arbitrarily deep, without
//! recursion. The block where control continues after `end` is only created when something branches there, so a
//! block without such branches costs nothing. Dead code does not get here (see `body::flow`), except the `else` or
//! `end` after it.

use super::block_types::{FUNCTION, Side, arity, side_types};
use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::types::TagIndex;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Value};
use std::ops::Range;
use wasmparser::{BlockType, Catch, Operator};

/// An open block of the body.
pub(super) struct ControlFrame {
    kind: ControlKind,
    ty: BlockType,
    /// Operands below this height belong to enclosing blocks. The operands that an `if` was entered with are kept
    /// twice; the lower copy is for its `else`.
    height: usize,
    /// Where control continues after the block, once something branches there.
    after: Option<Block>,
    /// What follows the block is rarely executed, or the `else` branch is.
    is_cold: bool,
    else_is_cold: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ControlKind {
    Function,
    /// The outermost block of an inlined function.
    Inlined,
    Block,
    /// A `try_table` with catch clauses.
    Try,
    /// The body of a `try` of the legacy encoding.
    LegacyTry,
    /// One of its clauses. Below its operands is what `rethrow` throws.
    Clause {
        /// `None` catches any.
        tag: Option<TagIndex>,
        /// Takes what neither this clause nor one before it catches.
        uncaught: Option<Block>,
    },
    Loop(Block),
    /// Carries the block of the `else` branch.
    If(Block),
    Else,
}

/// An open `try_table` with catch clauses, or the open body of a legacy `try`.
pub(super) struct Try {
    /// Where exceptions arrive.
    pub pad: Block,
    /// `None` if they are not known yet: those of a legacy `try`.
    pub catches: Option<Box<[Catch]>>,
    /// Its place on the control stack.
    pub place: usize,
}

/// The target of a branch.
#[derive(Clone, Copy)]
pub(super) struct Label {
    pub block: Block,
    /// The number of operands that the branch carries.
    pub operands: usize,
}

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match op {
        Operator::Block { blockty } => t.push_frame(ControlKind::Block, *blockty),
        Operator::Loop { blockty } => t.begin_loop(*blockty),
        Operator::If { blockty } => t.begin_if(*blockty),
        Operator::Br { relative_depth } => t.br(*relative_depth),
        Operator::BrIf { relative_depth } => t.br_if(*relative_depth),
        Operator::BrTable { targets } => t.br_table(targets),
        Operator::Return => t.return_or_leave(),
        Operator::Select | Operator::TypedSelect { .. } => t.select(),
        _ => Err(CompileError::internal(format!("not a control instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    /// Opens the function's outermost block.
    pub fn begin_function(&mut self) -> Translated {
        self.push_frame(ControlKind::Function, FUNCTION)
    }

    /// Opens a block whose parameters are the topmost operands.
    pub(super) fn push_frame(&mut self, kind: ControlKind, ty: BlockType) -> Translated {
        let (params, _) = arity(self.module, ty, self.function_type);
        let height = self.height_below(params)?;
        if !matches!(kind, ControlKind::If(_)) {
            self.keep_operands(height);
        }
        let (is_cold, else_is_cold) = (self.is_cold, false);
        let frame = ControlFrame { kind, ty, height, after: None, is_cold, else_is_cold };
        self.scratch.control.push(frame);
        Ok(())
    }

    pub(super) fn begin_try(&mut self, ty: BlockType, catches: &[Catch]) -> Translated {
        if catches.is_empty() {
            return self.push_frame(ControlKind::Block, ty);
        }
        self.push_frame(ControlKind::Try, ty)?;
        self.open_try(Some(catches.into()));
        Ok(())
    }

    pub(super) fn begin_legacy_try(&mut self, ty: BlockType) -> Translated {
        self.push_frame(ControlKind::LegacyTry, ty)?;
        self.open_try(None);
        Ok(())
    }

    fn begin_loop(&mut self, ty: BlockType) -> Translated {
        let header = self.create_block();
        self.effort.loops += 1;
        self.effort.all_loops += 1;
        self.depths.change(self.b.srcloc(), self.effort.loops);
        self.push_frame(ControlKind::Loop(header), ty)?;
        let height = self.frame_mut(0)?.height;
        let is_entered = self.reach_loop(height)?;
        self.append_params(header, ty, Side::Params);
        let (params, _) = arity(self.module, ty, self.function_type);
        self.jump_with_operands(header, params)?;
        if is_entered {
            self.enter_loop(header, height)?;
        }
        // Sealed at the end of the loop, when all branches back are known.
        self.b.switch_to_block(header);
        self.enter(header, height);
        self.count_iteration();
        Ok(())
    }

    /// Whether there are values of a caught exception among the operands.
    pub(super) fn is_in_clause(&self) -> bool {
        self.scratch.control.iter().any(|frame| matches!(frame.kind, ControlKind::Clause { .. }))
    }

    /// Where operands are kept for the `else` of an `if` that is open; the body does not count them.
    pub(super) fn kept_for_else(&self) -> impl Iterator<Item = Range<usize>> {
        let frames = self.scratch.control.iter();
        frames.filter(|frame| matches!(frame.kind, ControlKind::If(_) | ControlKind::Else)).map(
            |frame| {
                let (kept, _) = arity(self.module, frame.ty, self.function_type);
                frame.height - kept..frame.height
            },
        )
    }

    /// Continues in `block`, with its operands above `height`.
    fn enter(&mut self, block: Block, height: usize) {
        self.drop_to(height);
        self.push_block_params(block);
    }

    fn begin_if(&mut self, ty: BlockType) -> Translated {
        let condition = self.pop1()?;
        let condition = self.condition(condition);
        self.begin_if_all(&[condition], ty, self.hint)?;
        Ok(())
    }

    /// Begins an `if` whose parameters are the topmost operands: whether all conditions hold, which may be likely or not.
    /// Returns the block of the `else` branch, to which the first branch may jump.
    pub(super) fn begin_if_all(
        &mut self,
        conditions: &[Value],
        ty: BlockType,
        is_likely: Option<bool>,
    ) -> Result<Block, CompileError> {
        let (params, _) = arity(self.module, ty, self.function_type);
        let below = self.height_below(params)?;
        self.keep_operands(below);
        self.duplicate(params)?;
        let otherwise = self.create_block_if(is_likely != Some(true));
        for &condition in conditions {
            let then = self.create_block_if(is_likely != Some(false));
            self.b.ins().brif(condition, then, &[], otherwise, &[]);
            self.continue_in(then);
        }
        self.effort.ifs += 1;
        self.push_frame(ControlKind::If(otherwise), ty)?;
        self.frame_mut(0)?.else_is_cold = is_likely == Some(true);
        self.is_cold |= is_likely == Some(false);
        Ok(otherwise)
    }

    /// Ends the first branch of an `if`; `live` if its end can be reached.
    pub fn begin_else(&mut self, live: bool) -> Translated {
        if live {
            self.br(0)?;
        }
        let frame = self.frame_mut(0)?;
        let ControlKind::If(otherwise) = frame.kind else {
            return Err(CompileError::internal("else without if"));
        };
        frame.kind = ControlKind::Else;
        let (height, ty) = (frame.height, frame.ty);
        self.is_cold = frame.is_cold || frame.else_is_cold;
        self.continue_in(otherwise);
        self.restore_if_params(height, ty)
    }

    /// Pushes the operands that the `if` was entered with again.
    fn restore_if_params(&mut self, height: usize, ty: BlockType) -> Translated {
        let (params, _) = arity(self.module, ty, self.function_type);
        self.drop_to(height);
        self.duplicate(params)
    }

    /// Closes the innermost block; `live` if its end can be reached by falling through.
    pub fn end(&mut self, mut live: bool) -> Translated {
        if let ControlKind::If(_) = self.frame_mut(0)?.kind {
            // No `else`: that branch passes its operands on.
            self.begin_else(live)?;
            live = true;
        }
        let (kind, height) = self.innermost_block()?;
        if let ControlKind::Try | ControlKind::LegacyTry | ControlKind::Clause { .. } = kind {
            if live {
                self.br(0)?;
            }
            match kind {
                ControlKind::Try => self.close_try(height)?,
                _ => self.close_legacy_try()?,
            }
            live = false;
        }
        if kind == ControlKind::Inlined {
            self.end_inlined(live, height)?;
        }
        self.leave_block(live)
    }

    /// Leaves the innermost block, whose parts are all complete.
    pub(super) fn leave_block(&mut self, mut live: bool) -> Translated {
        let has_after = self.frame_mut(0)?.after.is_some();
        if has_after && live {
            self.br(0)?;
        }
        let frame = self.scratch.control.pop();
        let frame = frame.ok_or_else(|| CompileError::internal("end without block"))?;
        let (params, results) = arity(self.module, frame.ty, self.function_type);
        if let ControlKind::Loop(header) = frame.kind {
            self.b.seal_block(header);
            self.effort.loops -= 1;
            self.depths.change(self.b.srcloc(), self.effort.loops);
        }
        if let Some(after) = frame.after {
            self.continue_in(after);
            self.enter(after, frame.height);
            live = true;
        }
        if frame.kind == ControlKind::Else {
            if live {
                self.drop_if_params(frame.height, params, results)?;
            }
            self.effort.ifs -= 1;
        }
        if !live {
            let below = if frame.kind == ControlKind::Else { params } else { 0 };
            self.drop_to(frame.height.saturating_sub(below));
        }
        if frame.kind == ControlKind::Function && live {
            self.return_operands()?;
        }
        self.is_cold = frame.is_cold;
        Ok(())
    }

    /// Removes the copy of the parameters below the results of an `if`.
    fn drop_if_params(&mut self, height: usize, params: usize, results: usize) -> Translated {
        if params > 0 {
            let to = height.checked_sub(params);
            let to = to.ok_or_else(|| CompileError::internal("if operands lost"))?;
            self.sink(results, to)?;
        }
        Ok(())
    }

    fn frame_mut(&mut self, depth: u32) -> Result<&mut ControlFrame, CompileError> {
        let last = self.scratch.control.len().checked_sub(1);
        last.and_then(|last| last.checked_sub(depth as usize))
            .and_then(|i| self.scratch.control.get_mut(i))
            .ok_or_else(|| CompileError::internal("no such label"))
    }

    /// The kind of an open block, and the height below its operands.
    pub(super) fn block_at(&mut self, depth: u32) -> Result<(ControlKind, usize), CompileError> {
        self.frame_mut(depth).map(|frame| (frame.kind, frame.height))
    }

    pub(super) fn innermost_block(&mut self) -> Result<(ControlKind, usize), CompileError> {
        self.block_at(0)
    }

    pub(super) fn set_innermost_kind(&mut self, kind: ControlKind) -> Translated {
        self.frame_mut(0)?.kind = kind;
        Ok(())
    }

    /// The target of a branch.
    pub(super) fn label(&mut self, depth: u32) -> Result<Label, CompileError> {
        let function_type = self.function_type;
        let module = self.module;
        let frame = self.frame_mut(depth)?;
        let (kind, ty, after) = (frame.kind, frame.ty, frame.after);
        let is_cold = frame.is_cold;
        let (params, results) = arity(module, ty, function_type);
        if let ControlKind::Loop(block) = kind {
            return Ok(Label { block, operands: params });
        }
        let block = match after {
            Some(after) => after,
            None => {
                let here = std::mem::replace(&mut self.is_cold, is_cold);
                let after = self.create_block();
                self.is_cold = here;
                self.append_params(after, ty, Side::Results);
                self.frame_mut(depth)?.after = Some(after);
                after
            }
        };
        Ok(Label { block, operands: results })
    }

    fn append_params(&mut self, block: Block, ty: BlockType, side: Side) {
        for ty in side_types(self.module, self.function_type, ty, side) {
            self.b.append_block_param(block, ty);
            self.effort.moved += 1;
        }
    }

    /// Makes the `n` topmost operands, which stay, the arguments of a block.
    fn collect_args(&mut self, n: usize) -> Translated {
        self.scratch.block_args.clear();
        for at in self.height_below(n)?..self.height() {
            let value = self.operand(at);
            self.scratch.block_args.push(BlockArg::Value(value));
        }
        self.effort.moved += n as u64;
        Ok(())
    }

    fn jump_with_operands(&mut self, to: Block, n: usize) -> Translated {
        self.collect_args(n)?;
        self.b.ins().jump(to, &self.scratch.block_args);
        Ok(())
    }

    pub(super) fn jump_to(&mut self, label: Label) -> Translated {
        self.jump_with_operands(label.block, label.operands)
    }

    pub(super) fn br(&mut self, depth: u32) -> Translated {
        let label = self.label(depth)?;
        self.jump_to(label)
    }

    fn br_if(&mut self, depth: u32) -> Translated {
        let condition = self.pop1()?;
        self.branch_if(condition, depth)?;
        self.is_cold |= self.hint == Some(true);
        Ok(())
    }

    /// Branches when `condition` is not zero.
    pub fn branch_if(&mut self, condition: Value, depth: u32) -> Translated {
        let condition = self.condition(condition);
        let label = self.label(depth)?;
        let next = self.create_block_if(self.hint != Some(true));
        self.collect_args(label.operands)?;
        self.b.ins().brif(condition, label.block, &self.scratch.block_args, next, &[]);
        self.continue_in(next);
        Ok(())
    }
}
