//! Store objects: one heap layout behind every reference handle.
//!
//! A C handle is the address of an object, so all casts keep their address and identity is pointer
//! equality. Copying a handle counts a root; objects without roots live as long as the tracer
//! ([`super::tracer`]) reaches them. When the store goes, objects that still have handles become
//! husks: their payload is dropped, only the header stays until the last handle is deleted.
//!
//! Every object has a slot for host info. Its finalizer runs when it is replaced or when the object
//! dies, at the latest with the store.
//!
//! Memory comes from malloc, so that leak checkers see it and a failed allocation is an answer.

use super::environment::Environment;
use super::tracer::Trace;
use crate::error::Error;
use crate::runtime::stores::store::Store;
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Func = 0,
    Global = 1,
    Table = 2,
    Memory = 3,
    Instance = 16,
    Module = 17,
    Trap = 18,
    Foreign = 19,
}

/// The head of every object.
#[repr(C)]
pub struct Header {
    kind: Kind,
    pub(crate) marked: Cell<bool>,
    /// C handles to this object.
    roots: Cell<u32>,
    /// Null for a husk.
    store: Cell<*const Store>,
    /// The store's list of all its objects.
    pub(crate) next: Cell<*const Header>,
    /// The tracer's list of objects to visit.
    pub(crate) next_marked: Cell<*const Header>,
    /// Looked at by handing it out and putting it back, so that a finalizer may come back here.
    host_info: Cell<Environment>,
}

impl Header {
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The store, unless it has been deleted.
    pub fn store(&self) -> Option<&Store> {
        // SAFETY: a store outlives its objects except husks, whose pointer is null.
        unsafe { self.store.get().as_ref() }
    }

    pub fn is_rooted(&self) -> bool {
        self.roots.get() != 0
    }

    /// Counts one more handle. Beyond what can be counted the object stays until its store goes.
    pub fn add_root(&self) {
        if let Some(roots) = self.roots.get().checked_add(1) {
            self.roots.set(roots);
        }
    }

    /// The pointer that the embedder attached, or null.
    pub fn host_info(&self) -> *mut c_void {
        let info = self.host_info.replace(Environment::none());
        let data = info.data();
        self.host_info.set(info);
        data
    }

    /// Attaches other host info and returns the former, whose finalizer runs when it is dropped. If
    /// the pointers are equal, it is the same data, which the new one answers for: nothing runs.
    #[must_use = "the finalizer may delete the object: nothing may use it any more"]
    pub fn replace_host_info(&self, info: Environment) -> Environment {
        let data = info.data();
        let mut former = self.host_info.replace(info);
        if former.data() == data {
            former.disarm();
        }
        former
    }

    /// Counts one handle less. The object stays for the tracer, unless it is a husk.
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
            // SAFETY: a husk without handles: payload already dropped, nobody refers to it.
            unsafe { libc::free(this.as_ptr().cast()) };
        }
    }

    /// Drops the payload and frees the memory, or leaves a husk if handles remain.
    ///
    /// # Safety
    /// The object is off the store's list, nothing traced refers to it, and it is no husk yet.
    pub(crate) unsafe fn destroy(this: NonNull<Header>) {
        // SAFETY: as promised by the caller.
        unsafe {
            if let Some(store) = this.as_ref().store() {
                store.limits.forget(this.as_ref());
                if let Kind::Instance = this.as_ref().kind {
                    store.code_users.remove(this.cast().as_ref());
                }
            }
            this.as_ref().store.set(ptr::null());
            // A finalizer may delete handles of this very object: keep it for the moment.
            this.as_ref().add_root();
            drop(this.as_ref().host_info.replace(Environment::none()));
            match this.as_ref().kind {
                Kind::Func => drop_payload::<crate::runtime::externs::func::Func>(this),
                Kind::Global => drop_payload::<crate::runtime::externs::global::Global>(this),
                Kind::Table => drop_payload::<crate::runtime::externs::table::Table>(this),
                Kind::Memory => drop_payload::<crate::runtime::memories::memory::Memory>(this),
                Kind::Instance => {
                    drop_payload::<crate::runtime::instances::instance::Instance>(this)
                }
                Kind::Module => drop_payload::<crate::runtime::engines::module::StoreModule>(this),
                Kind::Trap => drop_payload::<crate::runtime::trap_objects::trap::Trap>(this),
                Kind::Foreign => drop_payload::<crate::runtime::stores::foreign::Foreign>(this),
            }
            Header::drop_root(this);
        }
    }

    pub(crate) fn trace(&self, tracer: &mut super::tracer::Tracer) {
        match self.kind {
            Kind::Func => self.payload::<crate::runtime::externs::func::Func>().trace(tracer),
            Kind::Global => self.payload::<crate::runtime::externs::global::Global>().trace(tracer),
            Kind::Table => self.payload::<crate::runtime::externs::table::Table>().trace(tracer),
            Kind::Instance => {
                self.payload::<crate::runtime::instances::instance::Instance>().trace(tracer)
            }
            Kind::Trap => self.payload::<crate::runtime::trap_objects::trap::Trap>().trace(tracer),
            Kind::Memory | Kind::Module | Kind::Foreign => {}
        }
    }

    pub(crate) fn weight(&self) -> usize {
        match self.kind {
            Kind::Table => self.payload::<crate::runtime::externs::table::Table>().weight(),
            Kind::Memory => self.payload::<crate::runtime::memories::memory::Memory>().weight(),
            Kind::Instance => {
                self.payload::<crate::runtime::instances::instance::Instance>().weight()
            }
            Kind::Trap => self.payload::<crate::runtime::trap_objects::trap::Trap>().weight(),
            Kind::Module => self.payload::<crate::runtime::engines::module::StoreModule>().weight(),
            Kind::Func | Kind::Global | Kind::Foreign => 1,
        }
    }

    fn payload<T: Payload>(&self) -> &T {
        debug_assert!(self.kind == T::KIND && !self.store.get().is_null());
        // SAFETY: the kind says which payload follows the header; it is not a husk.
        unsafe { &*(&raw const *self).cast::<Object<T>>() }
    }

    /// This object as a `T`, if it is one.
    pub fn downcast<T: Payload>(&self) -> Option<Gc<T>> {
        (self.kind == T::KIND).then(|| Gc(NonNull::from(self).cast()))
    }
}

