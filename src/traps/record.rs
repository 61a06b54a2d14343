//! What is remembered about the last trap of a store.
//!
//! A signal handler fills it, so it is allocated with the store, has a fixed size, and is written
//! field by field through cells. The runtime reads it when the entry stub reports a trap, before
//! guest code of this store runs again. Frames are raw program counters: what they mean is looked
//! up later, if anybody asks.

use crate::abi::TrapCode;
use std::alloc::{Layout, alloc_zeroed};
use std::cell::Cell;

/// How many of the innermost frames are kept.
pub const MAX_FRAMES: usize = 256;

/// Why guest code stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    Code(TrapCode),
    /// The trap object that a host function returned; owned by whoever reads the record.
    Host(*mut ()),
}

/// The last trap of a store.
#[derive(Debug)]
pub struct TrapRecord {
    code: Cell<u8>,
    host: Cell<*mut ()>,
    fault_address: Cell<usize>,
    length: Cell<usize>,
    depth: Cell<usize>,
    frames: [Cell<usize>; MAX_FRAMES],
}

impl TrapRecord {
    /// An empty record; `None` when there is no memory.
    pub fn new() -> Option<Box<TrapRecord>> {
        let layout = Layout::new::<TrapRecord>();
        // SAFETY: the layout has a size; zero bytes are a valid record (zero and null everywhere);
        // a `Box` frees with the same layout.
        unsafe {
            let record = alloc_zeroed(layout).cast::<TrapRecord>();
            (!record.is_null()).then(|| Box::from_raw(record))
        }
    }

    /// Why guest code stopped. `None` before the first trap.
    pub fn reason(&self) -> Option<Reason> {
        match self.host.get() {
            host if host.is_null() => TrapCode::from_u8(self.code.get()).map(Reason::Code),
            host => Some(Reason::Host(host)),
        }
    }

    /// The address that a faulting access touched; zero if the trap was not a fault.
    pub fn fault_address(&self) -> usize {
        self.fault_address.get()
    }

    /// Program counters of guest frames, innermost first, across host frames: the address of a
    /// faulting instruction (first frame only), else return addresses.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.frames[..self.length.get().min(MAX_FRAMES)].iter().map(Cell::get)
    }

    /// Whether there were more frames than [`TrapRecord::frames`] has.
    pub fn is_truncated(&self) -> bool {
        self.depth.get() > self.length.get()
    }

    /// Forgets the trap, so that a reader can take the host's trap object only once.
    pub fn clear(&self) {
        self.code.set(0);
        self.host.set(std::ptr::null_mut());
        self.fault_address.set(0);
        self.length.set(0);
        self.depth.set(0);
    }

    pub(super) fn begin(&self, reason: Reason, fault_address: usize) {
        self.clear();
        match reason {
            Reason::Code(code) => self.code.set(code as u8),
            Reason::Host(trap) => self.host.set(trap),
        }
        self.fault_address.set(fault_address);
    }

    pub(super) fn push(&self, pc: usize) {
        let length = self.length.get();
        if let Some(frame) = self.frames.get(length) {
            frame.set(pc);
            self.length.set(length + 1);
        }
        self.depth.set(self.depth.get() + 1);
    }

    pub(super) fn is_full(&self) -> bool {
        self.length.get() >= MAX_FRAMES
    }
}
