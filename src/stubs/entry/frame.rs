//! Entry frames: the beginning and end of every call from the host into guest code.
//!
//! An entry stub, whether for arrays of values ([`super::array`]) or as a C function of the type's own prototype
//! ([`super::native`]), builds the entry frame (laid out in `abi::frames`), puts it on the store's list of entry
//! frames, and calls guest code from it. Guest code returns to the mark [`ENTRY_MARK`], by which walks recognize
//! the frame. A trap continues at [`enter_trap`] with only the frame pointer set, and restores the host's registers
//! from the frame.
//!
//! The list of entry frames is exact even if the host switches fibers within callbacks, so that entries end in
//! another order than they began: then the frame is not the first of the list. In a store that was deleted during
//! the call, the head of the list is odd. In both cases the stub finds that the head is not its frame, and
//! [`end_slowly`] lets the runtime do the rest. After that the engine, and with it the stub, may be gone, so
//! nothing returns into a stub from there.
//!
//! What must stay true: no entry frame is on the list after it has ended, and none points to a guest frame that has
//! continued (see `stubs::saved_state`).

use crate::abi::frames::{
    ENTRY_CONTEXT, ENTRY_EXIT, ENTRY_FRAME, ENTRY_MARK, ENTRY_NATIVE_TAG, ENTRY_OUTERMOST_FRAME,
    ENTRY_PREVIOUS,
};
use crate::abi::vmctx::{
    HOOK_END, HOOK_TRAPPED, STORE_EXIT, STORE_HOOKS, STORE_HOST_FLOAT_MODE, STORE_LAST_ENTRY,
    VMCTX_STORE,
};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R11, R12, R13, R14, R15, RAX, RBP, RBX, RCX, RSP, Reg, Width,
};
use crate::stubs::float_mode::{self, Crossing, FloatCheck};
use crate::stubs::walk::{EntryFrame, entries};
use crate::sys::cpu::DEFAULT_FLOAT_MODE;
use std::arch::naked_asm;

/// The registers that hold the contents of a new entry frame.
pub(super) struct EntryRegisters {
    pub store: Reg,
    /// The context to call with.
    pub context: Reg,
    /// Where the results go, or the trap of a native stub's caller.
    pub word: Reg,
    pub native: bool,
    pub float_check: FloatCheck,
}

/// Emits an entry: its frame, the call of guest code, which `guest` emits, and its end. The result is in rax or
/// xmm0; rax is not preserved before the call, nor is r11, unless it holds the store.
///
/// The code exists twice, because the outermost entry, which nearly every entry is, has less to save and to
/// restore; it leaves the exit word as it was, since nobody reads it when there are no entries. Neither version
/// waits for a word from memory: the stack pointer is incremented rather than copied from the frame pointer, which
/// guest code has saved and loaded again. That alone takes 2 ns of a call of 7 ns (Zen 3).
pub(super) fn emit(
    asm: &mut Assembler,
    entry: &EntryRegisters,
    mut guest: impl FnMut(&mut Assembler),
) {
    let mut float_mode = Label::default();
    let mut nested = Label::default();
    let mut slowly = Label::default();
    let mut ended = [Label::default(), Label::default()];
    let tag = if entry.native { ENTRY_NATIVE_TAG } else { 0 };
    let last_entry = Mem(entry.store, STORE_LAST_ENTRY);
    float_mode::check(asm, entry.float_check, Crossing::Entry, &mut float_mode);
    let mut checked = asm.here();
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    for reg in [RBX, R12, R13, R14, R15, entry.context, entry.word] {
        asm.push(reg);
    }
    asm.cmp_word(last_entry, 0);
    asm.jump_if(Condition::NotEqual, &mut nested);
    asm.push_const(tag);
    asm.store(last_entry, RBP);
    guest(asm);
    let [outermost, inner] = &mut ended;
    let mut back_outermost = check_float_mode(asm, ENTRY_OUTERMOST_FRAME, outermost);
    check_head(asm, &mut slowly);
    asm.store_const(Width::B64, Mem(R11, STORE_LAST_ENTRY), 0);
    leave(asm, ENTRY_OUTERMOST_FRAME);

    asm.bind(&mut nested);
    asm.load(Width::B64, RAX, last_entry);
    asm.add(RAX, tag.into());
    asm.push(RAX);
    asm.push_mem(Mem(entry.store, STORE_EXIT));
    // For alignment.
    asm.push(RAX);
    asm.store(last_entry, RBP);
    guest(asm);
    let mut back_inner = check_float_mode(asm, ENTRY_FRAME, inner);
    check_head(asm, &mut slowly);
    asm.load(Width::B64, RCX, Mem(RSP, ENTRY_FRAME + ENTRY_PREVIOUS));
    asm.add(RCX, -i32::from(tag));
    asm.store(Mem(R11, STORE_LAST_ENTRY), RCX);
    asm.load(Width::B64, RCX, Mem(RSP, ENTRY_FRAME + ENTRY_EXIT));
    asm.store(Mem(R11, STORE_EXIT), RCX);
    leave(asm, ENTRY_FRAME);

    asm.bind(&mut float_mode);
    if entry.store != R11 {
        asm.mov(Width::B64, R11, entry.store);
    }
    float_mode::take_over(asm, Crossing::Entry);
    asm.jump(&mut checked);
    for (label, back) in ended.iter_mut().zip([&mut back_outermost, &mut back_inner]) {
        asm.bind(label);
        float_mode::give_back(asm, RCX);
        asm.jump(back);
    }
    asm.bind(&mut slowly);
    asm.set_address(R11, end_slowly as *const () as usize);
    asm.jump_reg(R11);
}

