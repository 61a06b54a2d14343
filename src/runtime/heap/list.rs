//! The objects of a store: allocation, counting, collection.
//!
//! Collections are triggered by growth, so that the cost per allocation is constant. The store decides when one may
//! happen: never while its guest code is running, so stacks are not scanned.

use super::alloc::OutOfMemory;
use super::amounts::Amounts;
use super::object::{Any, Gc, Header, Kind, Object};
use super::payload::{KindTable, Payload, WEIGHED_BYTES};
use super::tracer::Tracer;
use hashbrown::HashMap;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// The weight of new objects at which a small store collects.
const MIN_COLLECTION_WEIGHT: usize = 4096;

/// All objects of one store.
pub struct Heap {
    kinds: &'static KindTable,
    /// The address of the store, for new objects.
    store: Cell<*const ()>,
    objects: Cell<*const Header>,
    /// The weight of all objects, and the weight at which to collect.
    weight: Cell<usize>,
    collect_at: Cell<usize>,
    used: Cell<Amounts>,
}

/// Objects that nothing reaches, off the heap's list.
#[must_use]
pub struct Unreachable(*const Header);

impl Heap {
    pub fn new(kinds: &'static KindTable) -> Heap {
        Heap {
            kinds,
            store: Cell::new(ptr::null()),
            objects: Cell::new(ptr::null()),
            weight: Cell::new(0),
            collect_at: Cell::new(MIN_COLLECTION_WEIGHT),
            used: Cell::new(Amounts::NOTHING),
        }
    }

    /// Sets the store's address, before the first object is made.
    pub fn set_store(&self, store: *const ()) {
        self.store.set(store);
    }

    /// Makes an object with one root (for the caller), followed by `extra` zeroed bytes.
    pub fn allocate<T: Payload>(&self, payload: T, extra: usize) -> Result<Gc<T>, OutOfMemory> {
        let size = size_of::<Object<T>>().checked_add(extra).ok_or(OutOfMemory)?;
        // SAFETY: plain allocation; malloc aligns to 16, which `Object` asks for.
        let memory = unsafe { libc::malloc(size) }.cast::<Object<T>>();
        let object = NonNull::new(memory).ok_or(OutOfMemory)?;
        // SAFETY: fresh memory of the right size.
        unsafe {
            object.write(Object::new(payload, 1, self.store.get()));
            object.add(1).cast::<u8>().write_bytes(0, extra);
        }
        let gc = Gc::new(object);
        gc.header().next.set(self.objects.get());
        self.objects.set(gc.header());
        self.weight.set(self.weight.get() + gc.weight());
        self.count(gc.amounts());
        Ok(gc)
    }

    /// What all objects use.
    pub fn used(&self) -> Amounts {
        self.used.get()
    }

    /// Records that an object has grown by these amounts and bytes.
    pub fn count_growth(&self, more: Amounts, bytes: u64) {
        self.count(more);
        self.weight.set(self.weight.get().saturating_add(bytes as usize / WEIGHED_BYTES));
    }

    #[inline]
    fn count(&self, more: Amounts) {
        self.used.set(self.used.get().both(more, u64::saturating_add));
    }

    pub fn is_collection_due(&self) -> bool {
        self.weight.get() >= self.collect_at.get()
    }

    /// Takes the objects that no handle reaches off the list. `weak` is emptied if it names one of them.
    pub fn take_unreachable(&self, weak: &Cell<Option<Gc<Any>>>) -> Unreachable {
        Tracer::mark(self.kinds, self.iter().filter(|header| header.is_rooted()));
        weak.set(weak.get().filter(|object| object.header().marked.get()));
        self.take_unmarked(|_| true)
    }

    /// Takes the objects of some kinds off the list that no handle, no object of another kind and none of
    /// `words`, which may be anything, names. Those with a finalizer stay. None if there is no memory to find
    /// out.
    pub fn take_unnamed(&self, kinds: &[Kind], words: impl Iterator<Item = usize>) -> Unreachable {
        let may_go = |header: &Header| kinds.contains(&header.kind()) && !header.has_finalizer();
        let mut known = HashMap::new();
        for header in self.iter().filter(|header| may_go(header)) {
            if known.try_reserve(1).is_err() {
                return Unreachable(ptr::null());
            }
            known.insert(ptr::from_ref(header).addr(), false);
        }
        for word in words {
            if let Some(named) = known.get_mut(&word) {
                *named = true;
            }
        }
        let is_root = |header: &&Header| {
            header.is_rooted() || known.get(&ptr::from_ref(*header).addr()) != Some(&false)
        };
        Tracer::mark(self.kinds, self.iter().filter(is_root));
        self.take_unmarked(may_go)
    }

    /// Takes those off the list that are not marked and may go.
    fn take_unmarked(&self, may_go: impl Fn(&Header) -> bool) -> Unreachable {
        let mut dead: *const Header = ptr::null();
        let mut live: *const Header = ptr::null();
        let mut weight = 0;
        let mut next = self.objects.get();
        // SAFETY: objects on the list are valid until they are destroyed.
        while let Some(header) = unsafe { next.as_ref() } {
            next = header.next.get();
            let list = if header.marked.replace(false) || !may_go(header) {
                weight += (self.kinds.of(header).weight)(header);
                &mut live
            } else {
                &mut dead
            };
            header.next.set(*list);
            *list = header;
        }
        self.objects.set(live);
        self.weight.set(weight);
        self.collect_at.set((2 * weight).max(weight + MIN_COLLECTION_WEIGHT));
        Unreachable(dead)
    }

    /// Takes all objects off the list, because the store is being deleted.
    pub fn take_all(&self) -> Unreachable {
        Unreachable(self.objects.replace(ptr::null()))
    }

    fn iter(&self) -> impl Iterator<Item = &Header> {
        let mut next = self.objects.get();
        std::iter::from_fn(move || {
            // SAFETY: as above.
            let header = unsafe { next.as_ref() }?;
            next = header.next.get();
            Some(header)
        })
    }

    /// All objects of a kind.
    pub fn all<T: Payload + 'static>(&self) -> impl Iterator<Item = &Object<T>> {
        self.iter().filter(|header| header.kind() == T::KIND).map(Header::payload)
    }

    /// Destroys objects; those with handles become dead objects. Finalizers run here.
    pub fn destroy(&self, objects: Unreachable) {
        let mut list = objects.0;
        while let Some(header) = NonNull::new(list.cast_mut()) {
            // SAFETY: off the list and unreachable, so nothing refers to it; the next pointer is read
            // before the object may be freed.
            unsafe {
                list = header.as_ref().next.get();
                self.destroy_one(header);
            }
        }
    }

    /// Drops the payload and frees the memory, or leaves a dead object if handles remain.
    ///
    /// # Safety
    /// The object is off the list, nothing traced refers to it, and it is not dead yet.
    unsafe fn destroy_one(&self, this: NonNull<Header>) {
        // SAFETY: as promised by the caller; the object is there until its last root is dropped.
        unsafe {
            let header = this.as_ref();
            let kind = self.kinds.of(header);
            (kind.leave)(header, &self.used);
            header.add_root();
            header.die();
            (kind.drop)(this);
            Header::drop_root(this);
        }
    }
}
