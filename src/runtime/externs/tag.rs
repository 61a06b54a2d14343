//! Exception tags: objects of which only the identity matters.
//!
//! An exception is caught by a handler that names the same tag object that it was thrown with, so two tags of one
//! type differ, and a tag that is imported twice is one. A tag keeps its type alive in the type registry.

use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::heap::payload::Payload;
use crate::runtime::stores::store::Store;
use crate::types::{ExternKind, FuncType, SigId, TagIndex};
use std::sync::Arc;

pub struct Tag {
    pub id: SigId,
    /// Its parameters are what exceptions carry. It has no results.
    pub ty: Arc<FuncType>,
    /// The module that defines it.
    origin: Option<(Arc<Compiled>, TagIndex)>,
}

impl Tag {
    /// What the module that defines it exports it as.
    pub fn name(&self) -> Option<&str> {
        let (compiled, index) = self.origin.as_ref()?;
        let mut exports = compiled.module().exports.iter();
        let export = exports.find(|e| e.kind == ExternKind::Tag && e.index == index.0)?;
        Some(&export.name)
    }
}

impl Payload for Tag {
    const KIND: Kind = Kind::Tag;
}

impl Store {
    pub fn new_tag(
        &self,
        id: SigId,
        ty: Arc<FuncType>,
        origin: Option<(Arc<Compiled>, TagIndex)>,
    ) -> Result<Gc<Tag>, OutOfMemory> {
        self.heap.allocate(Tag { id, ty, origin }, 0)
    }
}
