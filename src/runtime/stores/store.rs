//! A store: the objects of one group of instances, and the state of the guest code running in it.
//!
//! A store is used by one thread at a time. Everything mutable is in cells, because host callbacks
//! re-enter: nothing may hold a store exclusively while foreign code runs.

use super::limits::StoreLimits;
use super::metering::StoreMetering;
use super::stack_limit::ThreadNumber;
use crate::abi::TrapCode;
use crate::abi::TrapRecord;
use crate::abi::signature::MAX_RESULTS;
use crate::abi::vmctx::StoreContext;
use crate::runtime::engines::engine::Engine;
use crate::runtime::heap::object::{Gc, Header, OutOfMemory, WEIGHED_BYTES};
use crate::runtime::trap_objects::callers::CodeUsers;
use crate::runtime::trap_objects::trap::{Message, Trap};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Weight of new objects that makes a small store collect.
const MIN_COLLECTION_WEIGHT: usize = 4096;

pub struct Store {
    /// What code knows of the store, which never moves.
    pub context: StoreContext,
    pub engine: Arc<Engine>,
    record: Box<TrapRecord>,
    objects: Cell<*const Header>,
    /// Weight of all objects, and at which weight to collect.
    weight: Cell<usize>,
    collect_at: Cell<usize>,
    /// The engine's setting, at hand for calls.
    pub(crate) max_wasm_stack: usize,
    /// The thread whose end makes the store forget what it remembers of the stack.
    pub(crate) thread: Cell<ThreadNumber>,
    /// Set by the embedder: the stack about to be used (lowest address and size).
    pub(crate) declared_stack: Cell<Option<(usize, usize)>>,
    state: Cell<State>,
    /// How many operations outside of guest code may run finalizers or a start function, and need
    /// the store afterwards.
    operations: Cell<u32>,
    /// A trap that is there when no other can be allocated, and whether it has been handed out.
    emergency: Cell<Option<Gc<Trap>>>,
    pub limits: StoreLimits,
    pub(crate) code_users: CodeUsers,
    pub metering: StoreMetering,
    emergency_used: Cell<bool>,
    /// What [`Store::explain_trap`] was told.
    pub(crate) trap_detail: Cell<Option<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    /// Deleted from within a call or another operation: goes when the outermost one is done.
    Condemned,
    /// Finalizers are running.
    Dying,
}

impl Store {
    pub fn new(engine: Arc<Engine>) -> Result<NonNull<Store>, OutOfMemory> {
        let record = TrapRecord::new().ok_or(OutOfMemory)?;
        let store = Store {
            context: StoreContext::new(&record, &crate::runtime::calls::entry::HOOKS),
            record,
            objects: Cell::new(ptr::null()),
            weight: Cell::new(0),
            collect_at: Cell::new(MIN_COLLECTION_WEIGHT),
            max_wasm_stack: engine.config.max_wasm_stack,
            thread: Cell::new(ThreadNumber::NONE),
            declared_stack: Cell::new(None),
            state: Cell::new(State::Alive),
            operations: Cell::new(0),
            emergency: Cell::new(None),
            limits: StoreLimits::default(),
            code_users: CodeUsers::default(),
            metering: StoreMetering::default(),
            emergency_used: Cell::new(false),
            trap_detail: Cell::new(None),
            engine,
        };
        let store = crate::runtime::heap::alloc::try_box(store).ok_or(OutOfMemory)?;
        // The root that a new object has is the store's.
        store.emergency.set(Some(store.new_trap(Message::Code(TrapCode::OutOfMemory))?));
        Ok(NonNull::from(Box::leak(store)))
    }

    /// Deletes a store, at once or when its outermost call has returned.
    ///
    /// # Safety
    /// `this` came from `new` and is not used by the caller afterwards.
    pub unsafe fn delete(this: NonNull<Store>) {
        // SAFETY: alive until the box below is dropped.
        let store = unsafe { this.as_ref() };
        if store.state.get() == State::Dying {
            return;
        }
        if store.is_active() || store.operations.get() != 0 {
            store.state.set(State::Condemned);
            store.keep_condemned();
            return;
        }
        store.state.set(State::Dying);
        store.context.entry_end.store(0, Ordering::Relaxed);
        if let Some(trap) = store.emergency.take() {
            crate::runtime::instances::instance::give_up_root(trap.header_ptr());
        }
        store.destroy_objects();
        store.limits.set_limiter(None);
        // SAFETY: no object refers to the store any more.
        drop(unsafe { Box::from_raw(this.as_ptr()) });
    }

