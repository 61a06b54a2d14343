//! Exceptions: `try_table`, `throw` and `throw_ref`; and what the legacy encoding shares with them.
//!
//! A call within a try has a site that names the try's landing pad. The pad follows the code of the try, and compares
//! the tag with those of the clauses in turn. What no clause catches continues at the pad around it, or out of the
//! function.
//!
//! An exception arrives at a pad with its tag in rax and its object or null in rdx; of the other registers only rsp
//! and rbp are as they were. So functions with a try save all registers of their caller, and keep the vmctx in the
//! frame; locals that live in registers are saved before every call in a try. Operands below the try were spilled when
//! it began.
//!
//! The values of an exception are in the overflow buffer between throw and catch; an object is made only for clauses
//! that need a reference. A throw whose clause is known is a branch.

use super::blocks::{BlockKind, LabelId, Try};
use super::emitter::Emitter;
use super::frame::SAVED_VMCTX;
use super::operand::{Kind, Operand, Place, Source};
use super::registers::{MEMORY_BASE_REG, SCRATCH, VMCTX};
use crate::abi::function_code::Handler;
use crate::abi::{Builtin, Site, SiteDetails, TrapCode};
use crate::asm::x64::*;
use crate::body::catches::{Clause, known_catch};
use crate::body::error::CompileError;
use crate::types::{MemoryIndex, TagIndex};
use wasmparser::{BlockType, Catch, Operator};

/// Where a pad finds the tag, and the exception object or null.
const TAG: Operand = Operand { kind: Kind::I64, place: Place::Reg(RAX) };
pub(super) const EXCEPTION: Operand = Operand { kind: Kind::I64, place: Place::Reg(RDX) };

