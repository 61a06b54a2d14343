//! Structured control flow.
//!
//! Where ways join, they must agree on where values are. Locals have one place each. Operands below a block are
//! spilled when the block begins, unless they are lasting (see `values`). What a branch carries is in slots, from the
//! target's first one on; the topmost value, unless the target is a loop, is in rax or xmm0 instead. So state need not be
//! compared or merged.
//!
//! A block that nothing branches to leaves its results wherever they are. Dead code does not get here (see
//! `body::flow`), except the `else` or `end` after it.

use super::blocks::{Block, BlockKind, LabelId, Test};
use super::emitter::{Emitter, width};
use super::operand::{Kind, Operand, Place, Source};
use super::slots::DENSE;
use crate::asm::x64::*;
use crate::body::{block_params, block_results};
use crate::types::ValType;
use smallvec::SmallVec;
use wasmparser::BlockType;

/// Loops begin at a multiple of this.
const LOOP_ALIGNMENT: usize = 16;

/// A branch's target.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub label: LabelId,
    /// The number of operands that the branch carries.
    pub operands: usize,
    /// The slot of the first of them.
    slot: u32,
    /// The topmost travels in a register.
    in_register: bool,
    is_function: bool,
}

impl<'m> Emitter<'m> {
    pub fn begin_function(&mut self) {
        let label = self.exit;
        let ty = BlockType::Empty; // Its results are those of the function.
        self.blocks.push(Block {
            kind: BlockKind::Function,
            ty,
            height: 0,
            slot: 0,
            label,
            branched: false,
        });
    }

    pub fn begin_block(&mut self, ty: BlockType) {
        self.spill_all();
        self.push_block(BlockKind::Block, ty);
    }

    pub fn push_block(&mut self, kind: BlockKind, ty: BlockType) {
        let params = self.params(ty).len();
        let height = self.below(params);
        let (slot, label) = (self.slot_of(height), self.new_label());
        self.blocks.push(Block { kind, ty, height, slot, label, branched: false });
    }

    pub fn begin_loop(&mut self, ty: BlockType) {
        self.spill_all();
        let params = self.params(ty).len();
        let below = self.below(params);
        self.settle_from(below);
        self.push_block(BlockKind::Loop, ty);
        self.asm.align(LOOP_ALIGNMENT);
        if let Some(block) = self.blocks.last() {
            self.bind(block.label);
        }
        if self.counted && self.stack.len() <= DENSE {
            self.count_iteration();
        }
        self.loops += 1;
    }

    pub fn begin_if(&mut self, ty: BlockType) {
        let condition = self.pop_condition();
        self.spill_all();
        let params = self.params(ty).len();
        let below = self.below(params);
        let mut kept = SmallVec::new();
        if params <= kept.inline_size() {
            kept.extend_from_slice(&self.stack[below..]);
        } else {
            // They need not be kept: the `else` finds them in their slots.
            self.settle_from(below);
        }
        let otherwise = self.new_label();
        match condition {
            Test::If(condition) => self.jump_if(condition.inverted(), otherwise),
            Test::Never => self.jump(otherwise),
            Test::Always => {}
        }
        self.push_block(BlockKind::If(otherwise, kept), ty);
    }

    pub fn begin_else(&mut self, live: bool) {
        let Some(block) = self.blocks.last_mut() else { return self.fail("else without if") };
        let kind = std::mem::replace(&mut block.kind, BlockKind::Block);
        let BlockKind::If(otherwise, operands) = kind else { return self.fail("else without if") };
        if live {
            self.branch(0);
        }
        let Some(&Block { ty, height, slot, .. }) = self.blocks.last() else { return };
        self.drop_to(height);
        if operands.is_empty() {
            self.push_slots(self.params(ty), slot);
        }
        operands.into_iter().for_each(|operand| self.push(operand.kind, operand.place));
        self.bind(otherwise);
    }

    /// Ends a block.
    pub fn end(&mut self, live: bool) {
        let mut live = live;
        if let Some(Block { kind: BlockKind::If(..), ty, .. }) = self.blocks.last() {
            // An `if` without `else`: what it was entered with is its result.
            let ty = *ty;
            if self.results(ty).is_empty() {
                self.end_plain_if();
            } else {
                self.begin_else(live);
                live = true;
            }
        }
        let live = self.end_try(live, 0);
        self.leave_block(live);
    }

    /// Leaves the innermost block, whose parts are all complete.
    pub fn leave_block(&mut self, live: bool) {
        let Some(block) = self.blocks.last() else { return self.fail("end without block") };
        let (label, height, branched) = (block.label, block.height, block.branched);
        match block.kind {
            BlockKind::Function => self.end_function(live),
            BlockKind::Loop => {
                self.blocks.pop();
            }
            _ if !branched => {
                self.blocks.pop();
            }
            _ => {
                let slot = block.slot;
                if live {
                    self.carry(self.branch_target(0));
                }
                let ty = block_type(self.blocks.pop());
                self.drop_to(height);
                self.bind(label);
                self.push_carried(ty, slot);
            }
        }
    }

    /// Ends an `if` without results and `else`: both ways go on here.
    fn end_plain_if(&mut self) {
        let Some(block) = self.blocks.last_mut() else { return };
        block.branched = true;
        if let BlockKind::If(otherwise, _) = &block.kind {
            let otherwise = *otherwise;
            block.kind = BlockKind::Block;
            self.bind(otherwise);
        }
    }

