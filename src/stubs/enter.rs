//! The one way from the host into guest code, and the two ways back.
//!
//! `enter` builds the entry frame (drawn in `traps::unwind`), puts it on the store's list of entry
//! frames, and calls the entry stub. Normal return comes back behind that call, at
//! [`entry_return`]; a trap continues at [`enter_trap`] with only the frame pointer set, and gets
//! the host's registers from the frame. Either way the store's exit words are as they were.
//!
//! The list of entry frames is exact even if the host switches fibers within callbacks, so that
//! entries end in another order than they began: then the frame is not the first of the list and
//! [`unlink`] looks for it. What must stay true: no entry frame is on the list after it has ended,
//! and none points at a guest frame that has gone on (see `leave::settle`).

use crate::abi::value::RawVal;
use crate::abi::vmctx::{STORE_EXIT_FP, STORE_EXIT_PC, STORE_LAST_ENTRY, StoreContext, VmContext};
use crate::traps::unwind::{
    ENTRY_EXIT_FP, ENTRY_EXIT_PC, ENTRY_FRAME, ENTRY_NATIVE, ENTRY_PREVIOUS, ENTRY_STORE,
    EntryFrame, entries,
};
use std::arch::naked_asm;

/// What [`enter`] returns.
pub const RETURNED: usize = 0;
pub const TRAPPED: usize = 1;

unsafe extern "C" {
    /// Label inside [`enter`]; hidden, so that every copy of the library has its own.
    safe static wasmrt_entry_return: u8;
}

/// The return address that ends a walk over guest frames.
#[inline]
pub fn entry_return() -> usize {
    &raw const wasmrt_entry_return as usize
}

/// Calls guest code: `code` with `vmctx`, through the entry stub of its type. Returns [`RETURNED`]
/// with the results written, or [`TRAPPED`] with the store's trap record filled and `results`
/// untouched.
///
/// # Safety
/// `vmctx` and `code` belong together and to `store`, `stub` is an entry stub for the type of
/// `code`, `args` and `results` point at as many values as the type says, the stack limit of the
/// store is right for this stack, and the overflow buffer exists if the type needs it.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn enter(
    vmctx: *mut VmContext,
    code: usize,
    args: *const RawVal,
    results: *mut RawVal,
    stub: usize,
    store: *const StoreContext,
) -> usize {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        ".cfi_offset rbx, -24",
        ".cfi_offset r12, -32",
        ".cfi_offset r13, -40",
        ".cfi_offset r14, -48",
        ".cfi_offset r15, -56",
        "push r9",
        "push qword ptr [r9 + {exit_fp}]",
        "push qword ptr [r9 + {exit_pc}]",
        "push qword ptr [r9 + {last_entry}]",
        "push 0",
        "mov [r9 + {last_entry}], rbp",
        "call r8",
        ".globl wasmrt_entry_return",
        ".hidden wasmrt_entry_return",
        "wasmrt_entry_return:",
        // Guest code has preserved the host's registers.
        "xor eax, eax",
        "mov rdx, [rbp + {frame_store}]",
        "mov rcx, [rbp + {frame_previous}]",
        "cmp [rdx + {last_entry}], rbp",
        "jne 3f",
        "mov [rdx + {last_entry}], rcx",
        "2:",
        "mov rcx, [rbp + {frame_exit_fp}]",
        "mov [rdx + {exit_fp}], rcx",
        "mov rcx, [rbp + {frame_exit_pc}]",
        "mov [rdx + {exit_pc}], rcx",
        ".cfi_remember_state",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_restore_state",
        // The frame is not the first of the list; eax says what to return.
        "3:",
        "mov [rbp - {frame_size}], rax",
        "mov rdi, rdx",
        "mov rsi, rbp",
        "call {unlink}",
        "mov rax, [rbp - {frame_size}]",
        "mov rdx, [rbp + {frame_store}]",
        "jmp 2b",
        ".globl wasmrt_enter_trap",
        ".hidden wasmrt_enter_trap",
        "wasmrt_enter_trap:",
        "cmp qword ptr [rbp + {frame_native}], 0",
        "jne {native_trap}",
        "lea rsp, [rbp - {frame_size}]",
        "mov rbx, [rbp - 8]",
        "mov r12, [rbp - 16]",
        "mov r13, [rbp - 24]",
        "mov r14, [rbp - 32]",
        "mov r15, [rbp - 40]",
        "mov eax, 1",
        "mov rdx, [rbp + {frame_store}]",
        "mov rcx, [rbp + {frame_previous}]",
        "cmp [rdx + {last_entry}], rbp",
        "jne 3b",
        "mov [rdx + {last_entry}], rcx",
        "jmp 2b",
        ".cfi_endproc",
        exit_fp = const STORE_EXIT_FP,
        exit_pc = const STORE_EXIT_PC,
        last_entry = const STORE_LAST_ENTRY,
        frame_store = const ENTRY_STORE,
        frame_previous = const ENTRY_PREVIOUS,
        frame_native = const ENTRY_NATIVE,
        native_trap = sym super::native::trap,
        frame_exit_fp = const ENTRY_EXIT_FP,
        frame_exit_pc = const ENTRY_EXIT_PC,
        frame_size = const ENTRY_FRAME,
        unlink = sym unlink,
    )
}

unsafe extern "C" {
    safe static wasmrt_enter_trap: u8;
}

/// Where a trap continues: the frame pointer must be that of the entry frame, nothing else matters.
#[inline]
pub fn enter_trap() -> usize {
    &raw const wasmrt_enter_trap as usize
}

/// Takes an entry frame off the list when later entries of the store are still suspended.
///
/// # Safety
/// `store` is the store of the live entry frame at `fp`.
pub(super) unsafe extern "C" fn unlink(store: *const StoreContext, fp: usize) {
    // SAFETY: promised by `enter`, the only caller.
    let (store, ended) = unsafe { (&*store, EntryFrame::new(fp)) };
    let after = entries(store).find(|entry| entry.previous().is_some_and(|p| p.fp() == fp));
    if let Some(after) = after {
        after.set_previous(ended.previous().map_or(0, EntryFrame::fp));
    }
}