    /// The trap of last resort, rooted for the caller: it says "out of memory".
    pub(crate) fn emergency_trap(&self) -> Gc<Trap> {
        let trap =
            self.emergency.get().unwrap_or_else(|| unreachable!("set when the store is made"));
        trap.header().add_root();
        self.emergency_used.set(true);
        trap
    }

    /// Whether this is the trap of last resort. It has no frames: when memory stays short the same
    /// object is handed out for every trap.
    pub(crate) fn is_emergency(&self, trap: Gc<Trap>) -> bool {
        self.emergency.get().is_some_and(|emergency| emergency == trap)
    }

    /// Replaces a trap of last resort that has been handed out, now that memory can be had again.
    pub(crate) fn renew_emergency_trap(&self) {
        if self.emergency_used.get()
            && let Ok(fresh) = self.new_trap(Message::Code(TrapCode::OutOfMemory))
        {
            self.emergency_used.set(false);
            if let Some(used) = self.emergency.replace(Some(fresh)) {
                crate::runtime::instances::instance::give_up_root(used.header_ptr());
            }
        }
    }

    /// Whether an object belongs to this store.
    pub fn owns(&self, object: &Header) -> bool {
        object.store().is_some_and(|store| ptr::eq(store, self))
    }

    /// Whether calls are refused because finalizers of the deleted store are running.
    pub fn is_dying(&self) -> bool {
        self.state.get() == State::Dying
    }

    /// The reason and frames of the trap that unwound last.
    pub fn record(&self) -> &TrapRecord {
        &self.record
    }

    /// Whether guest code is running, somewhere below on the stack.
    #[inline]
    pub fn is_active(&self) -> bool {
        self.context.last_entry.get() & !1 != 0
    }

    /// Whether the store has been deleted from within a call and no call is left, so that whoever
    /// made the last one must finish with `delete`.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.state.get() == State::Condemned && !self.is_active() && self.operations.get() == 0
    }

    /// Makes sure that entries of a store deleted from within end the slow way, which looks whether
    /// they were the outermost one.
    pub(crate) fn keep_condemned(&self) {
        if self.state.get() == State::Condemned {
            self.context.last_entry.set(self.context.last_entry.get() | 1);
        }
    }

    /// Keeps the store while an operation runs that may call finalizers or a start function, in
    /// which the embedder may delete it.
    pub fn busy(&self) -> Busy {
        self.operations.set(self.operations.get() + 1);
        Busy(NonNull::from(self))
    }

    /// Makes sure that calls with results beyond the registers have their buffer.
    pub fn need_overflow_results(&self) -> Result<(), OutOfMemory> {
        if self.context.overflow_results.get().is_null() {
            // SAFETY: plain allocation, freed when the store is dropped.
            let buffer = unsafe { libc::calloc(MAX_RESULTS, 16) };
            if buffer.is_null() {
                return Err(OutOfMemory);
            }
            self.context.overflow_results.set(buffer.cast());
        }
        Ok(())
    }

    // The list of objects, for the tracer.

    pub(crate) fn adopt(&self, header: &Header, weight: usize) {
        header.next.set(self.objects.get());
        self.objects.set(header);
        self.weight.set(self.weight.get() + weight);
    }

    /// Counts bytes by which an object has grown.
    pub fn add_bytes(&self, bytes: u64) {
        self.weight.set(self.weight.get().saturating_add(bytes as usize / WEIGHED_BYTES));
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Header> {
        let mut next = self.objects.get();
        std::iter::from_fn(move || {
            // SAFETY: objects stay on the list until they are destroyed.
            let header = unsafe { next.as_ref() }?;
            next = header.next.get();
            Some(header)
        })
    }

    pub(crate) fn take_objects(&self) -> *const Header {
        self.objects.replace(ptr::null())
    }

    pub(crate) fn restore_objects(&self, list: *const Header, weight: usize) {
        self.objects.set(list);
        self.weight.set(weight);
        self.collect_at.set((2 * weight).max(weight + MIN_COLLECTION_WEIGHT));
    }

    pub(crate) fn is_collection_due(&self) -> bool {
        self.weight.get() >= self.collect_at.get()
    }
}

/// See [`Store::busy`]. The store may go when the last of these does.
pub struct Busy(NonNull<Store>);

impl Drop for Busy {
    fn drop(&mut self) {
        // SAFETY: the store cannot go before its operations are done.
        let store = unsafe { self.0.as_ref() };
        store.operations.set(store.operations.get() - 1);
        if store.is_over() {
            // SAFETY: deleted by the embedder, and whoever made this uses it no more.
            unsafe { Store::delete(self.0) };
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.forget_thread();
        // SAFETY: the buffer is ours or null.
        unsafe { libc::free(self.context.overflow_results.get().cast()) };
    }
}