unsafe fn drop_payload<T: Payload>(this: NonNull<Header>) {
    // SAFETY: the caller matched the kind; the payload is dropped once, when the husk is made.
    unsafe { ManuallyDrop::drop(&mut this.cast::<Object<T>>().as_mut().payload) }
}

/// So many bytes of a memory, table, instance or module weigh one.
pub(crate) const WEIGHED_BYTES: usize = 4096;

/// A kind of object.
pub trait Payload: Sized {
    const KIND: Kind;
    /// How much the object counts towards the next collection; more for what takes more memory.
    fn weight(&self) -> usize {
        1
    }
}

/// A header and what follows it.
#[repr(C, align(16))]
pub struct Object<T> {
    header: Header,
    payload: ManuallyDrop<T>,
}

impl<T> Object<T> {
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// An object that belongs to no store and stays, with more handles than can be counted.
    pub(crate) const fn without_store(payload: T) -> Object<T>
    where
        T: Payload,
    {
        Object {
            header: Header {
                kind: T::KIND,
                marked: Cell::new(false),
                roots: Cell::new(u32::MAX),
                store: Cell::new(ptr::null()),
                next: Cell::new(ptr::null()),
                next_marked: Cell::new(ptr::null()),
                host_info: Cell::new(Environment::none()),
            },
            payload: ManuallyDrop::new(payload),
        }
    }

    /// The payload of an object that was made [`Object::without_store`].
    pub(crate) fn payload_without_store(&self) -> &T {
        &self.payload
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
/// Held only where the tracer looks (payloads), behind a root, or for the time of an operation
/// during which nothing is collected.
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

    pub fn as_ptr(self) -> *const Object<T> {
        self.0.as_ptr()
    }

    pub fn header_ptr(self) -> NonNull<Header> {
        self.0.cast()
    }
}

impl<T> Deref for Gc<T> {
    type Target = Object<T>;
    fn deref(&self) -> &Object<T> {
        // SAFETY: the type's invariant.
        unsafe { self.0.as_ref() }
    }
}

/// Memory ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl From<OutOfMemory> for Error {
    fn from(_: OutOfMemory) -> Error {
        Error::out_of_memory()
    }
}

impl Store {
    /// Makes an object of this store with one root (for the caller), and `extra` zeroed bytes
    /// behind it.
    pub fn allocate<T: Payload>(&self, payload: T, extra: usize) -> Result<Gc<T>, OutOfMemory> {
        let size = size_of::<Object<T>>().checked_add(extra).ok_or(OutOfMemory)?;
        // SAFETY: plain allocation; malloc aligns to 16, which `Object` asks for.
        let memory = unsafe { libc::malloc(size) }.cast::<Object<T>>();
        let object = NonNull::new(memory).ok_or(OutOfMemory)?;
        // SAFETY: fresh memory of the right size.
        unsafe {
            object.write(Object {
                header: Header {
                    kind: T::KIND,
                    marked: Cell::new(false),
                    roots: Cell::new(1),
                    store: Cell::new(self),
                    next: Cell::new(ptr::null()),
                    next_marked: Cell::new(ptr::null()),
                    host_info: Cell::new(Environment::none()),
                },
                payload: ManuallyDrop::new(payload),
            });
            object.add(1).cast::<u8>().write_bytes(0, extra);
        }
        let gc = Gc(object);
        self.adopt(gc.header(), gc.weight());
        Ok(gc)
    }
}
