//! Finds the objects that are still reachable.
//!
//! Instances, tables and function references form cycles, which reference counts would keep until the store is
//! deleted. So objects are traced: roots are the objects with C handles; edges are the references in payloads
//! (imports, tables, globals, export identities).
//!
//! The mark stack is threaded through the headers: a collection allocates nothing.

use super::object::{Gc, Header};
use super::payload::KindTable;
use std::ptr;

/// The work list of a collection.
pub struct Tracer {
    pending: *const Header,
}

impl Tracer {
    /// Marks everything that the roots reach.
    pub(super) fn mark<'a>(kinds: &KindTable, roots: impl Iterator<Item = &'a Header>) {
        let mut tracer = Tracer { pending: ptr::null() };
        roots.for_each(|header| tracer.visit_header(header));
        // SAFETY: the list holds objects of a store that is alive, each put on it once.
        while let Some(header) = unsafe { tracer.pending.as_ref() } {
            tracer.pending = header.next_marked.get();
            (kinds.of(header).trace)(header, &mut tracer);
        }
    }

    pub fn visit<T>(&mut self, object: Gc<T>) {
        self.visit_header(object.header());
    }

    pub fn visit_header(&mut self, header: &Header) {
        if !header.marked.replace(true) {
            header.next_marked.set(self.pending);
            self.pending = header;
        }
    }
}
