//! Registers: which are free, and for what they are used.
//!
//! | register | use |
//! |---|---|
//! | rsp, rbp | the stack and the frame |
//! | r11, xmm14, xmm15 | within the code of one instruction |
//! | r14 | the vmctx |
//! | r15 | the base of the first memory, in functions that access it; else a local |
//! | rbx, r12, r13 | locals; calls preserve them |
//! | r8, r9, r10, xmm8 to xmm13 | locals, saved around calls, or operands |
//! | the others | operands |
//!
//! Registers for locals are chosen once for a function, before its code is emitted.

use crate::asm::x64::*;

/// For the code of one instruction.
pub(super) const SCRATCH: Reg = R11;
pub(super) const SCRATCH_XMM: Xmm = Xmm(15);
pub(super) const SECOND_SCRATCH_XMM: Xmm = Xmm(14);
pub(super) const VMCTX: Reg = R14;
pub(super) const MEMORY_BASE_REG: Reg = R15;

/// Registers for locals that calls preserve, in order of preference.
pub(super) const PRESERVED: [Reg; 4] = [RBX, R12, R13, R15];
/// Registers for locals that calls do not preserve.
pub(super) const UNPRESERVED: [Reg; 3] = [R8, R9, R10];
pub(super) const UNPRESERVED_XMMS: [Xmm; 6] = [Xmm(8), Xmm(9), Xmm(10), Xmm(11), Xmm(12), Xmm(13)];

/// All registers that operands may use.
const INTS: [Reg; 8] = [RAX, RCX, RDX, RSI, RDI, R8, R9, R10];
const XMMS: u16 = 0x3fff;

const fn bit(reg: Reg) -> u16 {
    1 << reg.number()
}

/// The free registers, as bits.
#[derive(Default)]
pub(super) struct Registers {
    free: u16,
    free_xmms: u16,
    /// Those that operands may use in this function.
    pool: u16,
    pool_xmms: u16,
}

impl Registers {
    /// All registers are free but those of locals.
    pub fn begin(&mut self, locals: impl Iterator<Item = Reg>, xmms: impl Iterator<Item = Xmm>) {
        self.pool = INTS.iter().fold(0, |all, reg| all | bit(*reg));
        self.pool = locals.fold(self.pool, |all, reg| all & !bit(reg));
        self.pool_xmms = xmms.fold(XMMS, |all, xmm| all & !(1 << xmm.0));
        (self.free, self.free_xmms) = (self.pool, self.pool_xmms);
    }

    /// Gives a register back. Those of locals are not operands' to give.
    pub fn release(&mut self, reg: Reg) {
        self.free |= bit(reg) & self.pool;
    }

    pub fn release_xmm(&mut self, xmm: Xmm) {
        self.free_xmms |= 1 << xmm.0 & self.pool_xmms;
    }

    /// Whether a register is for operands, not for a local.
    pub fn is_operands(&self, reg: Reg) -> bool {
        self.pool & bit(reg) != 0
    }

    pub fn is_operands_xmm(&self, xmm: Xmm) -> bool {
        self.pool_xmms & 1 << xmm.0 != 0
    }

    pub fn is_free(&self, reg: Reg) -> bool {
        self.free & bit(reg) != 0
    }

    pub fn reserve(&mut self, reg: Reg) {
        self.free &= !bit(reg);
    }

    pub fn reserve_xmm(&mut self, xmm: Xmm) {
        self.free_xmms &= !(1 << xmm.0);
    }

    pub fn take(&mut self) -> Option<Reg> {
        let number = self.free.trailing_zeros();
        (number < 16).then(|| {
            self.free &= self.free - 1;
            Reg::numbered(number as u8)
        })
    }

    pub fn take_xmm(&mut self) -> Option<Xmm> {
        let number = self.free_xmms.trailing_zeros();
        (number < 16).then(|| {
            self.free_xmms &= self.free_xmms - 1;
            Xmm(number as u8)
        })
    }
}
