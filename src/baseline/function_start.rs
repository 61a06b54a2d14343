//! The beginning and the end of a function: its frame, the registers that it must preserve, parameters and locals.

use super::emitter::Emitter;
use super::frame::{SAVED, SAVED_VMCTX, saved};
use super::locals::{Home, Local};
use super::moves::{Move, Moves, Target};
use super::operand::{Kind, Source};
use super::registers::{MEMORY_BASE_REG, VMCTX};
use crate::abi::frames::FRAME_HEAD;
use crate::abi::signature::{ParamPlace, params, stack_args_size};
use crate::asm::registers::INT_ARG_REGS;
use crate::asm::x64::*;
use crate::body::Locals;
use crate::types::MemoryIndex;

/// Up to this many locals in the frame are zeroed one by one.
const FEW: usize = 8;

pub(super) struct FunctionStart {
    /// Which of [`SAVED`] are used.
    saves: [bool; SAVED.len()],
    params: usize,
}

impl FunctionStart {
    pub fn of(emitter: &Emitter<'_>, locals: &Locals) -> FunctionStart {
        let is_used = |reg: Reg| {
            reg == VMCTX
                || reg == MEMORY_BASE_REG && emitter.base_in_register
                || emitter.locals.registers().any(|home| home == reg)
                // They are restored before it is known which are used.
                || emitter.has_tail_calls
                // They are lost where an exception arrives.
                || emitter.has_tries
        };
        FunctionStart { saves: SAVED.map(is_used), params: locals.params() }
    }

    /// More bytes than the code takes, roughly.
    pub fn room(&self) -> usize {
        128 + 16 * self.params
    }

    /// Emits the way out.
    pub fn emit_end(&self, emitter: &mut Emitter<'_>) {
        for (number, reg) in SAVED.into_iter().enumerate().filter(|(n, _)| self.saves[*n]) {
            emitter.asm.load(Width::B64, reg, saved(number));
        }
        emitter.asm.leave();
        let args = stack_args_size(emitter.function_type);
        emitter.asm.ret(args.min(u16::MAX.into()) as u16);
    }

    /// Emits the way in, after the checks.
    pub fn emit(&self, emitter: &mut Emitter<'_>) {
        emitter.asm.push(RBP);
        emitter.asm.mov(Width::B64, RBP, RSP);
        emitter.asm.sub(RSP, emitter.frame.size().min(i32::MAX as u64) as i32);
        for (number, reg) in SAVED.into_iter().enumerate().filter(|(n, _)| self.saves[*n]) {
            emitter.asm.store(saved(number), reg);
        }
        emitter.asm.mov(Width::B64, VMCTX, INT_ARG_REGS[0]);
        if emitter.has_tries {
            emitter.asm.store(SAVED_VMCTX, VMCTX);
        }
        emitter.store_params();
        emitter.clear_locals(self.params);
        if emitter.base_in_register {
            emitter.load_memory_base(MEMORY_BASE_REG, MemoryIndex(0));
        }
    }
}

impl Emitter<'_> {
    /// Moves the parameters to where they live. Nothing promises zeros above an i32.
    fn store_params(&mut self) {
        let mut moves = Moves::new();
        let mut in_place: Vec<Reg> = Vec::new();
        for (index, (_, place)) in params(self.function_type).enumerate() {
            if self.uses[index] == 0 {
                continue;
            }
            let local = self.locals.get(index as u32);
            let from = match place {
                ParamPlace::Int(n) => Source::Reg(INT_ARG_REGS[n as usize]),
                ParamPlace::Float(n) => Source::Xmm(Xmm(n)),
                ParamPlace::Stack(offset) => {
                    Source::Mem(Mem(RBP, FRAME_HEAD as i32 + offset as i32))
                }
            };
            let to = match local.home {
                Home::Frame => {
                    self.store_source(local.kind, local.slot(), from);
                    continue;
                }
                Home::Reg(reg) => Target::Reg(reg),
                Home::Xmm(reg) => Target::Xmm(reg),
            };
            if let (Target::Reg(reg), Source::Reg(from)) = (to, from)
                && reg == from
                && local.kind == Kind::I32
            {
                in_place.push(reg);
            }
            moves.push(Move { to, kind: local.kind, from });
        }
        self.move_all(&moves);
        in_place.into_iter().for_each(|reg| self.asm.mov(Width::B32, reg, reg));
    }

    /// Sets the locals after the parameters to zero.
    fn clear_locals(&mut self, params: usize) {
        let in_frame: Vec<Local> = (params..self.locals.all.len())
            .filter(|local| self.uses[*local] > 0)
            .map(|local| self.locals.get(local as u32))
            .filter(|local| local.home == Home::Frame)
            .collect();
        match in_frame[..] {
            [] => {}
            [first, .., last] if in_frame.len() > FEW => self.clear_frame(first, last),
            _ => in_frame.iter().for_each(|local| self.clear_one(*local)),
        }
        for index in 0..self.locals.in_registers.len() {
            let index = self.locals.in_registers[index];
            if index as usize >= params {
                match self.locals.get(index).home {
                    Home::Reg(reg) => self.asm.clear(reg),
                    Home::Xmm(reg) => self.asm.clear_vector(reg),
                    Home::Frame => {}
                }
            }
        }
    }

    fn clear_one(&mut self, local: Local) {
        for word in (0..local.kind.size().max(8) as i32).step_by(8) {
            self.asm.store_low_const(8, local.slot().plus(word), 0);
        }
    }

    /// Clears the frame from one local to another, which is below it.
    fn clear_frame(&mut self, first: Local, last: Local) {
        let end = first.slot + first.kind.size().max(8) as i32;
        self.asm.lea(RDI, last.slot());
        self.asm.set(RCX, ((end - last.slot) / 8) as u32);
        self.asm.set(RAX, 0);
        self.asm.fill_words();
    }
}
