//! Walking guest frames, and leaving them.
//!
//! Every guest and stub frame starts with a saved frame pointer and a return address, so a walk
//! follows the chain. It ends at the frame whose return address is [`entry_return`]: that frame is
//! the entry stub's, and its caller is the entry frame of `stubs::enter`, which knows the store and
//! where the guest code around it was left. An entry frame:
//!
//! ```text
//! rbp      the host's rbp and return address
//! -8..-40  rbx, r12, r13, r14, r15
//! -48      store
//! -56      exit_fp and
//! -64      exit_pc of the store at the time of the call: zero, or a guest frame that called out
//! -72      the entry frame of the store before this one, or zero
//! -80      zero, or where a native entry stub wants its trap, plus one
//! ```
//! A native entry stub (`stubs::native`) calls guest code from the entry frame itself, so there
//! the walk ends at the frame that returns to a [`NATIVE_RETURN`] mark.
//!
//! This file reads stack memory by these rules alone; it runs in signal handlers.

use super::record::{CalledBy, Reason, TrapRecord};
use crate::abi::vmctx::{StoreContext, VmContext};
use crate::stubs::enter::entry_return;

/// Offsets in the entry frame, from its frame pointer.
pub const ENTRY_STORE: isize = -48;
pub const ENTRY_EXIT_FP: isize = -56;
pub const ENTRY_EXIT_PC: isize = -64;
pub const ENTRY_PREVIOUS: isize = -72;
pub const ENTRY_NATIVE: isize = -80;
/// Bytes below the frame pointer.
pub const ENTRY_FRAME: isize = 80;

/// The instruction to which guest code returns in a native entry stub. It does nothing, and no
/// compiler emits a `nop` with this displacement.
pub const NATIVE_RETURN: [u8; 8] = [0x0f, 0x1f, 0x84, 0x00, 0xe5, 0x7a, 0x31, 0x5e];

/// Whether guest code that returns to `pc` was called by a native entry stub.
///
/// # Safety
/// `pc` is at an instruction of guest code or a stub.
unsafe fn is_native_return(pc: usize) -> bool {
    let bytes: *const u8 = std::ptr::with_exposed_provenance(pc);
    // Byte by byte, because less than eight may follow: as long as they are equal, they belong to
    // one instruction.
    // SAFETY: code is readable, and the instruction goes on.
    NATIVE_RETURN.iter().enumerate().all(|(i, byte)| unsafe { *bytes.add(i) } == *byte)
}

/// Where an entry stub keeps the context that it called guest code with, from its frame pointer.
pub const ENTRY_STUB_CONTEXT: isize = -16;

/// A place in guest code: the program counter and the frame pointer there.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub pc: usize,
    pub fp: usize,
}

/// # Safety
/// `address + offset` is a word of a live stack frame.
unsafe fn word(address: usize, offset: isize) -> *mut usize {
    std::ptr::with_exposed_provenance_mut(address.wrapping_add_signed(offset))
}

/// An entry frame on some stack.
#[derive(Clone, Copy, Debug)]
pub struct EntryFrame(usize);

impl EntryFrame {
    /// # Safety
    /// `fp` is the frame pointer of a live frame of `stubs::enter`.
    pub unsafe fn new(fp: usize) -> EntryFrame {
        EntryFrame(fp)
    }

    pub fn fp(self) -> usize {
        self.0
    }

    /// The stack pointer while guest code runs above this frame.
    pub fn sp(self) -> usize {
        self.0 - ENTRY_FRAME as usize
    }

    fn get(self, offset: isize) -> usize {
        // SAFETY: the frame is live and has the words that `enter` pushed.
        unsafe { *word(self.0, offset) }
    }

    fn set(self, offset: isize, value: usize) {
        // SAFETY: as above.
        unsafe { *word(self.0, offset) = value }
    }

    pub fn store(self) -> *const StoreContext {
        std::ptr::with_exposed_provenance(self.get(ENTRY_STORE))
    }

    /// The guest frame that called the host code which entered here.
    pub fn outer(self) -> Option<Position> {
        let fp = self.get(ENTRY_EXIT_FP);
        (fp != 0).then(|| Position { pc: self.get(ENTRY_EXIT_PC), fp })
    }

