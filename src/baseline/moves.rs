//! Moves that happen at once: arguments into the registers of a call, results into those of a return.
//!
//! A register may be the target of one move and the source of another. So a move is emitted when nothing needs the
//! former value of its target any more; what remains then are cycles, which a scratch register breaks. Values that
//! are not in registers are loaded last.

use super::emitter::Emitter;
use super::operand::{Kind, Source};
use super::registers::{SCRATCH, SCRATCH_XMM};
use crate::asm::x64::*;
use smallvec::SmallVec;

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    Reg(Reg),
    Xmm(Xmm),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub to: Target,
    pub kind: Kind,
    pub from: Source,
}

impl Move {
    fn is_within_registers(&self) -> bool {
        matches!(self.from, Source::Reg(_) | Source::Xmm(_))
    }

    fn reads(&self, target: Target) -> bool {
        match (self.from, target) {
            (Source::Reg(from), Target::Reg(reg)) => from == reg,
            (Source::Xmm(from), Target::Xmm(reg)) => from == reg,
            _ => false,
        }
    }
}

pub(super) type Moves = SmallVec<[Move; 16]>;

impl Emitter<'_> {
    /// Emits moves to different targets as if they happened at once.
    pub fn move_all(&mut self, moves: &Moves) {
        let is_overwritten =
            |(at, one): (usize, &Move)| moves[..at].iter().any(|before| one.reads(before.to));
        if !moves.iter().enumerate().any(is_overwritten) {
            return moves.iter().for_each(|one| self.emit_move(*one));
        }
        self.move_in_order(moves);
    }

    /// The same where one target is needed by a move after it.
    fn move_in_order(&mut self, moves: &Moves) {
        let mut rest: Moves =
            moves.iter().filter(|one| one.is_within_registers()).copied().collect();
        rest.retain(|one| !one.reads(one.to));
        while !rest.is_empty() {
            let is_ready = |one: &Move| !rest.iter().any(|other| other.reads(one.to));
            match rest.iter().position(is_ready) {
                Some(ready) => {
                    let one = rest.swap_remove(ready);
                    self.emit_move(one);
                }
                None => self.break_cycle(&mut rest),
            }
        }
        for one in moves.iter().filter(|one| !one.is_within_registers()) {
            self.emit_move(*one);
        }
    }

    fn emit_move(&mut self, one: Move) {
        match one.to {
            Target::Reg(to) => self.load_reg_from(to, one.kind, one.from),
            Target::Xmm(to) => self.load_xmm_from(to, one.kind, one.from),
        }
    }

    /// Copies the target of one move, and reads the copy from then on.
    fn break_cycle(&mut self, rest: &mut Moves) {
        let target = rest[0].to;
        let copy = match target {
            Target::Reg(reg) => {
                self.asm.mov(Width::B64, SCRATCH, reg);
                Source::Reg(SCRATCH)
            }
            Target::Xmm(reg) => {
                self.asm.move_vector(SCRATCH_XMM, reg);
                Source::Xmm(SCRATCH_XMM)
            }
        };
        for one in rest.iter_mut().filter(|one| one.reads(target)) {
            one.from = copy;
        }
    }
}
