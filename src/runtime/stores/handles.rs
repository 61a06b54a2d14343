//! Objects that are only handles: modules, and foreign objects, which have nothing but an identity.
//!
//! The embedder gives foreign objects a meaning through their host info; in guest code they are `externref` values.

use super::store::Store;
use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use std::sync::Arc;

/// The object behind a module handle.
pub struct StoreModule {
    pub compiled: Arc<Compiled>,
}

impl Payload for StoreModule {
    const KIND: Kind = Kind::Module;
    /// The original bytes, and code that is usually several times as large.
    fn weight(&self) -> usize {
        1 + 4 * self.compiled.module().bytes.len() / WEIGHED_BYTES
    }
}

pub struct Foreign;

impl Payload for Foreign {
    const KIND: Kind = Kind::Foreign;
}

impl Store {
    pub fn new_module(&self, compiled: Arc<Compiled>) -> Result<Gc<StoreModule>, OutOfMemory> {
        self.heap.allocate(StoreModule { compiled }, 0)
    }

    pub fn new_foreign(&self) -> Result<Gc<Foreign>, OutOfMemory> {
        self.heap.allocate(Foreign, 0)
    }
}
