//! The checks before the prologue of every function, whichever compiler made it.
//!
//! Part of the sandbox: this keeps guest code on its stack. A frame is not touched before it is known to fit. At
//! this point r10, r11 and the flags are free:
//!
//! ```text
//! entry:  mov r11, [rdi + code table]           \
//!         sub qword [r11 + budget], cost        | counted code only
//!         jl  count                             /
//!         mov r11, [rdi + store]
//!         cmp rsp, [r11 + stack limit]          a small frame: the reserve below the limit holds it
//!         mov r10, [r11 + stack limit]          \ a larger one: on a stack that lies low, the stack
//!         add r10, frame                        | pointer less the frame could wrap; the sum cannot
//!         cmp rsp, r10                          /
//!         jb  overflow
//!         sub qword [r11 + fuel], cost          \ metered code only
//!         jl  refuel                            /
//! go_on:  nops up to the code's alignment
//!         ... the function ...
//! overflow: mov r11, [rdi + builtins]
//!         jmp [r11 + StackOverflow]
//! refuel: mov r11, [rdi + builtins]
//!         call [r11 + RefuelAtEntry]            preserves all arguments
//!         jmp go_on
//! count:  lea r10, [rip + entry]
//!         mov eax, function
//!         mov r11, [rdi + builtins]
//!         jmp [r11 + CurrentCode]               goes on at the function's current code, which may be this
//! ```
//! A function that makes no calls and has a small frame does not check the stack. Counting comes first, because the call
//! may go on in other code, which does all the other checks.

use super::registers::INT_ARG_REGS;
use super::x64::{Assembler, Condition, Label, Mem, R10, R11, RAX, RSP, Reg, Width};
use crate::abi::Builtin;
use crate::abi::budgets::{ENTRY_COST, budget_offset};
use crate::abi::frames::UNCHECKED_FRAME;
use crate::abi::vmctx::{
    STORE_FUEL, STORE_STACK_LIMIT, VMCTX_BUILTINS, VMCTX_CODE_TABLE, VMCTX_STORE,
};

/// The largest frame: fits into a signed constant, with room to spare.
pub const MAX_FRAME: u32 = 1 << 30;

/// More than any entry's code, without nops.
pub const MAX_ENTRY_CODE: usize = 96;

const VMCTX: Reg = INT_ARG_REGS[0];

/// What must be checked before a function may run.
#[derive(Clone, Copy)]
pub struct EntryChecks {
    /// Bytes from below the return address to the end of the frame, at most [`MAX_FRAME`].
    pub frame: u32,
    /// The function calls something that does not check the stack for its caller.
    pub calls: bool,
    /// The fuel that each call of the function consumes, in metered code.
    pub fuel: Option<u32>,
    /// The number of the function, in counted code.
    pub counted: Option<u32>,
}

/// A function entry whose rarely taken branches still have to be emitted, after the function.
pub struct FunctionEntry {
    entry: Label,
    count: Option<(Label, u32)>,
    overflow: Option<Label>,
    refuel: Option<Label>,
    go_on: Label,
}

impl FunctionEntry {
    /// Emits the code before the function.
    pub fn emit(asm: &mut Assembler, checks: &EntryChecks) -> FunctionEntry {
        let entry = asm.here();
        let count = checks.counted.map(|func| (count(asm, func), func));
        let checked = checks.calls || checks.frame > UNCHECKED_FRAME;
        if checked || checks.fuel.is_some() {
            asm.load(Width::B64, R11, Mem(VMCTX, VMCTX_STORE));
        }
        let overflow = checked.then(|| check_stack(asm, checks.frame));
        let refuel = checks.fuel.map(|fuel| charge(asm, fuel));
        FunctionEntry { entry, count, overflow, refuel, go_on: asm.here() }
    }

    /// Emits the code after the function.
    pub fn emit_rare_branches(mut self, asm: &mut Assembler) {
        if let Some(mut overflow) = self.overflow {
            asm.bind(&mut overflow);
            asm.load(Width::B64, R11, Mem(VMCTX, VMCTX_BUILTINS));
            asm.jump_mem(Mem(R11, Builtin::StackOverflow.offset()));
        }
        if let Some(mut refuel) = self.refuel {
            asm.bind(&mut refuel);
            asm.load(Width::B64, R11, Mem(VMCTX, VMCTX_BUILTINS));
            asm.call_mem(Mem(R11, Builtin::RefuelAtEntry.offset()));
            asm.jump(&mut self.go_on);
        }
        if let Some((mut count, func)) = self.count {
            asm.bind(&mut count);
            asm.lea_label(R10, &mut self.entry);
            asm.set(RAX, func);
            asm.load(Width::B64, R11, Mem(VMCTX, VMCTX_BUILTINS));
            asm.jump_mem(Mem(R11, Builtin::CurrentCode.offset()));
        }
    }
}

/// Counts a call of the function; jumps to the label if its budget is used up.
fn count(asm: &mut Assembler, func: u32) -> Label {
    let mut count = Label::default();
    asm.load(Width::B64, R11, Mem(VMCTX, VMCTX_CODE_TABLE));
    asm.sub_mem(Mem(R11, budget_offset(func)), ENTRY_COST);
    asm.jump_if(Condition::Less, &mut count);
    count
}

/// Expects the store in r11; jumps to the label if the frame does not fit.
fn check_stack(asm: &mut Assembler, frame: u32) -> Label {
    let mut overflow = Label::default();
    if frame <= UNCHECKED_FRAME {
        asm.cmp(RSP, Mem(R11, STORE_STACK_LIMIT));
    } else {
        asm.load(Width::B64, R10, Mem(R11, STORE_STACK_LIMIT));
        asm.add(R10, frame as i32);
        asm.cmp_regs(RSP, R10);
    }
    asm.jump_if(Condition::Below, &mut overflow);
    overflow
}

/// Expects the store in r11; jumps to the label if there is too little fuel.
fn charge(asm: &mut Assembler, fuel: u32) -> Label {
    let mut refuel = Label::default();
    asm.sub_mem(Mem(R11, STORE_FUEL), fuel.min(i32::MAX as u32) as i32);
    asm.jump_if(Condition::Less, &mut refuel);
    refuel
}
