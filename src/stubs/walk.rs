//! Walks guest frames, and records them when they are left for good.
//!
//! A walk follows the chain of frame pointers (see `abi::frames`). It ends where guest code returns to the mark
//! [`ENTRY_MARK`]: that frame's caller is the entry frame, which knows the store and where the guest code around it
//! was left.
//!
//! This file reads stack memory by these rules alone; it runs in signal handlers.

use crate::abi::frames::{
    ENTRY_CONTEXT, ENTRY_EXIT, ENTRY_FRAME, ENTRY_MARK, ENTRY_NATIVE_TAG, ENTRY_PREVIOUS,
    ENTRY_WORD, EXIT_CONTEXT,
};
use crate::abi::trap_record::{CalledBy, TrapReason, TrapRecord};
use crate::abi::vmctx::{StoreContext, VmContext};

/// Whether guest code that returns to `pc` was called by an entry stub.
///
/// # Safety
/// `pc` is at an instruction of guest code or a stub.
unsafe fn is_entry_mark(pc: usize) -> bool {
    let bytes: *const u8 = std::ptr::with_exposed_provenance(pc);
    // Byte by byte, because less than eight may follow: as long as they are equal, they belong to one instruction.
    // SAFETY: code is readable, and the instruction goes on.
    ENTRY_MARK.iter().enumerate().all(|(i, byte)| unsafe { *bytes.add(i) } == *byte)
}

/// A position in guest code: the program counter and the frame pointer there. Program counter zero stands for an
/// entry frame that has not called guest code yet.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub pc: usize,
    pub fp: usize,
}

impl Position {
    /// Where a frame returns to.
    ///
    /// # Safety
    /// `fp` is the frame pointer of a live frame of guest code or a stub.
    pub(super) unsafe fn behind(fp: usize) -> Position {
        // SAFETY: such a frame starts with the caller's frame pointer and its return address.
        unsafe { Position { pc: *word(fp, 8), fp: *word(fp, 0) } }
    }
}

/// # Safety
/// `address + offset` is a word of a live stack frame.
unsafe fn word(address: usize, offset: i32) -> *mut usize {
    std::ptr::with_exposed_provenance_mut(address.wrapping_add_signed(offset as isize))
}

/// An entry frame on some stack.
#[derive(Clone, Copy, Debug)]
pub struct EntryFrame(usize);

impl EntryFrame {
    /// # Safety
    /// `fp` is the frame pointer of a live entry frame.
    pub unsafe fn new(fp: usize) -> EntryFrame {
        EntryFrame(fp)
    }

    pub fn fp(self) -> usize {
        self.0
    }

    /// A stack pointer below all words of the frame.
    pub fn sp(self) -> usize {
        self.0 - ENTRY_FRAME as usize
    }

    fn get(self, offset: i32) -> usize {
        // SAFETY: the frame is live and has the words that the stub pushed.
        unsafe { *word(self.0, offset) }
    }

    fn set(self, offset: i32, value: usize) {
        // SAFETY: as above.
        unsafe { *word(self.0, offset) = value }
    }

    fn context(self) -> *const VmContext {
        std::ptr::with_exposed_provenance(self.get(ENTRY_CONTEXT))
    }

    pub fn store(self) -> *const StoreContext {
        // SAFETY: the context of a guest or host function, alive as long as the call.
        unsafe { (*self.context()).store }
    }

    fn called_with(self) -> CalledBy {
        CalledBy::host(self.context())
    }

    fn is_native(self) -> bool {
        self.get(ENTRY_PREVIOUS) & ENTRY_NATIVE_TAG as usize != 0
    }

    /// Where the caller of a native stub wants its trap (null: nowhere); `None` for other entries.
    pub fn native_trap(self) -> Option<*mut *mut ()> {
        self.is_native().then(|| std::ptr::with_exposed_provenance_mut(self.get(ENTRY_WORD)))
    }

    /// The exit word of the guest frame that called the host code which entered here. None if that activation has
    /// ended since.
    pub fn exit(self) -> usize {
        if self.previous().is_none() { 0 } else { self.get(ENTRY_EXIT) }
    }

    fn outer(self) -> Option<Position> {
        // The word is cleared before the frame in it continues.
        let exit = self.exit();
        (exit != 0).then(|| Exit(exit).position())
    }

    pub(super) fn forget_outer(self) {
        if self.previous().is_some() {
            self.set(ENTRY_EXIT, 0);
        }
    }

    pub(super) fn previous(self) -> Option<EntryFrame> {
        let fp = self.previous_head() & !1;
        (fp != 0).then_some(EntryFrame(fp))
    }

    /// The head of the store's list without this frame: odd in a deleted store.
    pub(super) fn previous_head(self) -> usize {
        self.get(ENTRY_PREVIOUS) & !(ENTRY_NATIVE_TAG as usize)
    }

    pub(super) fn set_previous_head(self, head: usize) {
        let tag = self.get(ENTRY_PREVIOUS) & ENTRY_NATIVE_TAG as usize;
        self.set(ENTRY_PREVIOUS, head | tag);
    }
}

/// All entry frames of a store, the latest first. With interleaved fibers they are on different stacks.
pub(super) fn entries(store: &StoreContext) -> impl Iterator<Item = EntryFrame> {
    let fp = store.last_entry.get() & !1;
    let first = (fp != 0).then_some(EntryFrame(fp));
    std::iter::successors(first, |entry| entry.previous())
}

