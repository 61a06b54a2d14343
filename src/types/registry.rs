//! Canonical function types.
//!
//! Every function type that an engine meets gets one small number, so that an indirect call or a
//! link check compares two integers. The registry belongs to an engine and is shared by all its
//! threads; ids start at 1 because zero marks an empty table entry. Types are kept as long as the
//! engine: they are few and small, and an id in a table entry must never change its meaning.

use super::FuncType;
use crate::sys::lock::ForkMutex;
use hashbrown::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The canonical id of a function type within one engine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct SigId(NonZeroU32);

impl SigId {
    /// The number that table entries and code compare.
    pub fn as_u32(self) -> u32 {
        self.0.get()
    }

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// All function types of an engine.
#[derive(Default)]
pub struct TypeRegistry {
    inner: ForkMutex<Inner>,
}

#[derive(Default)]
struct Inner {
    ids: HashMap<Arc<FuncType>, SigId>,
    types: Vec<Arc<FuncType>>,
}

impl TypeRegistry {
    /// The id of `ty`; the same for equal types. `None` when memory or numbers run out.
    pub fn intern(&self, ty: &FuncType) -> Option<SigId> {
        let inner = &mut *self.inner.lock();
        if let Some(id) = inner.ids.get(ty) {
            return Some(*id);
        }
        inner.types.try_reserve(1).ok()?;
        inner.ids.try_reserve(1).ok()?;
        let number = u32::try_from(inner.types.len() + 1).ok()?;
        let id = SigId(NonZeroU32::new(number)?);
        let ty = Arc::new(ty.clone());
        inner.types.push(ty.clone());
        inner.ids.insert(ty, id);
        Some(id)
    }

    /// The type that `id` stands for.
    pub fn get(&self, id: SigId) -> Arc<FuncType> {
        self.inner.lock().types[id.index()].clone()
    }
}
