//! Where the code of a set is kept between processes.
//!
//! The name of the place is a hash of the whole module. It is computed when something is read or written: modules whose functions
//! are never called pay nothing for it, and nobody does before there is anything about the module in the folder.

use super::context::CompileContext;
use super::serialize::{Digest, digest, entry_name, module_name, warm_name};
use crate::abi::CodeMode;
use crate::cache::{Cache, EntryName};
use crate::module::Module;
use crate::sys::once::OnceArc;
use crate::sys::stack;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};

/// What the places of a module's sets know of the module.
#[derive(Default)]
pub struct KeptModule {
    /// The hash of its bytes, once it is needed.
    digest: OnceArc<Digest>,
    /// Whether there is anything about it, once somebody has looked.
    known: AtomicU8,
}

/// The stack that hashing may need.
const HASHING_STACK: usize = 256 << 10;

const UNKNOWN: u8 = 1;
const KNOWN: u8 = 2;

impl KeptModule {
    /// Whether there may be something about a module in the cache folder.
    pub(super) fn is_known(&self, context: &CompileContext, bytes: &[u8]) -> bool {
        let Some(cache) = context.cache() else { return false };
        match self.known.load(Relaxed) {
            0 => {
                let is_known = cache.knows(&module_name(context, bytes));
                self.known.store(if is_known { KNOWN } else { UNKNOWN }, Relaxed);
                is_known
            }
            known => known == KNOWN,
        }
    }

    /// None if memory is short.
    fn digest(&self, bytes: &[u8]) -> Option<Digest> {
        if let Some(digest) = self.digest.get() {
            return Some(*digest);
        }
        let digest = stack::with_room(HASHING_STACK, || digest(bytes)).ok()?;
        Some(*self.digest.get_or_offer(Arc::new(digest)))
    }
}

/// The entry of a code set in the engine's cache folder.
pub struct Place {
    pub(super) context: Arc<CompileContext>,
    module: Arc<Module>,
    kept: Arc<KeptModule>,
    pub(super) mode: CodeMode,
    /// Somebody has looked for the code.
    pub(super) is_sought: AtomicBool,
    /// What earlier runs left has been taken over, if there is anything.
    pub(super) is_recalled: AtomicBool,
    /// How much code the entry has, as `CodeSet::amount` counts.
    pub(super) amount: AtomicU32,
}

impl Place {
    pub(super) fn new(
        context: &Arc<CompileContext>,
        module: &Arc<Module>,
        kept: &Arc<KeptModule>,
        mode: CodeMode,
    ) -> Place {
        let (context, module, kept) = (context.clone(), module.clone(), kept.clone());
        let (is_sought, is_recalled) = (AtomicBool::new(false), AtomicBool::new(false));
        Place { context, module, kept, mode, is_sought, is_recalled, amount: AtomicU32::new(0) }
    }

    pub(super) fn cache(&self) -> Option<&Cache> {
        self.context.cache()
    }

    /// Whether there may be something in the folder.
    pub(super) fn is_known(&self) -> bool {
        self.kept.is_known(&self.context, &self.module.bytes)
    }

    /// The name of the code; none if memory is short.
    pub(super) fn name(&self) -> Option<EntryName> {
        let digest = self.kept.digest(&self.module.bytes)?;
        Some(entry_name(&self.context, &digest, self.mode))
    }

    /// The name of what was hot; none if memory is short.
    pub(super) fn warm_name(&self) -> Option<EntryName> {
        let digest = self.kept.digest(&self.module.bytes)?;
        Some(warm_name(&self.context, &digest))
    }

    /// The name that says whether there is anything about the module.
    pub(super) fn module_name(&self) -> EntryName {
        module_name(&self.context, &self.module.bytes)
    }
}
