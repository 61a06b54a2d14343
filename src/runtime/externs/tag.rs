//! Exception tags: objects of which only the identity matters.
//!
//! An exception is caught by a handler that names the same tag object that it was thrown with, so two tags of one
//! type differ, and a tag that is imported twice is one. A tag keeps its type alive in the type registry.

use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::heap::payload::Payload;
use crate::runtime::stores::store::Store;
use crate::types::{FuncType, SigId, TagIndex};
use std::sync::Arc;

pub struct Tag {
    pub id: SigId,
    /// Its parameters are what exceptions carry. It has no results.
    pub ty: Arc<FuncType>,
    /// The module that defines it, and its index there.
    origin: Option<(Arc<Compiled>, TagIndex)>,
}

impl Tag {
    /// Its name in the module that defines it.
    pub fn name(&self) -> Option<String> {
        let (compiled, index) = self.origin.as_ref()?;
        compiled.module().tag_name(*index)
    }

    /// Its index in the module that defines it.
    pub fn index(&self) -> Option<TagIndex> {
        Some(self.origin.as_ref()?.1)
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
