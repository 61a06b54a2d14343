//! Entry frames: how every call from the host into guest code begins and ends.
//!
//! An entry stub, be it for arrays of values ([`super::entry`]) or a C function of the type's own
//! prototype ([`super::native`]), builds the entry frame (drawn in `traps::unwind`), puts it on the
//! store's list of entry frames, and calls guest code from it. Guest code returns to the mark
//! [`ENTRY_MARK`], by which walks know the frame. A trap continues at [`enter_trap`] with only the
//! frame pointer set, and gets the host's registers from the frame.
//!
//! The list of entry frames is exact even if the host switches fibers within callbacks, so that
//! entries end in another order than they began: then the frame is not the first of the list. In a
//! store that was deleted from within, the head of the list is odd. In both cases the stub finds
//! that the head is not its frame, and [`end_slowly`] lets the runtime do the rest. After that the
//! engine and with it the stub may be gone, so nothing returns into a stub from there.
//!
//! What must stay true: no entry frame is on the list after it has ended, and none points at a guest
//! frame that has gone on (see `leave::settle`).

use super::assembler::{
    Assembler, Condition, Label, Mem, R10, R11, R12, R13, R14, R15, RBP, RBX, RCX, RSP, Reg, Width,
};
use crate::abi::value::RawVal;
use crate::abi::vmctx::{
    HOOK_END, HOOK_TRAPPED, STORE_EXIT, STORE_HOOKS, STORE_LAST_ENTRY, StoreContext, VMCTX_STORE,
    VmFunc,
};
use crate::traps::unwind::{
    ENTRY_CONTEXT, ENTRY_EXIT, ENTRY_MARK, ENTRY_NATIVE_FRAME, ENTRY_PREVIOUS, EntryFrame, entries,
};
use std::arch::naked_asm;

/// Argument areas up to this size need no check of their own: the callee checks the stack limit,
/// and the reserve below it is larger.
pub const UNCHECKED_ARGS: u32 = 1024;

/// An entry stub for arrays of values: calls `func` in its store. Null with the results written, or
/// the trap (what the hook `trapped` returned) with `results` untouched.
///
/// To be called with the stub of the function's type, arrays of as many values as the type says, of
/// the sort that the stub is for, a stack limit of the store that is right for this stack, and an
/// overflow buffer if the type needs one.
pub type EntryStub = unsafe extern "C" fn(
    func: *const VmFunc,
    args: *const RawVal,
    results: *mut RawVal,
    store: *const StoreContext,
) -> *mut ();

/// Emits the entry frame. `store` holds the store, `context` the context to call with and the tag.
pub(super) fn open(asm: &mut Assembler, store: Reg, context: Reg) {
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    for reg in [RBX, R12, R13, R14, R15, context] {
        asm.push(reg);
    }
    asm.push_mem(Mem(store, STORE_EXIT));
    asm.push_mem(Mem(store, STORE_LAST_ENTRY));
    asm.store(Mem(store, STORE_LAST_ENTRY), RBP);
}

/// Emits the call of the guest code whose address lies at `slot`.
pub(super) fn call(asm: &mut Assembler, slot: Mem) {
    asm.call_mem(slot);
    asm.mark(ENTRY_MARK);
}

/// Emits the end of the frame, whose context has the tag. The result stays in rax or xmm0.
pub(super) fn close(asm: &mut Assembler, tag: i32) {
    let mut slowly = Label::default();
    asm.load(Width::B64, R10, Mem(RBP, ENTRY_CONTEXT as i32));
    asm.load(Width::B64, R10, Mem(R10, VMCTX_STORE - tag));
    asm.cmp(RBP, Mem(R10, STORE_LAST_ENTRY));
    asm.jump_if(Condition::NotEqual, &mut slowly);
    asm.load(Width::B64, RCX, Mem(RBP, ENTRY_PREVIOUS as i32));
    asm.load(Width::B64, R11, Mem(RBP, ENTRY_EXIT as i32));
    asm.store(Mem(R10, STORE_LAST_ENTRY), RCX);
    asm.store(Mem(R10, STORE_EXIT), R11);
    asm.leave();
    asm.ret(0);
    asm.bind(slowly);
    asm.set_address(R11, end_slowly as *const () as usize);
    asm.jump_reg(R11);
}

/// Jumped to by an entry stub in its frame, with all registers of the host as they must be, and the
/// result in rax or xmm0.
///
/// # Safety
/// Only entry stubs jump here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn end_slowly() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rbp, 16",
        ".cfi_offset rbp, -16",
        "push rax",
        "sub rsp, 8",
        "movsd [rsp], xmm0",
        "mov rdi, rbp",
        "mov rax, [rbp + {frame_context}]",
        "and rax, -2",
        "mov rax, [rax + {context_store}]",
        "mov rax, [rax + {hooks}]",
        "call [rax + {end}]",
        "movsd xmm0, [rsp]",
        "mov rax, [rsp + 8]",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        frame_context = const ENTRY_CONTEXT,
        context_store = const VMCTX_STORE,
        hooks = const STORE_HOOKS,
        end = const HOOK_END,
    )
}

/// What [`enter_trap`] says.
///
/// # Safety
/// Only code that has left guest code goes on here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn trap() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rbp, 16",
        ".cfi_offset rbp, -16",
        "lea rsp, [rbp - {frame_size}]",
        "mov rbx, [rbp - 8]",
        "mov r12, [rbp - 16]",
        "mov r13, [rbp - 24]",
        "mov r14, [rbp - 32]",
        "mov r15, [rbp - 40]",
        "mov rdi, rbp",
        "mov rax, [rbp + {frame_context}]",
        "and rax, -2",
        "mov rax, [rax + {context_store}]",
        "mov rax, [rax + {hooks}]",
        "call [rax + {trapped}]",
        "xorps xmm0, xmm0",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        frame_size = const ENTRY_NATIVE_FRAME,
        frame_context = const ENTRY_CONTEXT,
        context_store = const VMCTX_STORE,
        hooks = const STORE_HOOKS,
        trapped = const HOOK_TRAPPED,
    )
}

/// Where a trap continues: the frame pointer must be that of the entry frame, nothing else matters.
#[inline]
pub fn enter_trap() -> usize {
    trap as *const () as usize
}

/// Takes an entry frame off its store's list and puts the exit word back, as the quick end does.
///
/// # Safety
/// `entry` is live, and its guest code is done.
pub unsafe fn unlink(entry: EntryFrame) {
    // SAFETY: a store outlives its entries.
    let store = unsafe { &*entry.store() };
    let first = store.last_entry.get();
    if first & !1 == entry.fp() {
        store.last_entry.set(entry.previous_word());
    } else {
        let after = entries(store).find(|e| e.previous().is_some_and(|p| p.fp() == entry.fp()));
        if let Some(after) = after {
            after.set_previous(entry.previous_word());
        }
    }
    store.exit.set(entry.exit());
}