/// Loads the store into r11, after guest code has returned to a frame of this size. Jumps to `differs` if the host
/// gets another floating-point mode; that code continues at the returned label.
fn check_float_mode(asm: &mut Assembler, frame: i32, differs: &mut Label) -> Label {
    asm.load(Width::B64, R11, Mem(RSP, frame + ENTRY_CONTEXT));
    asm.load(Width::B64, R11, Mem(R11, VMCTX_STORE));
    float_mode::check_leaving(asm, differs);
    asm.here()
}

/// Expects the store in r11; jumps to `slowly` if the frame is not the head of the store's list.
fn check_head(asm: &mut Assembler, slowly: &mut Label) {
    asm.cmp(RBP, Mem(R11, STORE_LAST_ENTRY));
    asm.jump_if(Condition::NotEqual, slowly);
}

fn leave(asm: &mut Assembler, frame: i32) {
    asm.add(RSP, frame);
    asm.pop(RBP);
    asm.ret(0);
}

/// Emits the allocation of stack arguments, a multiple of 16, below the frame.
pub(super) fn make_room(asm: &mut Assembler, stack_args: u32) {
    if stack_args > 0 {
        asm.sub(RSP, stack_args as i32);
    }
}

/// Emits the call of the guest code whose address is at `slot`.
pub(super) fn call(asm: &mut Assembler, slot: Mem) {
    asm.call_mem(slot);
    asm.append(&ENTRY_MARK);
}

/// Jumped to by an entry stub in its frame, with all registers restored for the host, and the result in rax or
/// xmm0.
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

/// See [`enter_trap`].
///
/// # Safety
/// Only code that has left guest code continues here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(in crate::stubs) unsafe extern "C" fn trap() {
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
        "mov r11, [rbp + {frame_context}]",
        "mov r11, [r11 + {context_store}]",
        "cmp dword ptr [r11 + {host_float_mode}], {default_float_mode}",
        "je 2f",
        "call {to_host}",
        "2:",
        "mov rdi, rbp",
        "mov rax, [r11 + {hooks}]",
        "call [rax + {trapped}]",
        "xorps xmm0, xmm0",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        frame_size = const ENTRY_FRAME,
        frame_context = const ENTRY_CONTEXT,
        context_store = const VMCTX_STORE,
        hooks = const STORE_HOOKS,
        trapped = const HOOK_TRAPPED,
        host_float_mode = const STORE_HOST_FLOAT_MODE,
        default_float_mode = const DEFAULT_FLOAT_MODE,
        to_host = sym float_mode::to_host,
    )
}

/// Where a trap continues: the frame pointer must be that of the entry frame, no other register matters.
#[inline]
pub fn enter_trap() -> usize {
    trap as *const () as usize
}

/// Removes an entry frame from its store's list and restores the exit word, as the fast path does.
///
/// # Safety
/// `entry` is live, and its guest code has finished.
pub unsafe fn unlink(entry: EntryFrame) {
    // SAFETY: a store outlives its entries.
    let store = unsafe { &*entry.store() };
    let first = store.last_entry.get();
    if first & !1 == entry.fp() {
        store.last_entry.set(entry.previous_head());
    } else {
        let after = entries(store).find(|e| e.previous().is_some_and(|p| p.fp() == entry.fp()));
        if let Some(after) = after {
            after.set_previous_head(entry.previous_head());
        }
    }
    store.exit.set(entry.exit());
}
