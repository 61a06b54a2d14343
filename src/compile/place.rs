//! Where the code of a set is kept between processes.

use super::context::CompileContext;
use super::serialize::Digest;
use crate::cache::{Cache, EntryName};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// The entry of a code set in the engine's cache folder.
pub struct Place {
    pub(super) context: Arc<CompileContext>,
    pub(super) name: EntryName,
    /// Which module it is.
    pub(super) module: Digest,
    /// How much code the entry has, as `CodeSet::amount` counts.
    pub(super) amount: AtomicU32,
}

impl Place {
    pub(super) fn new(context: &Arc<CompileContext>, name: EntryName, module: Digest) -> Place {
        Place { context: context.clone(), name, module, amount: AtomicU32::new(0) }
    }

    pub(super) fn cache(&self) -> Option<&Cache> {
        self.context.cache()
    }
}
