//! The way of an exception from its throw to its handler. Part of the sandbox: this file decides where code continues.
//!
//! A throw walks the guest frames outwards to the entry mark. The site of a call says whether its function
//! has a handler for what the call throws, and how far the stack pointer is below the frame pointer
//! there. Control goes to the first handler that is found, with the tag and the exception object (if
//! there is one) in the registers of Cranelift's convention; all other registers are lost. The handler
//! compares tags and throws again what it does not catch. The values of the exception are in the overflow buffer,
//! which nothing else uses between throw and catch.
//!
//! If the walk ends at the entry frame, the exception becomes a trap. No frame of the host is ever
//! unwound. Frames are recorded on the way, so that such a trap shows where the exception was thrown.

use super::walk::{Position, find, record_outer};
use crate::abi::trap_record::{Thrown, TrapReason, TrapRecord};
use crate::abi::vmctx::{STORE_EXIT, VMCTX_STORE, VmContext};
use crate::code;
use std::arch::naked_asm;

/// Where code continues, and with what. On the stack of the stub.
#[repr(C)]
pub(super) struct Landing {
    pc: usize,
    sp: usize,
    fp: usize,
    thrown: Thrown,
}

/// Bytes of stack for a [`Landing`], a multiple of 16.
pub(super) const LANDING_SIZE: usize = 48;

const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<Landing>() <= LANDING_SIZE && LANDING_SIZE.is_multiple_of(16));
    assert!(offset_of!(Landing, sp) == 8 && offset_of!(Landing, fp) == 16);
    assert!(offset_of!(Landing, thrown) == 24 && size_of::<Thrown>() == 16);
};

/// Jumped to with a filled [`Landing`] at rsp, or with an entry frame in rax if the exception has become a
/// trap.
///
/// # Safety
/// Nothing below the landing's stack pointer is used any more.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn land() {
    naked_asm!(
        "test rax, rax",
        "jne 2f",
        "mov rcx, [rsp]",
        "mov rbp, [rsp + 16]",
        "mov rax, [rsp + 24]",
        "mov rdx, [rsp + 32]",
        "mov rsp, [rsp + 8]",
        "jmp rcx",
        "2:",
        "mov rbp, rax",
        "jmp {trap}",
        trap = sym super::entry::frame::trap,
    )
}

/// A stub that calls `$function` with its own arguments, room for a [`Landing`] and its frame, and then
/// continues as the landing says.
macro_rules! throwing_stub {
    ($(#[$meta:meta])* $stub:ident, $function:path) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// Called by guest code only, with its own context.
        #[cfg(target_arch = "x86_64")]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $stub() {
            naked_asm!(
                ".cfi_startproc",
                "push rbp",
                ".cfi_def_cfa_offset 16",
                ".cfi_offset rbp, -16",
                "mov rbp, rsp",
                ".cfi_def_cfa_register rbp",
                "mov r11, [rdi + {vmctx_store}]",
                "mov [r11 + {exit}], rbp",
                "push rdi",
                "sub rsp, {landing} + 8",
                "mov rcx, rsp",
                "mov r8, rbp",
                "call {function}",
                "jmp {land}",
                ".cfi_endproc",
                vmctx_store = const VMCTX_STORE,
                exit = const STORE_EXIT,
                landing = const LANDING_SIZE,
                function = sym $function,
                land = sym land,
            )
        }
    };
}

throwing_stub! {
    /// The builtin `Throw`.
    throw, begin
}

throwing_stub! {
    /// The builtin `ThrowOn`.
    throw_on, go_on
}

unsafe extern "C" fn begin(
    vmctx: *const VmContext,
    tag: *const (),
    exception: *const (),
    landing: *mut Landing,
    frame: usize,
) -> usize {
    // SAFETY: guest code passes its own context, whose store is alive, and waits for the stub.
    unsafe {
        let from = Position::behind(frame);
        search((*(*vmctx).store).trap_record, Thrown { tag, exception }, from, landing)
    }
}

/// The function whose handler throws again was recorded when the handler was found.
unsafe extern "C" fn go_on(
    vmctx: *const VmContext,
    tag: *const (),
    exception: *const (),
    landing: *mut Landing,
    frame: usize,
) -> usize {
    // SAFETY: as for `begin`; a frame lies behind the one that called.
    unsafe {
        let record = &*(*(*vmctx).store).trap_record;
        let from = Position::behind(Position::behind(frame).fp);
        follow(record, Thrown { tag, exception }, from, landing)
    }
}

/// Looks for a handler from a guest frame on. Returns zero with `landing` filled, or the entry frame
/// where execution must continue.
///
/// # Safety
/// `from` describes a live guest frame of the record's store, and `landing` is valid for writes.
pub(super) unsafe fn search(
    record: *const TrapRecord,
    thrown: Thrown,
    from: Position,
    landing: *mut Landing,
) -> usize {
    // SAFETY: the record lives as long as its store.
    let record = unsafe { &*record };
    record.begin(TrapReason::Exception(thrown), None);
    // SAFETY: as promised by the caller.
    unsafe { follow(record, thrown, from, landing) }
}

unsafe fn follow(
    record: &TrapRecord,
    thrown: Thrown,
    from: Position,
    landing: *mut Landing,
) -> usize {
    let visit = |at: Position| {
        record.push(at.pc);
        let object = code::find_caller(at.pc)?;
        // SAFETY: the code has a frame on the stack.
        let (pc, frame_size) = unsafe { object.as_ref() }.handler_at(at.pc)?;
        Some(Landing { pc, sp: at.fp.wrapping_sub(frame_size), fp: at.fp, thrown })
    };
    // SAFETY: as promised by the caller.
    unsafe {
        match find(from, visit) {
            Ok(found) => {
                landing.write(found);
                0
            }
            Err(entry) => {
                record_outer(record, entry);
                entry.fp()
            }
        }
    }
}
