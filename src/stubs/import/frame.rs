//! Import frames: the beginning and end of every call from guest code to the host.
//!
//! An import stub is called with rdi = [`VmImport`](crate::abi::vmctx::VmImport) and the arguments in the guest's
//! convention; stack arguments are at +16 from the frame's address, and popped on return. All data is in
//! the stub's own frame (laid out in `abi::frames`), since the host function may call into the store again, on this
//! stack or another.
//!
//! The frame's address is in no register: rbp keeps the guest's frame pointer, since setting and reloading it would
//! make every call wait for memory. The whole frame is compared with the stack limit before any of it is touched,
//! so it cannot skip a guard page.

use super::failure::fail_import;
use crate::abi::TrapCode;
use crate::abi::frames::{IMPORT_CONTEXT, IMPORT_STACK_LIMIT};
use crate::abi::signature;
use crate::abi::vmctx::{HOST_SLOT, IMPORT_STORE, STORE_EXIT, STORE_STACK_LIMIT};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RBP, RCX, RDI, RDX, RSI, RSP, Width,
};
use crate::stubs::error::StubError;
use crate::stubs::float_mode::{self, Crossing, FloatCheck};
use crate::stubs::saved_state::restore_state;
use crate::types::FuncType;

/// The rarely taken branches of a stub, for hosts with another floating-point mode, and the labels where they
/// return.
#[derive(Default)]
pub(super) struct FloatModes {
    leaving: Label,
    left: Label,
    returning: Label,
    returned: Label,
}

impl FloatModes {
    pub fn emit(mut self, asm: &mut Assembler) {
        asm.bind(&mut self.leaving);
        float_mode::give_back(asm, RAX);
        asm.jump(&mut self.left);
        asm.bind(&mut self.returning);
        float_mode::take_over(asm, Crossing::Return);
        asm.jump(&mut self.returned);
    }
}

/// The offset from the slot of a `VmHostFunc`, which imports name, of another of its fields.
pub(super) const fn from_slot(field: i32) -> i32 {
    field - HOST_SLOT
}

/// The frame of an import stub: the distance of its address from the stack pointer.
#[derive(Clone, Copy)]
pub(super) struct ImportFrame(pub i32);

impl ImportFrame {
    /// A word of the frame, while the stack pointer is at its end.
    pub fn at(self, offset: i32) -> Mem {
        Mem(RSP, self.0 + offset)
    }

    pub fn open(self, asm: &mut Assembler, overflow: &mut Label) {
        asm.push(RBP);
        asm.load(Width::B64, R11, Mem(RDI, IMPORT_STORE));
        asm.lea(RAX, Mem(RSP, -self.0));
        asm.load(Width::B64, R10, Mem(R11, STORE_STACK_LIMIT));
        asm.cmp_regs(RAX, R10);
        asm.jump_if(Condition::Below, overflow);
        asm.store(Mem(R11, STORE_EXIT), RSP);
        asm.sub(RSP, self.0);
        asm.store(self.at(IMPORT_CONTEXT), RDI);
        asm.store(self.at(IMPORT_STACK_LIMIT), R10);
    }

    /// Restores the host's floating-point mode, with the store in r11.
    pub fn leave_guest(self, asm: &mut Assembler, modes: &mut FloatModes) {
        float_mode::check_leaving(asm, &mut modes.leaving);
        modes.left = asm.here();
    }

    /// Restores the guest's floating-point mode, with the store in r11 from then on. This comes first, so that the
    /// rest of the stub runs in the mode of guest code.
    pub fn return_to_guest(self, asm: &mut Assembler, check: FloatCheck, modes: &mut FloatModes) {
        self.load_store(asm);
        float_mode::check(asm, check, Crossing::Return, &mut modes.returning);
        modes.returned = asm.here();
    }

    /// Loads the store into r11, after the host has run.
    pub fn load_store(self, asm: &mut Assembler) {
        asm.load(Width::B64, R11, self.at(IMPORT_CONTEXT));
        asm.load(Width::B64, R11, Mem(R11, IMPORT_STORE));
    }

    /// Jumps to `changed` unless the exit word is still that of this frame, with the store in r11.
    pub fn check_exit(self, asm: &mut Assembler, changed: &mut Label) {
        asm.lea(R10, self.at(0));
        asm.cmp(R10, Mem(R11, STORE_EXIT));
        asm.jump_if(Condition::NotEqual, changed);
    }

    /// Restores the state of the store in r11.
    pub fn restore_state(self, asm: &mut Assembler) {
        asm.mov(Width::B64, RDI, R11);
        asm.load(Width::B64, RSI, self.at(IMPORT_STACK_LIMIT));
        asm.lea(RDX, self.at(0));
        asm.set_address(RAX, restore_state as *const () as usize);
        asm.call(RAX);
    }

    /// Returns to guest code.
    pub fn leave(self, asm: &mut Assembler, ty: &FuncType) -> Result<(), StubError> {
        let popped = u16::try_from(signature::stack_args_size(ty));
        asm.add(RSP, self.0 + 8);
        asm.ret(popped.map_err(|_| StubError::Unsupported)?);
        Ok(())
    }

    /// Ends the call with a trap code, or with the trap in rax.
    pub fn fail(self, asm: &mut Assembler, code: Option<TrapCode>, release: usize) {
        match code {
            None => asm.mov(Width::B64, RSI, RAX),
            Some(code) => {
                asm.clear(RSI);
                asm.set(RDX, code as u32);
            }
        }
        self.end(asm, release);
    }

    /// Ends the call with the trap in rax, or with a trap code if that is null.
    pub fn fail_or(self, asm: &mut Assembler, code: TrapCode, release: usize) {
        asm.mov(Width::B64, RSI, RAX);
        asm.set(RDX, code as u32);
        self.end(asm, release);
    }

    fn end(self, asm: &mut Assembler, release: usize) {
        asm.lea(RDI, self.at(0));
        asm.set_address(RCX, release);
        asm.set_address(RAX, fail_import as *const () as usize);
        asm.jump_reg(RAX);
    }

    /// Ends the call because there is no room for the frame, none of which was written.
    pub fn fail_before(self, asm: &mut Assembler) {
        asm.push(RDI);
        ImportFrame(-IMPORT_CONTEXT).fail(asm, Some(TrapCode::StackOverflow), 0);
    }
}
