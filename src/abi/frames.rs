//! The frames of stubs, and how much stack may be used without a check.
//!
//! Part of the sandbox: stubs build these frames, and traps and backtraces read them, by the offsets below alone.
//! Every guest and stub frame starts with a saved frame pointer and a return address, so a walk follows the chain.
//!
//! An *entry frame* is between the host and the guest code that it called; its address is its frame pointer. An
//! *import frame* is between guest code and the host function that it called; its address is that of the saved
//! frame pointer and return address of the guest frame, which is also what the store's *exit word* holds while the
//! host runs. Below the address of an exit, in import stubs and builtin stubs alike, is the context that was passed
//! to the call.

use super::value::RawValVec;
use super::vmctx::{VmContext, VmImport};
use std::mem::offset_of;

/// The saved frame pointer and the return address.
pub const FRAME_HEAD: u32 = 16;

/// An entry frame, from its lowest word up. The outermost entry of a store ends with `previous`.
#[repr(C)]
struct EntryWords {
    /// Keeps the stack pointer a multiple of 16.
    alignment: usize,
    /// The store's exit word at the time of the call.
    exit: usize,
    /// The store's previous entry frame, or zero; odd in a deleted store, and [`ENTRY_NATIVE_TAG`] more in a native
    /// stub's frame.
    previous: usize,
    /// Where the results go; in a native stub's frame, where its caller wants the trap, or zero.
    word: usize,
    /// The context that guest code is called with.
    context: *const VmContext,
    /// The host's r15, r14, r13, r12 and rbx.
    registers: [usize; 5],
    /// The frame's address points here: rbp of the host.
    fp: usize,
    return_address: usize,
}

const ENTRY_ADDRESS: i32 = offset_of!(EntryWords, fp) as i32;

/// Offsets in an entry frame, from its address.
pub const ENTRY_CONTEXT: i32 = offset_of!(EntryWords, context) as i32 - ENTRY_ADDRESS;
pub const ENTRY_WORD: i32 = offset_of!(EntryWords, word) as i32 - ENTRY_ADDRESS;
pub const ENTRY_PREVIOUS: i32 = offset_of!(EntryWords, previous) as i32 - ENTRY_ADDRESS;
pub const ENTRY_EXIT: i32 = offset_of!(EntryWords, exit) as i32 - ENTRY_ADDRESS;
/// Added to `previous` in a native stub's frame.
pub const ENTRY_NATIVE_TAG: i8 = 2;
/// Bytes below the frame's address.
pub const ENTRY_FRAME: i32 = ENTRY_ADDRESS;
pub const ENTRY_OUTERMOST_FRAME: i32 = -ENTRY_PREVIOUS;

/// The instruction to which guest code returns in an entry stub. It does nothing, and no compiler
/// emits a `nop` with this displacement.
pub const ENTRY_MARK: [u8; 8] = [0x0f, 0x1f, 0x84, 0x00, 0xe5, 0x7a, 0x31, 0x5e];

/// The part of an import frame that is known outside its stub. The words above the address belong to the guest, the
/// others to the stub.
#[repr(C)]
pub struct ImportWords {
    pub results: RawValVec,
    pub args: RawValVec,
    /// The store's stack limit at the time of the call.
    pub stack_limit: usize,
    /// The context that the stub was called with, which names the store.
    pub context: *const VmImport,
    /// The frame's address points here.
    pub guest_fp: usize,
    pub guest_pc: usize,
}

const IMPORT_ADDRESS: i32 = offset_of!(ImportWords, guest_fp) as i32;

/// Bytes of [`ImportWords`] below the frame's address.
pub const IMPORT_FRAME: i32 = IMPORT_ADDRESS;
/// Offsets in an import frame, from its address.
pub const IMPORT_CONTEXT: i32 = offset_of!(ImportWords, context) as i32 - IMPORT_ADDRESS;
pub const IMPORT_STACK_LIMIT: i32 = offset_of!(ImportWords, stack_limit) as i32 - IMPORT_ADDRESS;
pub const IMPORT_ARGS: i32 = offset_of!(ImportWords, args) as i32 - IMPORT_ADDRESS;
pub const IMPORT_RESULTS: i32 = offset_of!(ImportWords, results) as i32 - IMPORT_ADDRESS;

/// In the frame of a native import stub, in place of the vectors: the host function's trap, and its result while
/// the store's state is being restored.
pub const IMPORT_TRAP: i32 = IMPORT_STACK_LIMIT - 8;
pub const IMPORT_INT_RESULT: i32 = IMPORT_TRAP - 8;
pub const IMPORT_FLOAT_RESULT: i32 = IMPORT_TRAP - 16;

/// The context of a call out of guest code, relative to the exit word.
pub const EXIT_CONTEXT: i32 = -8;

const _: () = {
    assert!(ENTRY_FRAME % 16 == 0 && ENTRY_OUTERMOST_FRAME % 16 == 0);
    assert!(size_of::<EntryWords>() as i32 == ENTRY_FRAME + FRAME_HEAD as i32);
    assert!(size_of::<ImportWords>() as i32 == IMPORT_FRAME + FRAME_HEAD as i32);
    assert!(IMPORT_CONTEXT == EXIT_CONTEXT);
    assert!(IMPORT_FLOAT_RESULT >= -IMPORT_FRAME);
};

/// Frames up to this size may extend below the stack limit: leaf functions with no larger frame skip the check.
pub const UNCHECKED_FRAME: u32 = 256;

/// Areas of stack arguments up to this size need no check in entry stubs.
pub const UNCHECKED_ARGS: u32 = 1024;

/// Stack kept free below the stack limit. On a thread with 64 KiB most of the stack is still left for guest code.
pub const STACK_RESERVE: usize = 24 << 10;

/// What a signal takes of the guest's stack, unless the thread has an alternate one: the kernel's part is 3.6 KiB
/// with 512-bit registers, 11 KiB with matrix registers in use; our handler's is less than 1 KiB.
const SIGNAL: usize = 12 << 10;

/// The minimum that is left for builtins and host functions called close to the limit.
const CALLED_AT_LIMIT: usize = 8 << 10;

const _: () = {
    // An entry at the limit calls a small leaf function, which faults.
    let entry = FRAME_HEAD as usize + ENTRY_FRAME as usize + UNCHECKED_ARGS as usize;
    let leaf = UNCHECKED_FRAME as usize;
    assert!(UNCHECKED_FRAME >= FRAME_HEAD);
    assert!(entry + leaf + SIGNAL + CALLED_AT_LIMIT <= STACK_RESERVE);
};
