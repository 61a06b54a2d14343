//! Objects: one layout behind every reference handle.
//!
//! A C handle is the address of an object, so casts keep the address and identity is pointer equality. Copying a
//! handle counts a root; objects without roots live as long as the tracer ([`super::tracer`]) reaches them. When
//! the store is deleted, objects that still have handles become dead objects: their payload is dropped, and the
//! header stays until the last handle is deleted.
//!
//! Every object has a slot for host info. Its finalizer runs when it is replaced or when the object
//! dies, at the latest with the store.
//!
//! Memory comes from malloc, so that leak checkers see it and a failed allocation can be reported. The header knows
//! the store only as an address, and the kind only as a number: the meaning of a kind is in the heap's table
//! ([`super::payload`]).

use super::environment::{Attached, Environment};
use super::payload::Payload;
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// The kind of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Func = 0,
    Global = 1,
    Table = 2,
    Memory = 3,
    Tag = 4,
    Instance = 16,
    Module = 17,
    Trap = 18,
    Foreign = 19,
    Exception = 20,
    Imports = 21,
}

/// The head of every object.
#[repr(C)]
pub struct Header {
    kind: Kind,
    pub(super) marked: Cell<bool>,
    /// C handles to this object.
    roots: Cell<u32>,
    /// Null for a dead object.
    store: Cell<*const ()>,
    /// The heap's list of all its objects.
    pub(super) next: Cell<*const Header>,
    /// The tracer's list of objects to visit.
    pub(super) next_marked: Cell<*const Header>,
    host_info: Attached,
}

