//! A counted handle that the library itself keeps.
//!
//! It keeps its object, or at least the header of a dead object, until it is dropped.

use super::object::Header;
use std::ptr::NonNull;

/// A root of one object.
pub struct Root(NonNull<Header>);

impl Root {
    /// One more root.
    pub fn new(object: &Header) -> Root {
        object.add_root();
        Root(NonNull::from(object))
    }

    pub fn header(&self) -> &Header {
        // SAFETY: the root keeps it.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // SAFETY: gives up the root that this is.
        unsafe { Header::drop_root(self.0) };
    }
}