    pub(crate) fn forget_outer(self) {
        self.set(ENTRY_EXIT_FP, 0);
        self.set(ENTRY_EXIT_PC, 0);
    }

    /// Where a native entry stub wants its trap: null if the caller does not.
    pub fn native_trap(self) -> *mut *mut () {
        std::ptr::with_exposed_provenance_mut(self.get(ENTRY_NATIVE).wrapping_sub(1))
    }

    pub(crate) fn previous(self) -> Option<EntryFrame> {
        let fp = self.get(ENTRY_PREVIOUS);
        (fp != 0).then_some(EntryFrame(fp))
    }

    pub(crate) fn set_previous(self, previous: usize) {
        self.set(ENTRY_PREVIOUS, previous);
    }
}

/// All entry frames of a store, the latest first. On interleaved fibers they lie on different
/// stacks.
pub(crate) fn entries(store: &StoreContext) -> impl Iterator<Item = EntryFrame> {
    let fp = store.last_entry.get();
    let first = (fp != 0).then_some(EntryFrame(fp));
    std::iter::successors(first, |entry| entry.previous())
}

/// Where a walk ended.
struct End {
    entry: EntryFrame,
    /// What the outermost function of the activation was called with.
    called_with: CalledBy,
}

/// Calls `visit` with each guest program counter from `from` to the entry frame.
///
/// # Safety
/// `from` describes a live guest (or entry stub) frame.
unsafe fn walk(from: Position, mut visit: impl FnMut(usize)) -> End {
    let end = entry_return();
    let Position { mut pc, mut fp } = from;
    loop {
        // SAFETY: program counters of guest frames.
        if unsafe { is_native_return(pc) } {
            return End { entry: EntryFrame(fp), called_with: CalledBy::Host(None) };
        }
        // SAFETY: a guest or stub frame starts with the caller's frame pointer and its return
        // address; the last one before the entry frame is recognised below.
        let (caller_fp, return_address) = unsafe { (*word(fp, 0), *word(fp, 8)) };
        if return_address == end {
            // SAFETY: this frame is the entry stub's, which has pushed the word.
            let context = unsafe { *word(fp, ENTRY_STUB_CONTEXT) };
            let called_with = CalledBy::host(context as *const VmContext);
            return End { entry: EntryFrame(caller_fp), called_with };
        }
        visit(pc);
        (pc, fp) = (return_address, caller_fp);
    }
}

/// The entry frame below a position.
///
/// # Safety
/// As for [`capture`].
pub unsafe fn entry_of(from: Position) -> EntryFrame {
    // SAFETY: promised by the caller.
    unsafe { walk(from, |_| ()) }.entry
}

/// Fills a store's record with the reason and the frames from `at` outwards, and returns the entry
/// frame where execution must continue.
///
/// # Safety
/// `at` describes a live guest (or entry stub) frame, on this thread's stack or a suspended one.
pub unsafe fn capture(at: Position, reason: Reason, fault_address: usize) -> EntryFrame {
    // SAFETY: promised by the caller.
    let entry = unsafe { entry_of(at) };
    // SAFETY: the store is alive while guest code runs in it, and its record as long as the store.
    let record: &TrapRecord = unsafe { &*(*entry.store()).trap_record };
    record.begin(reason, fault_address);
    // SAFETY: as above; outer positions are live as long as the entry frame says so.
    unsafe {
        let mut from = Some(at);
        while let (Some(position), false) = (from, record.is_full()) {
            let end = walk(position, |pc| record.push(pc));
            record.end_activation(end.called_with);
            from = end.entry.outer();
        }
    }
    entry
}

/// Where guest code called the host code that is running; none if the host itself did.
pub fn caller(store: &StoreContext) -> Option<Position> {
    let fp = store.exit_fp.get();
    (fp != 0).then(|| Position { pc: store.exit_pc.get(), fp })
}

/// Calls `visit` with the program counters of the activation that called the host code which is
/// running, innermost first; what its outermost function was called with.
pub fn frames_of_caller(store: &StoreContext, visit: impl FnMut(usize)) -> Option<CalledBy> {
    // SAFETY: the words are set while guest code is left for the host, so the frame is live.
    caller(store).map(|position| unsafe { walk(position, visit) }.called_with)
}