impl Header {
    const fn new(kind: Kind, roots: u32, store: *const ()) -> Header {
        Header {
            kind,
            marked: Cell::new(false),
            roots: Cell::new(roots),
            store: Cell::new(store),
            next: Cell::new(ptr::null()),
            next_marked: Cell::new(ptr::null()),
            host_info: Attached::none(),
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The address of the store, null once that was deleted.
    #[inline]
    pub(crate) fn store_address(&self) -> *const () {
        self.store.get()
    }

    pub fn is_rooted(&self) -> bool {
        self.roots.get() != 0
    }

    /// Counts one more handle. If the count overflows, the object stays until its store is deleted.
    pub fn add_root(&self) {
        if let Some(roots) = self.roots.get().checked_add(1) {
            self.roots.set(roots);
        }
    }

    /// The pointer that the embedder attached, or null.
    pub fn host_info(&self) -> *mut c_void {
        self.host_info.data()
    }

    /// Whether the embedder's code runs when the object is destroyed.
    pub(super) fn has_finalizer(&self) -> bool {
        self.host_info.has_finalizer()
    }

    /// Attaches other host info and returns the former, as [`Attached::replace`] does.
    #[must_use = "the finalizer may delete the object: nothing may use it any more"]
    pub fn replace_host_info(&self, info: Environment) -> Environment {
        self.host_info.replace(info)
    }

    /// Counts one handle less. The object stays until it is traced, unless it is dead.
    ///
    /// # Safety
    /// The caller gives up one handle; `this` may be freed.
    pub unsafe fn drop_root(this: NonNull<Header>) {
        // SAFETY: the caller's handle keeps the object until here.
        let header = unsafe { this.as_ref() };
        if header.roots.get() == u32::MAX {
            return;
        }
        header.roots.set(header.roots.get().saturating_sub(1));
        if header.roots.get() == 0 && header.store.get().is_null() {
            // SAFETY: a dead object without handles: payload already dropped, nobody refers to it.
            unsafe { libc::free(this.as_ptr().cast()) };
        }
    }

    /// Detaches the object from its store and runs the finalizer. The caller keeps the object: a finalizer may
    /// delete handles of this same object.
    pub(super) fn die(&self) {
        self.store.set(ptr::null());
        drop(self.host_info.take());
    }

    /// The payload of an object that has the right kind and is not dead.
    pub(super) fn payload<T: Payload>(&self) -> &Object<T> {
        debug_assert!(self.kind == T::KIND && !self.store.get().is_null());
        // SAFETY: the kind says which payload follows the header.
        unsafe { &*(&raw const *self).cast::<Object<T>>() }
    }

    /// This object as a `T`, if it is one.
    pub fn downcast<T: Payload>(&self) -> Option<Gc<T>> {
        (self.kind == T::KIND).then(|| Gc(NonNull::from(self).cast()))
    }
}

/// A header and what follows it.
#[repr(C, align(16))]
pub struct Object<T> {
    header: Header,
    payload: ManuallyDrop<T>,
}

impl<T> Object<T> {
    pub(super) const fn new(payload: T, roots: u32, store: *const ()) -> Object<T>
    where
        T: Payload,
    {
        Object { header: Header::new(T::KIND, roots, store), payload: ManuallyDrop::new(payload) }
    }

    /// An object that belongs to no store and is never freed, with more handles than can be counted.
    pub(crate) const fn without_store(payload: T) -> Object<T>
    where
        T: Payload,
    {
        Object::new(payload, u32::MAX, ptr::null())
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload of an object that was made [`Object::without_store`].
    pub(crate) fn payload_without_store(&self) -> &T {
        &self.payload
    }

    /// # Safety
    /// The object is alive until now; from here on only its header is used.
    pub(super) unsafe fn drop_payload(this: NonNull<Object<T>>) {
        // SAFETY: as promised by the caller, so the payload is dropped once.
        unsafe { ManuallyDrop::drop(&mut (*this.as_ptr()).payload) };
    }

    pub const PAYLOAD_OFFSET: usize = std::mem::offset_of!(Object<T>, payload);
}

impl<T> Deref for Object<T> {
    type Target = T;
    fn deref(&self) -> &T {
        debug_assert!(!self.header.store.get().is_null());
        &self.payload
    }
}

/// A pointer to an object of a live store.
///
/// Held only where the tracer looks (payloads), while the object has a root, or during an operation in which
/// nothing is collected.
pub struct Gc<T>(NonNull<Object<T>>);

impl<T> Clone for Gc<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Gc<T> {}
impl<T> PartialEq for Gc<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Gc<T> {
    /// # Safety
    /// `object` is an object of kind `T` whose store is alive for as long as the result is used.
    pub unsafe fn from_ref(object: &Object<T>) -> Gc<T> {
        Gc(NonNull::from(object))
    }

    /// A pointer that may also be used for the bytes after the object.
    pub(super) fn new(object: NonNull<Object<T>>) -> Gc<T> {
        Gc(object)
    }

    pub fn as_ptr(self) -> *const Object<T> {
        self.0.as_ptr()
    }

    pub fn header_ptr(self) -> NonNull<Header> {
        self.0.cast()
    }

    /// The same object, for code that does not need its kind.
    pub fn any(self) -> Gc<Any> {
        Gc(self.0.cast())
    }
}

/// The payload of an object of unknown kind.
pub struct Any;

impl Gc<Any> {
    /// # Safety
    /// As for [`Gc::from_ref`].
    pub unsafe fn from_header(header: NonNull<Header>) -> Gc<Any> {
        Gc(header.cast())
    }

    /// This object as a `T`, if it is one.
    pub fn downcast<T: Payload>(self) -> Option<Gc<T>> {
        (self.header().kind == T::KIND).then(|| Gc(self.0.cast()))
    }
}

impl<T> Deref for Gc<T> {
    type Target = Object<T>;
    fn deref(&self) -> &Object<T> {
        // SAFETY: a `Gc` is made only of an object that stays as long as it is used (see `from_ref`).
        unsafe { self.0.as_ref() }
    }
}

/// Removes the root of a new object, once something traced holds it.
pub(crate) fn give_up_root(object: NonNull<Header>) {
    // SAFETY: the object stays: its store is alive.
    unsafe { Header::drop_root(object) };
}