    fn end_function(&mut self, live: bool) {
        if live {
            self.move_results();
        }
        self.blocks.pop();
    }

    /// Pushes what arrives at the end of a block.
    fn push_carried(&mut self, ty: BlockType, slot: u32) {
        let Some((top, others)) = self.results(ty).split_last() else { return };
        self.push_slots(others, slot);
        let top = Kind::of(*top);
        if top.is_int() {
            self.registers.reserve(RAX);
            self.push_reg(top, RAX);
        } else {
            self.registers.reserve_xmm(Xmm(0));
            self.push_xmm(top, Xmm(0));
        }
    }

    /// Pushes operands of these types, which are in as many slots.
    fn push_slots(&mut self, types: &[ValType], first: u32) {
        for (slot, ty) in (first..).zip(types) {
            self.frame.use_slot(slot);
            self.push(Kind::of(*ty), Place::Slot(slot));
        }
    }

    fn params(&self, ty: BlockType) -> &'m [ValType] {
        block_params(self.module, ty)
    }

    fn results(&self, ty: BlockType) -> &'m [ValType] {
        block_results(self.module, ty)
    }

    fn branch_target(&self, depth: u32) -> Target {
        let block = &self.blocks[self.blocks.len() - 1 - depth as usize];
        let (operands, in_register, is_function) = match block.kind {
            BlockKind::Function => (self.function_type.results.len(), false, true),
            BlockKind::Loop => (self.params(block.ty).len(), false, false),
            _ => (self.results(block.ty).len(), true, false),
        };
        Target { label: block.label, operands, slot: block.slot, in_register, is_function }
    }

    /// Notes that something branches to a label, maybe.
    pub fn mark(&mut self, depth: u32) -> Target {
        let at = self.blocks.len().checked_sub(1 + depth as usize);
        if let Some(block) = at.and_then(|at| self.blocks.get_mut(at)) {
            block.branched = true;
        }
        self.branch_target(depth)
    }

    /// Branches. What follows is dead.
    pub fn branch(&mut self, depth: u32) {
        let target = self.mark(depth);
        self.carry(target);
        self.jump(target.label);
    }

    /// Moves the topmost operands to where a target expects them; they stay on the stack as they are.
    fn carry(&mut self, target: Target) {
        if target.is_function {
            return self.move_results();
        }
        let below = self.below(target.operands);
        let has_top = target.in_register && target.operands > 0;
        let slots = target.operands - usize::from(has_top);
        // High up, the topmost may be in a slot that another gets, and none is in a register. Below it is the reverse.
        let top_first = self.stack.len() > DENSE;
        if has_top && top_first {
            self.carry_top();
        }
        self.copy_to_slots(below, slots, target.slot);
        if has_top && !top_first {
            self.carry_top();
        }
    }

    /// Loads the topmost operand to where the end of a block expects it.
    fn carry_top(&mut self) {
        if let Some(&top) = self.stack.last() {
            if top.kind.is_int() {
                self.load_reg(RAX, top);
            } else {
                self.load_xmm(Xmm(0), top);
            }
        }
    }

    /// Whether moving the operands for a target emits code.
    fn carries_nothing(&self, target: Target) -> bool {
        if target.operands == 0 {
            return true;
        }
        let in_place =
            |operand: &Operand| matches!(operand.place, Place::Reg(RAX) | Place::Xmm(Xmm(0)));
        target.operands == 1
            && (target.in_register || target.is_function)
            && self.stack.last().is_some_and(in_place)
    }

    pub fn branch_if(&mut self, depth: u32) {
        let test = self.pop_condition();
        self.branch_on(test, depth);
    }

    pub fn branch_on(&mut self, test: Test, depth: u32) {
        match test {
            // Reachability does not depend on constants.
            Test::Never => _ = self.mark(depth),
            Test::Always => self.branch(depth),
            Test::If(condition) => {
                let target = self.mark(depth);
                if self.carries_nothing(target) {
                    return self.jump_if(condition, target.label);
                }
                let skip = self.new_label();
                self.jump_if(condition.inverted(), skip);
                self.carry(target);
                self.jump(target.label);
                self.bind(skip);
            }
        }
    }

    /// Takes the topmost operand and tests whether it is zero.
    pub fn pop_condition(&mut self) -> Test {
        let operand = self.pop();
        let test = match operand.place {
            Place::Flags(condition) => Test::If(condition),
            Place::Const(0) => Test::Never,
            Place::Const(_) => Test::Always,
            _ => {
                self.compare_with_zero(operand);
                Test::If(Condition::NotEqual)
            }
        };
        self.release(operand);
        test
    }

    /// Sets the zero flag by a comparison of an operand with zero, unless it is set.
    pub fn compare_with_zero(&mut self, operand: Operand) {
        let width = width(operand.kind);
        match self.source(operand) {
            Source::Mem(place) => self.asm.alu_mem_const(Alu::Cmp, width, place, 0),
            _ => {
                let reg = self.in_reg(operand);
                if self.zero_flag != Some((self.asm.len(), reg, width)) {
                    self.asm.test_regs(width, reg, reg);
                }
            }
        }
    }
}

fn block_type(block: Option<Block>) -> BlockType {
    block.map_or(BlockType::Empty, |block| block.ty)
}