impl Emitter<'_> {
    /// Whether the operator is one of these; then it is compiled.
    pub fn exception(&mut self, op: &Operator<'_>) -> bool {
        match op {
            Operator::TryTable { try_table } => self.begin_try(try_table.ty, &try_table.catches),
            Operator::Throw { tag_index } => self.throw(TagIndex(*tag_index)),
            Operator::ThrowRef => self.throw_ref(),
            _ => return false,
        }
        true
    }

    fn begin_try(&mut self, ty: BlockType, catches: &[Catch]) {
        if catches.is_empty() {
            return self.begin_block(ty);
        }
        // Also those that no call or throw will reach: what follows the labels counts as live.
        for label in Clause::reachable_labels(catches) {
            self.mark(label);
        }
        self.open_try(BlockKind::Try, ty, Some(catches.into()));
    }

    pub fn open_try(&mut self, kind: BlockKind, ty: BlockType, catches: Option<Box<[Catch]>>) {
        self.spill_all();
        self.push_block(kind, ty);
        let pad = self.new_label();
        self.tries.push(Try { pad, is_used: false, catches, place: self.blocks.len() - 1 });
    }

    /// The last instruction was a call, whose site is noted, of something that may throw.
    pub fn may_throw(&mut self) {
        if let Some(open) = self.tries.last_mut() {
            open.is_used = true;
            self.handlers.push((self.asm.len() as u32, open.pad));
        }
    }

    /// Ends the parts of a block where exceptions may arrive. What is not caught goes where exceptions go at the
    /// label of this depth. Returns whether control still reaches the end of the block by falling through.
    pub fn end_try(&mut self, live: bool, outer: u32) -> bool {
        let Some(block) = self.blocks.last_mut() else { return live };
        match block.kind {
            BlockKind::Try | BlockKind::LegacyTry => {
                let Some(open) = self.tries.pop() else { return live };
                if !open.is_used {
                    return live;
                }
                if live {
                    self.branch(0);
                }
                self.land(open.pad);
                self.end_with_clauses(open.catches.as_deref(), outer);
            }
            // The results are above what the clause has caught.
            BlockKind::Clause { uncaught: None, .. } => {
                block.branched |= live;
                return live;
            }
            BlockKind::Clause { uncaught: Some(label), .. } => {
                if live {
                    self.branch(0);
                }
                self.arrive(label);
                self.pass_on(outer);
            }
            _ => return live,
        }
        false
    }

    /// Continues where exceptions go within the innermost block.
    pub fn arrive(&mut self, label: LabelId) {
        let height = self.blocks.last().map_or(0, |block| block.height);
        self.drop_to(height);
        self.bind(label);
    }

    /// Continues where exceptions arrive.
    pub fn land(&mut self, pad: LabelId) {
        self.arrive(pad);
        self.asm.load(Width::B64, VMCTX, SAVED_VMCTX);
    }

    /// Loads everything else that lives in a register.
    pub fn reload_state(&mut self) {
        if self.base_in_register {
            self.load_memory_base(MEMORY_BASE_REG, MemoryIndex(0));
        }
        for i in 0..self.locals.in_registers.len() {
            let local = self.locals.get(self.locals.in_registers[i]);
            self.load_home(local);
        }
    }

    fn end_with_clauses(&mut self, catches: Option<&[Catch]>, outer: u32) {
        if catches.is_some() {
            self.reload_state();
        }
        for clause in catches.into_iter().flatten().map(Clause::of) {
            let next = clause.tag.map(|own| self.jump_if_other_tag(own));
            self.catch(clause);
            match next {
                Some(next) => self.bind(next),
                None => return,
            }
        }
        self.pass_on(outer);
    }

    /// Continues if the tag is that of the module; returns the label for others.
    pub fn jump_if_other_tag(&mut self, own: TagIndex) -> LabelId {
        let other = self.new_label();
        let own = Mem(VMCTX, self.module.layout.tag(own));
        self.asm.alu_mem(Alu::Cmp, Width::B64, RAX, own);
        self.jump_if(Condition::NotEqual, other);
        other
    }

    /// Branches to the label of a clause, with the operands that it takes.
    fn catch(&mut self, clause: Clause) {
        let below = self.stack.len();
        if clause.reference {
            self.make_object();
        }
        if let Some(own) = clause.tag {
            self.push_payload(own);
        }
        if clause.reference {
            self.push_in_slot(EXCEPTION.kind, Source::Reg(RDX));
        }
        // The `try_table` itself is still open.
        self.branch(clause.label + 1);
        self.drop_to(below);
    }

    /// Makes the object of the exception that has just arrived, if there is none.
    pub fn make_object(&mut self) {
        let made = self.new_label();
        self.asm.test(RDX);
        self.jump_if(Condition::NotEqual, made);
        self.call_builtin_plainly(Builtin::MakeException, &[TAG]);
        self.after_call();
        self.asm.mov(Width::B64, RDX, RAX);
        self.bind(made);
    }

    /// Pushes the values of the exception that has just arrived.
    pub fn push_payload(&mut self, tag: TagIndex) {
        let module = self.module;
        for (n, ty) in module.tag_type(tag).params.iter().enumerate() {
            self.load_overflow_buffer();
            self.push_in_slot(Kind::of(*ty), Source::Mem(Mem(SCRATCH, 16 * n as i32)));
        }
    }

    /// Stores the values of an exception that is about to be thrown: the operands from a height on.
    pub fn store_payload(&mut self, tag: TagIndex, at: usize) {
        for n in 0..self.payload_len(tag) {
            let operand = self.stack[at + n];
            self.store_in_buffer(operand, self.source(operand), n as u32);
        }
    }

    pub fn payload_len(&self, tag: TagIndex) -> usize {
        self.module.tag_type(tag).params.len()
    }

    /// Passes an exception that has just arrived on to where exceptions go at the label of this depth.
    fn pass_on(&mut self, depth: u32) {
        let place = self.blocks.len().saturating_sub(1 + depth as usize);
        let around = self.tries.partition_point(|open| open.place <= place);
        match self.tries[..around].last_mut() {
            Some(outer) => {
                outer.is_used = true;
                let pad = outer.pad;
                self.jump(pad);
            }
            None => {
                self.call_builtin_plainly(Builtin::ThrowOn, &[TAG, EXCEPTION]);
                self.asm.undefined();
            }
        }
    }

    fn throw(&mut self, tag: TagIndex) {
        let below = self.below(self.payload_len(tag));
        if let Some((clause, depth)) = self.known_catch(tag) {
            if clause.tag.is_none() {
                self.drop_to(below);
            }
            return self.branch(depth);
        }
        self.save_locals_from_exceptions();
        self.store_payload(tag, below);
        self.load_tag(tag);
        self.throw_tag(Operand::constant(Kind::I64, 0));
    }

    fn known_catch(&self, tag: TagIndex) -> Option<(Clause, u32)> {
        let depth = |open: &Try| (self.blocks.len() - open.place) as u32;
        let tries = self.tries.iter().rev().map(|open| (open.catches.as_deref(), depth(open)));
        known_catch(tries, tag, self.module.imported.tags)
    }

    fn throw_ref(&mut self) {
        // It is needed after a call.
        let top = self.below(1);
        self.spill(top);
        let exception = self.stack[top];
        if exception.as_constant().is_some() {
            return self.trap(TrapCode::NullReference);
        }
        self.compare_with_zero(exception);
        self.trap_if(Condition::Equal, TrapCode::NullReference);
        self.save_locals_from_exceptions();
        self.open_exception(exception);
        self.throw_tag(exception);
    }

    /// Makes the tag of an exception object the tag to throw, and what it carries the values.
    pub fn open_exception(&mut self, exception: Operand) {
        self.call_builtin_plainly(Builtin::OpenException, &[exception]);
    }

    /// Makes a tag of the module the tag to throw.
    pub fn load_tag(&mut self, tag: TagIndex) {
        self.asm.load(Width::B64, RAX, Mem(VMCTX, self.module.layout.tag(tag)));
    }

    /// Throws an exception, whose tag is in rax. What follows is dead.
    pub fn throw_tag(&mut self, exception: Operand) {
        self.call_builtin_plainly(Builtin::Throw, &[TAG, exception]);
        self.may_throw();
        self.asm.undefined();
    }

    /// The handlers of calls in a try. The code of the body begins at `start`, and the sites are complete.
    pub fn handler_details(&self, start: u32) -> Result<Vec<(u32, SiteDetails)>, CompileError> {
        let lost = || CompileError::internal("a landing pad is lost");
        let detail = |&(call, pad): &(u32, LabelId)| {
            let landing = start + self.offset_of(pad).ok_or_else(lost)? as u32;
            let key = (start + call, false);
            let site = |site: &Site| (site.code_offset, site.trap.is_some());
            let at = self.sites.binary_search_by_key(&key, site).map_err(|_| lost())?;
            let handler = Some(Handler { landing, frame_size: self.frame.size() as u32 });
            Ok((at as u32, SiteDetails { handler, ..SiteDetails::default() }))
        };
        self.handlers.iter().map(detail).collect()
    }
}
