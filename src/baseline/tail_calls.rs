//! Tail calls: the callee takes the place of the caller's frame.
//!
//! Arguments on the stack replace the caller's. If both take as many bytes, they are written there at once: the
//! caller has copied its own to the slots of its locals. Otherwise they are put below the frame, together with the
//! caller's saved rbp and return address, and the whole is moved up to where the callee expects it, from the
//! highest word to the lowest.

use super::calls::Callee;
use super::emitter::Emitter;
use super::frame::{SAVED, saved};
use super::registers::SCRATCH;
use crate::abi::frames::FRAME_HEAD;
use crate::abi::signature::stack_args_size;
use crate::asm::x64::*;
use crate::types::FuncType;

impl Emitter<'_> {
    pub fn emit_tail_call(&mut self, callee: Callee, ty: &FuncType) {
        let below = self.below(ty.params.len());
        let (own, theirs) = (stack_args_size(self.function_type), stack_args_size(ty));
        let above = Mem(RBP, FRAME_HEAD as i32);
        if own == theirs {
            self.move_arguments(ty, below, above);
        } else {
            // The head of a frame, which is pushed below.
            self.call_args = self.call_args.max(theirs + FRAME_HEAD + own.max(theirs));
            self.asm.sub(RSP, theirs as i32);
            self.move_arguments(ty, below, Mem(RSP, 0));
        }
        self.release_arguments(below);
        self.load_callee_vmctx(callee);
        let code = self.code_of(callee);
        self.asm.load(Width::B64, RAX, code);
        for (number, reg) in SAVED.into_iter().enumerate() {
            self.asm.load(Width::B64, reg, saved(number));
        }
        if own == theirs {
            self.asm.leave();
        } else {
            self.move_frame(own, theirs);
        }
        self.asm.jump_reg(RAX);
    }

    /// Moves the new arguments, which are at rsp, to where they end at the same place as the old ones.
    fn move_frame(&mut self, own: u32, theirs: u32) {
        self.asm.push_mem(Mem(RBP, 8));
        self.asm.push_mem(Mem(RBP, 0));
        let up = own as i32 - theirs as i32;
        for word in (0..(theirs + FRAME_HEAD) / 8).rev() {
            let offset = word as i32 * 8;
            self.asm.load(Width::B64, SCRATCH, Mem(RSP, offset));
            self.asm.store(Mem(RBP, up + offset), SCRATCH);
        }
        self.asm.lea(RSP, Mem(RBP, up));
        self.asm.pop(RBP);
    }
}
