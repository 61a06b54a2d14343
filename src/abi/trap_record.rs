//! The record of a store's last trap.
//!
//! A signal handler fills it, so it is allocated with the store, has a fixed size, and is written field by field
//! through cells. The runtime reads it when the entry stub reports a trap, before guest code of this store runs
//! again. Frames are raw program counters: they are looked up later, if at all.

use super::trap::TrapCode;
use super::vmctx::VmContext;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr::NonNull;

/// The number of innermost frames that are kept.
pub const MAX_FRAMES: usize = 256;

/// Why guest code stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrapReason {
    Code(TrapCode),
    /// The trap object that a host function returned; the reader of the record owns it.
    Host(*mut ()),
    /// An exception that nobody has caught.
    Exception(Thrown),
}

/// An exception on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Thrown {
    /// The tag object; null for no exception.
    pub tag: *const (),
    /// The exception object; null if there is none yet. What the exception carries is in the overflow
    /// buffer in any case.
    pub exception: *const (),
}

pub const RECORD_TAG: i32 = 0;
pub const RECORD_EXCEPTION: i32 = 8;

const _: () = {
    assert!(offset_of!(TrapRecord, tag) == RECORD_TAG as usize);
    assert!(offset_of!(TrapRecord, exception) == RECORD_EXCEPTION as usize);
};

/// Who called the function of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CalledBy {
    /// The function in the next frame.
    Guest,
    /// The host, with this context if it is known.
    Host(Option<NonNull<VmContext>>),
}

impl CalledBy {
    /// A call by the host with a context, or with an unknown one (null).
    pub fn host(context: *const VmContext) -> CalledBy {
        CalledBy::Host(NonNull::new(context.cast_mut()))
    }
}

/// The last trap of a store. Landing pads read the words of the exception.
#[derive(Debug)]
#[repr(C)]
pub struct TrapRecord {
    /// The words of a [`Thrown`].
    tag: Cell<*const ()>,
    exception: Cell<*const ()>,
    code: Cell<u8>,
    host: Cell<*mut ()>,
    /// The trap was a fault.
    faulted: Cell<bool>,
    fault_address: Cell<usize>,
    length: Cell<usize>,
    depth: Cell<usize>,
    frames: [Cell<usize>; MAX_FRAMES],
    /// For each frame: zero if guest code called it, else the context plus one.
    callers: [Cell<usize>; MAX_FRAMES],
}

impl TrapRecord {
    /// An empty record; `None` when there is no memory.
    pub fn new() -> Option<Box<TrapRecord>> {
        let layout = Layout::new::<TrapRecord>();
        // SAFETY: the layout has a size; zero bytes are a valid record (zero and null everywhere);
        // a `Box` frees with the same layout.
        unsafe {
            let record = System.alloc_zeroed(layout).cast::<TrapRecord>();
            (!record.is_null()).then(|| Box::from_raw(record))
        }
    }

    /// Why guest code stopped. `None` before the first trap.
    pub fn reason(&self) -> Option<TrapReason> {
        if !self.tag.get().is_null() {
            return Some(TrapReason::Exception(self.thrown()));
        }
        match self.host.get() {
            host if host.is_null() => TrapCode::from_u8(self.code.get()).map(TrapReason::Code),
            host => Some(TrapReason::Host(host)),
        }
    }

    /// The exception that was thrown last.
    pub(crate) fn thrown(&self) -> Thrown {
        Thrown { tag: self.tag.get(), exception: self.exception.get() }
    }

    /// Whether the trap was a fault: the first frame is at an instruction and not at a return address. It can be
    /// both to code.
    pub fn faulted(&self) -> bool {
        self.faulted.get()
    }

    /// The address that a faulting access touched; zero if there was none.
    pub fn fault_address(&self) -> usize {
        self.fault_address.get()
    }

    /// Program counters of guest frames, innermost first, across host frames: the address of a faulting instruction
    /// (first frame only), else return addresses.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.frames[..self.length.get().min(MAX_FRAMES)].iter().map(Cell::get)
    }

    /// For each of [`TrapRecord::frames`], its caller. For the last frame of a stack that was too deep to record,
    /// that is unknown guest code.
    pub fn callers(&self) -> impl ExactSizeIterator<Item = CalledBy> + '_ {
        self.callers[..self.length.get().min(MAX_FRAMES)].iter().map(|caller| match caller.get() {
            0 => CalledBy::Guest,
            word => CalledBy::host(std::ptr::with_exposed_provenance(word - 1)),
        })
    }

    /// Whether there were more frames than were kept.
    pub fn is_truncated(&self) -> bool {
        self.depth.get() > self.length.get()
    }

    /// Clears the trap, so that the host's trap object can be taken only once.
    pub fn clear(&self) {
        self.code.set(0);
        self.host.set(std::ptr::null_mut());
        self.tag.set(std::ptr::null());
        self.exception.set(std::ptr::null());
        self.faulted.set(false);
        self.fault_address.set(0);
        self.length.set(0);
        self.depth.set(0);
    }

    /// Begins a record. `fault` is the address that a fault touched, or zero.
    pub(crate) fn begin(&self, reason: TrapReason, fault: Option<usize>) {
        self.clear();
        match reason {
            TrapReason::Code(code) => self.code.set(code as u8),
            TrapReason::Host(trap) => self.host.set(trap),
            TrapReason::Exception(Thrown { tag, exception }) => {
                self.tag.set(tag);
                self.exception.set(exception);
            }
        }
        self.faulted.set(fault.is_some());
        self.fault_address.set(fault.unwrap_or(0));
    }

    pub(crate) fn push(&self, pc: usize) {
        let length = self.length.get();
        if let Some(frame) = self.frames.get(length) {
            frame.set(pc);
            self.callers[length].set(0);
            self.length.set(length + 1);
        }
        self.depth.set(self.depth.get() + 1);
    }

    /// Marks the last frame as called by the host. Does nothing if no frame was added since the last time, or if
    /// not all could be.
    pub(crate) fn end_activation(&self, caller: CalledBy) {
        let CalledBy::Host(context) = caller else { return };
        if let (Some(last), false) = (self.length.get().checked_sub(1), self.is_truncated())
            && self.callers[last].get() == 0
        {
            self.callers[last].set(context.map_or(0, |c| c.as_ptr().expose_provenance()) + 1);
        }
    }
}
