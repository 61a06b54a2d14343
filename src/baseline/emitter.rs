//! The state of compiling one function, which every instruction family uses.
//!
//! A family is a set of methods. Instructions are valid and can be reached, so operands exist and have the right
//! types. `pop` takes an operand; `in_reg` and `owned` bring it into a register, `source` says where it can be read,
//! `result_reg` chooses where a result goes, and `push_reg` pushes it. Every register that an instruction takes is
//! released or pushed.
//!
//! Failures are noted and reported at the end: what is emitted after one is not used.

use super::blocks::{Block, LabelId, Try};
use super::cold::Cold;
use super::constants::Constants;
use super::frame::FrameLayout;
use super::locals::{Home, LocalHomes};
use super::operand::{Kind, Operand, Place, Source};
use super::registers::{Registers, SCRATCH, SCRATCH_XMM};
use super::scan::Scan;
use crate::abi::{CallRelocation, CodeMode, DirectCalls, Features, Site, TrapCode, Traps};
use crate::asm::x64::*;
use crate::body::error::CompileError;
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncType};
use std::num::NonZeroU8;

/// What the next instruction does with the operand on top, if that matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    Other,
    /// Makes it a local.
    Local(u32),
    /// Depends on whether it is zero.
    Condition,
}

/// Collections reused from function to function.
#[derive(Default)]
pub(super) struct Buffers {
    pub asm: Assembler,
    pub scan: Scan,
    pub locals: LocalHomes,
    pub registers: Registers,
    pub frame: FrameLayout,
    pub stack: Vec<Operand>,
    pub high_slots: Vec<u32>,
    pub blocks: Vec<Block>,
    pub tries: Vec<Try>,
    pub handlers: Vec<(u32, LabelId)>,
    pub labels: Vec<Label>,
    pub constants: Constants,
    pub cold: Vec<Cold>,
    pub tables: Vec<(LabelId, Vec<LabelId>)>,
    pub sites: Vec<Site>,
    pub calls: Vec<CallRelocation>,
    /// Return addresses of calls that continue the function.
    pub hidden: Vec<u32>,
}

/// One function being compiled.
pub(super) struct Emitter<'m> {
    pub module: &'m Module,
    pub mode: CodeMode,
    pub features: Features,
    pub function_type: &'m FuncType,
    pub func: DefinedFuncIndex,
    pub direct_calls: DirectCalls,
    /// The code counts what it executes.
    pub counted: bool,
    /// The number of loops so far.
    pub loops: u32,
    /// The base of memory 0 is in its register.
    pub base_in_register: bool,
    /// So it is, and accesses of memory 0 out of bounds fault if their static offset is short.
    pub is_guarded: bool,
    pub asm: &'m mut Assembler,
    pub locals: &'m mut LocalHomes,
    pub registers: &'m mut Registers,
    pub frame: &'m mut FrameLayout,
    pub stack: &'m mut Vec<Operand>,
    /// The slots of operands that are higher than usual (see `slots`).
    pub high_slots: &'m mut Vec<u32>,
    /// Operands below this height are constants, locals, or in their slots.
    pub settled: usize,
    /// Operands below this height are lasting or in their slots. At most `settled`.
    pub lasting: usize,
    /// Operands below this height are in their slots, in counted code. At most `settled`.
    pub in_slots: usize,
    pub blocks: &'m mut Vec<Block>,
    pub tries: &'m mut Vec<Try>,
    /// Return addresses of calls in a try, and its landing pad.
    pub handlers: &'m mut Vec<(u32, LabelId)>,
    pub labels: &'m mut Vec<Label>,
    pub constants: &'m mut Constants,
    pub cold: &'m mut Vec<Cold>,
    pub tables: &'m mut Vec<(LabelId, Vec<LabelId>)>,
    pub sites: &'m mut Vec<Site>,
    pub calls: &'m mut Vec<CallRelocation>,
    pub hidden: &'m mut Vec<u32>,
    /// Weighted uses of each local.
    pub uses: &'m [u64],
    pub has_tail_calls: bool,
    pub has_tries: bool,
    pub has_loops: bool,
    /// Where the function ends.
    pub exit: LabelId,
    /// Byte offset in the module of the current instruction.
    pub at: u32,
    pub next: Next,
    /// The register whose value the zero flag describes, as long as the code has this length.
    pub zero_flag: Option<(usize, Reg, Width)>,
    /// The function calls something that does not check the stack for it.
    pub has_calls: bool,
    /// The most bytes of stack arguments of a call.
    pub call_args: u32,
    pub failure: Option<CompileError>,
}

