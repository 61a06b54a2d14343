//! Which objects of a store are still reachable.
//!
//! Instances, tables and function references form cycles, so counting would keep them until the
//! store goes. Instead: roots are the objects with C handles; edges are what payloads hold
//! (imports, tables, globals, export identities). Collections happen only while no guest code of
//! the store is running, so stacks are never scanned; they are triggered by growth, so that the
//! cost per allocation is constant.
//!
//! The mark stack is threaded through the headers: a collection allocates nothing.

use super::object::{Gc, Header, Payload};
use crate::runtime::stores::store::{Busy, Store};
use std::ptr::{self, NonNull};

/// Objects that hold other objects.
pub trait Trace {
    /// Reports every object that this one keeps alive.
    fn trace(&self, tracer: &mut Tracer);
}

/// The work list of a collection.
pub struct Tracer {
    pending: *const Header,
}

impl Tracer {
    pub fn visit<T: Payload>(&mut self, object: Gc<T>) {
        self.visit_header(object.header());
    }

    pub fn visit_header(&mut self, header: &Header) {
        if !header.marked.replace(true) {
            header.next_marked.set(self.pending);
            self.pending = header;
        }
    }

    fn run(&mut self) {
        // SAFETY: the list holds objects of a store that is alive, each put on it once.
        while let Some(header) = unsafe { self.pending.as_ref() } {
            self.pending = header.next_marked.get();
            header.trace(self);
        }
    }
}

impl Store {
    /// Collects if that is due, before an object is made. A finalizer may delete the store, so it is
    /// kept until the object is there.
    #[must_use]
    pub fn make_room(&self) -> Busy {
        let busy = self.busy();
        self.collect_if_due();
        busy
    }

    /// Collects if enough has been allocated since the last time and no guest code is running.
    pub fn collect_if_due(&self) {
        if self.is_collection_due() {
            self.collect();
        }
    }

    /// Frees every object that no handle reaches, unless guest code or the limiter is running. A
    /// finalizer may delete the store: whoever uses it afterwards keeps it [`Store::busy`].
    pub fn collect(&self) {
        if self.is_active() || self.limits.is_asking() {
            return;
        }
        self.mark();
        let dead = self.sweep();
        let _busy = self.busy();
        destroy_all(dead);
    }

    fn mark(&self) {
        let mut tracer = Tracer { pending: ptr::null() };
        for header in self.objects() {
            if header.is_rooted() {
                tracer.visit_header(header);
            }
        }
        tracer.run();
    }

    /// Takes the unmarked objects off the store's list and returns them as a list.
    fn sweep(&self) -> *const Header {
        let mut dead: *const Header = ptr::null();
        let mut live: *const Header = ptr::null();
        let mut weight = 0;
        let mut next = self.take_objects();
        // SAFETY: all objects on the list are valid until destroyed below.
        while let Some(header) = unsafe { next.as_ref() } {
            next = header.next.get();
            let list = if header.marked.replace(false) {
                weight += header.weight();
                &mut live
            } else {
                &mut dead
            };
            header.next.set(*list);
            *list = header;
        }
        self.restore_objects(live, weight);
        dead
    }

    /// Destroys all objects; those with handles become husks.
    pub(crate) fn destroy_objects(&self) {
        destroy_all(self.take_objects());
    }
}

fn destroy_all(mut list: *const Header) {
    while let Some(header) = NonNull::new(list.cast_mut()) {
        // SAFETY: off the store's list and unreachable, so nothing refers to it; the next
        // pointer is read before the object may be freed.
        unsafe {
            list = header.as_ref().next.get();
            Header::destroy(header);
        }
    }
}
