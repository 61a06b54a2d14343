//! A store: the objects of a group of instances, and the state of the guest code running in it.
//!
//! A store is used by one thread at a time. Everything mutable is in cells, because host callbacks re-enter:
//! nothing may borrow a store exclusively while foreign code runs.

use super::code_users::CodeUsers;
use super::limits::StoreLimits;
use super::metering::StoreMetering;
use super::stack_limit::ThreadNumber;
use crate::abi::TrapRecord;
use crate::abi::signature::MAX_RESULTS;
use crate::abi::vmctx::{EntryHooks, StoreContext};
use crate::runtime::engines::engine::Engine;
use crate::runtime::heap::alloc::{OutOfMemory, try_box};
use crate::runtime::heap::environment::Attached;
use crate::runtime::heap::list::Heap;
use crate::runtime::heap::object::{Any, Gc, Header, give_up_root};
use crate::runtime::heap::payload::KindTable;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub struct Store {
    /// The part that code reads, at a fixed address.
    pub context: StoreContext,
    pub engine: Arc<Engine>,
    record: Box<TrapRecord>,
    pub(crate) heap: Heap,
    /// A copy of the engine's setting, for calls.
    pub(crate) max_wasm_stack: usize,
    /// The thread whose end makes the store forget the stack's limit.
    pub(crate) thread: Cell<ThreadNumber>,
    /// Set by the embedder: the stack about to be used (lowest address and end).
    pub(crate) declared_stack: Cell<Option<(usize, usize)>>,
    /// The end of the stack that the context's limit is for; zero if its bounds are not known.
    pub(crate) limited_stack: Cell<usize>,
    state: Cell<State>,
    /// The number of operations outside guest code that may run finalizers or a start function, and need the store
    /// afterwards.
    operations: Cell<u32>,
    /// Whether finalizers of a collection are running.
    pub(crate) is_collecting: Cell<bool>,
    /// A preallocated trap for when no other can be allocated, and whether it was handed out.
    pub(crate) emergency: Cell<Option<Gc<Any>>>,
    pub(crate) emergency_used: Cell<bool>,
    pub limits: StoreLimits,
    pub(crate) code_users: CodeUsers,
    /// The imports of the last instance, until they are unreachable.
    pub(super) recent_imports: Cell<Option<Gc<Any>>>,
    pub metering: StoreMetering,
    /// The detail from [`Store::explain_trap`].
    trap_detail: Cell<Option<String>>,
    /// What the embedder attached.
    pub data: Attached,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    /// Deleted during a call or another operation: freed when the outermost one ends.
    Condemned,
    /// Finalizers are running.
    Dying,
}

impl Store {
    /// A store that has no emergency trap yet; deleted by [`Store::delete`].
    pub(crate) fn bare(
        engine: Arc<Engine>,
        hooks: &'static EntryHooks,
        kinds: &'static KindTable,
    ) -> Result<NonNull<Store>, OutOfMemory> {
        let record = TrapRecord::new().ok_or(OutOfMemory)?;
        let store = Store {
            context: StoreContext::new(&record, hooks),
            record,
            heap: Heap::new(kinds),
            max_wasm_stack: engine.config.max_wasm_stack,
            thread: Cell::new(ThreadNumber::NONE),
            declared_stack: Cell::new(None),
            limited_stack: Cell::new(0),
            state: Cell::new(State::Alive),
            operations: Cell::new(0),
            is_collecting: Cell::new(false),
            emergency: Cell::new(None),
            emergency_used: Cell::new(false),
            limits: StoreLimits::default(),
            code_users: CodeUsers::default(),
            recent_imports: Cell::new(None),
            metering: StoreMetering::default(),
            trap_detail: Cell::new(None),
            data: Attached::none(),
            engine,
        };
        let store = NonNull::from(Box::leak(try_box(store).ok_or(OutOfMemory)?));
        // SAFETY: just made.
        unsafe { store.as_ref() }.heap.set_store(store.as_ptr().cast());
        Ok(store)
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
            give_up_root(trap.header_ptr());
        }
        store.recent_imports.set(None);
        store.heap.destroy(store.heap.take_all());
        store.limits.set_limiter(None);
        drop(store.data.take());
        // SAFETY: no object refers to the store any more.
        drop(unsafe { Box::from_raw(this.as_ptr()) });
    }

    /// The store that this context is part of.
    ///
    /// # Safety
    /// The context is that of a store that is alive as long as the result is used.
    pub(crate) unsafe fn of<'a>(context: *const StoreContext) -> &'a Store {
        // SAFETY: contexts lie in stores.
        unsafe { &*context.byte_sub(std::mem::offset_of!(Store, context)).cast() }
    }

    /// Adds a detail to the message of the trap that a builtin raises next.
    pub(crate) fn explain_trap(&self, detail: String) {
        self.trap_detail.set(Some(detail));
    }

    /// Takes the detail from [`Store::explain_trap`].
    pub(crate) fn take_explanation(&self) -> Option<String> {
        self.trap_detail.take()
    }

    /// The imports of the last instance, if they are still known.
    pub(crate) fn recent_imports(&self) -> Option<Gc<Any>> {
        self.recent_imports.get()
    }

    pub(crate) fn remember_imports(&self, imports: Gc<Any>) {
        self.recent_imports.set(Some(imports));
    }

    /// Whether an object belongs to this store.
    pub fn owns(&self, object: &Header) -> bool {
        object.store().is_some_and(|store| ptr::eq(store, self))
    }

    /// Whether calls are refused because finalizers of the deleted store are running.
    pub fn is_dying(&self) -> bool {
        self.state.get() == State::Dying
    }

    /// The reason and frames of the last trap.
    pub fn record(&self) -> &TrapRecord {
        &self.record
    }

    /// Whether guest code is running in an outer frame.
    #[inline]
    pub fn is_active(&self) -> bool {
        self.context.last_entry.get() & !1 != 0
    }

    /// Whether the store was deleted during a call and no call is left, so that the end of the last one must call
    /// `delete`.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.state.get() == State::Condemned && !self.is_active() && self.operations.get() == 0
    }

    /// Makes entries of a store that was deleted during a call end on the slow path, which checks whether they were
    /// the outermost.
    pub(crate) fn keep_condemned(&self) {
        if self.state.get() == State::Condemned {
            self.context.last_entry.set(self.context.last_entry.get() | 1);
        }
    }

    /// Keeps the store during an operation that may call finalizers or a start function, in which the embedder may
    /// delete it.
    pub fn busy(&self) -> Busy {
        self.operations.set(self.operations.get() + 1);
        Busy(NonNull::from(self))
    }

    /// Allocates the overflow buffer that calls with many results need.
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
}

impl Header {
    /// The store, unless it was deleted.
    #[inline]
    pub fn store(&self) -> Option<&Store> {
        // SAFETY: null, or the store that made the object, which outlives its objects except dead ones.
        unsafe { self.store_address().cast::<Store>().as_ref() }
    }
}

/// See [`Store::busy`]. The store may be freed when the last of these is dropped.
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