impl Emitter<'_> {
    /// Notes a bug of this compiler.
    #[cold]
    pub fn fail(&mut self, what: &str) {
        self.failure.get_or_insert_with(|| CompileError::internal(what));
    }

    pub fn new_label(&mut self) -> LabelId {
        self.labels.push(Label::default());
        LabelId(self.labels.len() as u32 - 1)
    }

    pub fn bind(&mut self, label: LabelId) {
        self.zero_flag = None;
        self.asm.bind(&mut self.labels[label.0 as usize]);
    }

    pub fn jump(&mut self, label: LabelId) {
        self.asm.jump(&mut self.labels[label.0 as usize]);
    }

    pub fn jump_if(&mut self, condition: Condition, label: LabelId) {
        self.asm.jump_if(condition, &mut self.labels[label.0 as usize]);
    }

    pub fn lea_label(&mut self, to: Reg, label: LabelId) {
        self.asm.lea_label(to, &mut self.labels[label.0 as usize]);
    }

    /// Applies an operation to a register and the constant at a label.
    pub fn sse_label(&mut self, op: Sse, to: Xmm, label: LabelId) {
        self.asm.sse_label(op, to, &mut self.labels[label.0 as usize]);
    }

    pub fn vex_label(&mut self, op: Sse, to: Xmm, left: Xmm, label: LabelId) {
        self.asm.vex_label(op, to, left, &mut self.labels[label.0 as usize]);
    }

    /// The offset of a label, if it is bound.
    pub fn offset_of(&self, label: LabelId) -> Option<usize> {
        self.asm.offset_of(&self.labels[label.0 as usize])
    }

    /// Whether a failed check may fault instead of calling.
    pub fn may_fault(&self) -> bool {
        self.mode.traps == Traps::Signals
    }

    /// The next instruction may fault, for this reason.
    pub fn fault_site(&mut self, code: TrapCode) {
        self.site(Some(code.as_non_zero()), self.at);
    }

    /// The last instruction was a call.
    pub fn return_site(&mut self) {
        self.site(None, self.at);
    }

    pub fn site(&mut self, trap: Option<NonZeroU8>, wasm_offset: u32) {
        let code_offset = self.asm.len() as u32;
        self.sites.push(Site { code_offset, wasm_offset, trap });
    }

    /// The register of an operand that was popped, and whether it may be changed. It is released like an operand.
    pub fn in_reg(&mut self, operand: Operand) -> Reg {
        match self.source(operand) {
            Source::Reg(reg) => reg,
            _ => self.owned(operand),
        }
    }

    /// A register with an operand that was popped, which may be changed.
    pub fn owned(&mut self, operand: Operand) -> Reg {
        if let Place::Reg(reg) = operand.place
            && self.registers.is_operands(reg)
        {
            return reg;
        }
        let reg = self.take();
        self.load_reg(reg, operand);
        reg
    }

    /// A register with the first operand of an instruction that replaces it by its result. The `others` may not be in
    /// that register.
    pub fn accumulator(&mut self, first: Operand, others: &[Operand]) -> Reg {
        if let Place::Reg(reg) = first.place
            && self.registers.is_operands(reg)
        {
            return reg;
        }
        let reg = self.result_reg(others);
        self.load_reg(reg, first);
        reg
    }

    pub fn accumulator_xmm(&mut self, first: Operand, others: &[Operand]) -> Xmm {
        if let Place::Xmm(reg) = first.place
            && self.registers.is_operands_xmm(reg)
        {
            return reg;
        }
        let reg = self.result_xmm(others);
        self.load_xmm(reg, first);
        reg
    }

    /// The register where a result should go: that of the local that it becomes next, if the operands in `inputs`
    /// are not that local, else one of its own.
    pub fn result_reg(&mut self, inputs: &[Operand]) -> Reg {
        if let Some(reg) = self.target(inputs) { reg } else { self.take() }
    }

    /// The register of the local that the result becomes next. It is about to change.
    pub fn target(&mut self, inputs: &[Operand]) -> Option<Reg> {
        let Next::Local(local) = self.next else { return None };
        let Home::Reg(reg) = self.locals.get(local).home else { return None };
        let is_input = |input: &Operand| input.place == Place::Local(local);
        if inputs.iter().any(is_input) || !self.may_change_now(local) {
            return None;
        }
        self.keep_former_value(local);
        Some(reg)
    }

    /// The register where the result of one instruction goes that reads `from`, which is given up.
    pub fn result_over(&mut self, from: Reg) -> Reg {
        let result = match self.target(&[]) {
            Some(target) => target,
            None if self.registers.is_operands(from) => return from,
            None => self.take(),
        };
        self.registers.release(from);
        result
    }

    pub fn result_xmm(&mut self, inputs: &[Operand]) -> Xmm {
        if let Some(reg) = self.target_xmm(inputs) { reg } else { self.take_xmm() }
    }

    pub fn target_xmm(&mut self, inputs: &[Operand]) -> Option<Xmm> {
        let Next::Local(local) = self.next else { return None };
        let Home::Xmm(reg) = self.locals.get(local).home else { return None };
        let is_input = |input: &Operand| input.place == Place::Local(local);
        if inputs.iter().any(is_input) || !self.may_change_now(local) {
            return None;
        }
        self.keep_former_value(local);
        Some(reg)
    }

    /// A vector register with an operand that was popped; it may only be read.
    pub fn in_xmm(&mut self, operand: Operand) -> Xmm {
        match self.source(operand) {
            Source::Xmm(reg) => reg,
            _ => self.owned_xmm(operand),
        }
    }

    /// A vector register with an operand that was popped, which may be changed.
    pub fn owned_xmm(&mut self, operand: Operand) -> Xmm {
        if let Place::Xmm(reg) = operand.place
            && self.registers.is_operands_xmm(reg)
        {
            return reg;
        }
        let reg = self.take_xmm();
        self.load_xmm(reg, operand);
        reg
    }

    /// A copy of an operand on the stack.
    pub fn copy(&mut self, operand: Operand) -> Place {
        if operand.kind.is_int() {
            let reg = self.take();
            self.load_reg(reg, operand);
            Place::Reg(reg)
        } else {
            let reg = self.take_xmm();
            self.load_xmm(reg, operand);
            Place::Xmm(reg)
        }
    }

    pub fn load_reg(&mut self, to: Reg, operand: Operand) {
        self.load_reg_from(to, operand.kind, self.source(operand));
    }

    /// Loads a general register. Leaves the flags as they are.
    pub fn load_reg_from(&mut self, to: Reg, kind: Kind, from: Source) {
        match from {
            Source::Reg(from) if from == to => {}
            Source::Reg(from) => self.asm.mov(width(kind), to, from),
            Source::Mem(from) => self.asm.load(width(kind), to, from),
            Source::Const(bits) => self.asm.set_64(to, bits),
            Source::Flags(condition) => {
                self.asm.set_if(condition, to);
                self.asm.extend(Extend::Zero8, to, to);
            }
            Source::Xmm(_) => self.fail("a float in a general register"),
        }
    }

    pub fn load_xmm(&mut self, to: Xmm, operand: Operand) {
        self.load_xmm_from(to, operand.kind, self.source(operand));
    }

    /// Loads a vector register. Leaves the flags as they are.
    pub fn load_xmm_from(&mut self, to: Xmm, kind: Kind, from: Source) {
        match from {
            Source::Xmm(from) if from == to => {}
            Source::Xmm(from) => self.asm.move_vector(to, from),
            Source::Mem(from) => match kind {
                Kind::F32 => self.asm.load_float(Width::B32, to, from),
                Kind::F64 => self.asm.load_float(Width::B64, to, from),
                _ => self.asm.load_vector(to, from),
            },
            Source::Const(bits) => self.load_const(to, bits.into()),
            Source::Reg(_) | Source::Flags(_) => self.fail("an integer in a vector register"),
        }
    }

    /// Writes an operand to the frame. Leaves the flags as they are.
    pub fn store_at(&mut self, to: Mem, operand: Operand) {
        self.store_source(operand.kind, to, self.source(operand));
    }

    pub fn store_source(&mut self, kind: Kind, to: Mem, from: Source) {
        match from {
            Source::Reg(from) => self.asm.store_low(kind.size(), to, from),
            Source::Xmm(from) => self.store_xmm(kind, to, from),
            Source::Mem(from) if from == to => {}
            Source::Mem(from) if kind == Kind::V128 => {
                self.asm.load_vector(SCRATCH_XMM, from);
                self.asm.store_vector(to, SCRATCH_XMM);
            }
            Source::Mem(_) | Source::Flags(_) => {
                let kind = if kind.size() == 4 { Kind::I32 } else { Kind::I64 };
                self.load_reg_from(SCRATCH, kind, from);
                self.asm.store_low(kind.size(), to, SCRATCH);
            }
            Source::Const(bits) => self.store_const(kind, to, bits),
        }
    }

    fn store_xmm(&mut self, kind: Kind, to: Mem, from: Xmm) {
        match kind {
            Kind::F32 => self.asm.store_float(Width::B32, to, from),
            Kind::F64 => self.asm.store_float(Width::B64, to, from),
            _ => self.asm.store_vector(to, from),
        }
    }

    fn store_const(&mut self, kind: Kind, to: Mem, bits: u64) {
        let short = match kind.size() {
            4 => Some(bits as i32),
            _ => i32::try_from(bits as i64).ok(),
        };
        match short {
            Some(value) => self.asm.store_low_const(kind.size().min(8), to, value),
            None => {
                self.asm.set_64(SCRATCH, bits);
                self.asm.store_low(8, to, SCRATCH);
            }
        }
    }
}

/// The operand size of an integer.
pub(super) fn width(kind: Kind) -> Width {
    if kind == Kind::I32 { Width::B32 } else { Width::B64 }
}
