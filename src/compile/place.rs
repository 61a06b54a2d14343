//! Where the code of a set is kept between processes.

use super::context::CompileContext;
use super::serialize::Digest;
use crate::cache::{Cache, EntryName};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

/// The entry of a code set in the engine's cache folder.
pub struct Place {
    pub(super) context: Arc<CompileContext>,
    pub(super) name: EntryName,
    /// Which module it is.
    pub(super) module: Digest,
    /// What was hot in earlier runs has been taken over.
    pub(super) is_warm: AtomicBool,
    /// How much code the entry has, as `CodeSet::amount` counts.
    pub(super) amount: AtomicU32,
}

impl Place {
    pub(super) fn new(context: &Arc<CompileContext>, name: EntryName, module: Digest) -> Place {
        let (amount, is_warm) = (AtomicU32::new(0), AtomicBool::new(false));
        Place { context: context.clone(), name, module, is_warm, amount }
    }

    pub(super) fn cache(&self) -> Option<&Cache> {
        self.context.cache()
    }
}