/// The addresses of the store's innermost and outermost entry frames, if guest code runs and each entry
/// frame lies below the one before it, as they do on one stack.
pub fn entries_on_one_stack(store: &StoreContext) -> Option<(usize, usize)> {
    let mut frames = entries(store).map(EntryFrame::fp);
    let innermost = frames.next()?;
    let mut outermost = innermost;
    for frame in frames {
        if frame <= outermost {
            return None;
        }
        outermost = frame;
    }
    Some((innermost, outermost))
}

/// Calls `visit` with each guest program counter from `from` to the entry frame, and returns the entry frame.
///
/// # Safety
/// `from` describes a live guest frame.
unsafe fn walk(from: Position, mut visit: impl FnMut(usize)) -> EntryFrame {
    let visit = |at: Position| {
        visit(at.pc);
        None
    };
    // SAFETY: as promised by the caller.
    match unsafe { find(from, visit) } {
        Err(entry) => entry,
        Ok(Never) => unreachable!("nothing is found"),
    }
}

/// What a search that only looks finds.
struct Never;

/// Looks at guest frames from `from` on until `visit` finds something; else the entry frame.
///
/// # Safety
/// `from` describes a live guest frame.
pub(super) unsafe fn find<T>(
    from: Position,
    mut visit: impl FnMut(Position) -> Option<T>,
) -> Result<T, EntryFrame> {
    let mut at = from;
    loop {
        // SAFETY: program counters of guest frames.
        if at.pc == 0 || unsafe { is_entry_mark(at.pc) } {
            return Err(EntryFrame(at.fp));
        }
        if let Some(found) = visit(at) {
            return Ok(found);
        }
        // SAFETY: a guest frame starts with the caller's frame pointer and its return address.
        at = unsafe { Position::behind(at.fp) };
    }
}

/// The entry frame below a position.
///
/// # Safety
/// As for [`capture`].
pub unsafe fn entry_of(from: Position) -> EntryFrame {
    // SAFETY: as promised by the caller.
    unsafe { walk(from, |_| ()) }
}

/// Fills a store's record with the reason and the frames from `at` outward, and returns the entry frame where
/// execution must continue.
///
/// # Safety
/// `at` describes a live guest frame, on this thread's stack or a suspended one.
pub unsafe fn capture(at: Position, reason: TrapReason, fault: Option<usize>) -> EntryFrame {
    // SAFETY: as promised by the caller.
    let entry = unsafe { entry_of(at) };
    // SAFETY: the store is alive while guest code runs in it, and its record as long as the store.
    let record: &TrapRecord = unsafe { &*(*entry.store()).trap_record };
    record.begin(reason, fault);
    // SAFETY: as above.
    unsafe { record_activations(record, Some(at)) };
    entry
}

/// Records the frames from `from` outwards, through all activations.
///
/// # Safety
/// `from` describes a live guest frame.
unsafe fn record_activations(record: &TrapRecord, mut from: Option<Position>) {
    while let (Some(position), false) = (from, record.is_truncated()) {
        // SAFETY: promised by the caller; outer positions are live as long as the entry frame says so.
        let entry = unsafe { walk(position, |pc| record.push(pc)) };
        record.end_activation(entry.called_with());
        from = entry.outer();
    }
}

/// The frames of an activation have been recorded up to its entry frame: the others too.
///
/// # Safety
/// The entry frame is live.
pub(super) unsafe fn record_outer(record: &TrapRecord, entry: EntryFrame) {
    record.end_activation(entry.called_with());
    // SAFETY: as promised by the caller.
    unsafe { record_activations(record, entry.outer()) };
}

/// Where guest code called the host code that is running.
#[derive(Clone, Copy)]
pub struct Exit(usize);

impl Exit {
    pub fn position(self) -> Position {
        // SAFETY: the words are live as long as the host code runs.
        unsafe { Position { fp: *word(self.0, 0), pc: *word(self.0, 8) } }
    }

    /// The instance that made the call, from its vmctx; null for a host function that was called through a table or
    /// a reference.
    pub fn instance(self) -> *const () {
        // SAFETY: as above; both contexts name an instance in the same place.
        unsafe {
            let context = *word(self.0, EXIT_CONTEXT) as *const VmContext;
            (*context).instance
        }
    }
}

/// Where guest code called the host code that is running; none if there is no such call.
pub fn caller(store: &StoreContext) -> Option<Exit> {
    let exit = store.exit_word();
    (exit != 0).then_some(Exit(exit))
}

/// Calls `visit` with the program counters of all guest frames that led to the running host code, innermost first.
pub fn frames_of_callers(store: &StoreContext, mut visit: impl FnMut(usize)) {
    let mut from = caller(store).map(Exit::position);
    while let Some(position) = from {
        // SAFETY: the frames are live as long as the host code runs.
        from = unsafe { walk(position, &mut visit) }.outer();
    }
}

/// Calls `visit` with the program counters of the activation that called the running host code, innermost first.
/// Returns the context of its outermost function.
pub fn frames_of_caller(store: &StoreContext, visit: impl FnMut(usize)) -> Option<CalledBy> {
    // SAFETY: the frame is live.
    caller(store).map(|exit| unsafe { walk(exit.position(), visit) }.called_with())
}
