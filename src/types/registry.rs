//! Canonical function types.
//!
//! Every function type in an engine gets one small number, so that an indirect call or a link check compares two
//! integers. The registry belongs to an engine and is shared by all its threads; ids start at 1 because zero marks
//! an empty table entry.
//!
//! A type is returned together with the registry's own `Arc` of it. Whoever keeps the id must keep that `Arc` too,
//! or something that does (a module, a signature). When the number of types has doubled, the registry forgets those
//! that nobody else holds, and reuses their ids. Ids inside reference types are held by nobody, so such types are
//! *pinned*: they stay as long as the engine.

use super::{FuncType, HeapType, ValType};
use crate::sys::lock::ForkMutex;
use hashbrown::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The canonical id of a function type within one engine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct SigId(NonZeroU32);

impl SigId {
    /// The number that table entries hold and code compares.
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
    entries: Vec<Option<Interned>>,
    free: Vec<SigId>,
    /// The number of types left after the last cleanup.
    kept: usize,
}

struct Interned {
    ty: Arc<FuncType>,
    pinned: bool,
}

/// References that the registry itself holds on a type.
const OWN_COUNT: usize = 2;

/// Fewer types than this are never cleaned up.
const FEW: usize = 1000;

impl TypeRegistry {
    /// The id of `ty`, the same for equal types, and the type, which must be kept with the id. `None` when memory
    /// or ids run out.
    pub fn intern(&self, ty: &FuncType) -> Option<(SigId, Arc<FuncType>)> {
        let inner = &mut *self.inner.lock();
        if let Some((ty, id)) = inner.ids.get_key_value(ty) {
            return Some((*id, ty.clone()));
        }
        inner.ids.try_reserve(1).ok()?;
        let id = inner.free_id()?;
        let ty = Arc::new(ty.clone());
        inner.entries[id.index()] = Some(Interned { ty: ty.clone(), pinned: false });
        inner.ids.insert(ty.clone(), id);
        Some((id, ty))
    }

    /// Keeps the types that `types` refer to.
    pub fn pin(&self, types: impl IntoIterator<Item = ValType>) {
        let mut inner = None;
        for ty in types {
            if let ValType::Ref(ty) = ty
                && let HeapType::Concrete(id) = ty.heap
                && let Some(Some(entry)) =
                    inner.get_or_insert_with(|| self.inner.lock()).entries.get_mut(id.index())
            {
                entry.pinned = true;
            }
        }
    }

    /// Whether enough types were added that it is time for a cleanup.
    pub fn is_crowded(&self) -> bool {
        let inner = self.inner.lock();
        inner.ids.len() >= (2 * inner.kept).max(FEW)
    }

    /// Forgets the types that nobody else holds.
    pub fn forget_unused(&self) {
        let inner = &mut *self.inner.lock();
        let free = &mut inner.free;
        for (index, place) in inner.entries.iter_mut().enumerate() {
            let unused = |e: &Interned| !e.pinned && Arc::strong_count(&e.ty) == OWN_COUNT;
            if place.as_ref().is_some_and(unused)
                && free.try_reserve(1).is_ok()
                && let Some(entry) = place.take()
                && let Some(id) = inner.ids.remove(&entry.ty)
            {
                debug_assert_eq!(id.index(), index);
                free.push(id);
            }
        }
        inner.kept = inner.ids.len();
        inner.ids.shrink_to(2 * inner.kept);
    }
}

impl Inner {
    /// An unused id, with a slot for its type.
    fn free_id(&mut self) -> Option<SigId> {
        if let Some(id) = self.free.pop() {
            return Some(id);
        }
        self.entries.try_reserve(1).ok()?;
        let number = u32::try_from(self.entries.len() + 1).ok()?;
        self.entries.push(None);
        Some(SigId(NonZeroU32::new(number)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::RefType;

    fn numbered(number: u32) -> FuncType {
        let params =
            (0..16).map(|bit| if number >> bit & 1 == 1 { ValType::I64 } else { ValType::I32 });
        FuncType { params: params.collect(), results: Box::new([]) }
    }

    #[test]
    fn equal_types_have_one_id_as_long_as_somebody_holds_the_type() {
        let types = TypeRegistry::default();
        let (id, kept) = types.intern(&numbered(7)).unwrap();
        for number in 100..200 {
            assert_ne!(types.intern(&numbered(number)).unwrap().0, id);
        }
        types.forget_unused();
        assert_eq!(types.intern(&numbered(7)).unwrap().0, id);
        drop(kept);
        types.forget_unused();
        assert_eq!(types.inner.lock().ids.len(), 0);
        assert!(types.inner.lock().entries.iter().all(Option::is_none));
    }

    #[test]
    fn types_without_holders_make_room_and_pinned_ones_stay() {
        let types = TypeRegistry::default();
        let heap = HeapType::Concrete(types.intern(&numbered(0)).unwrap().0);
        types.pin([ValType::I32, ValType::Ref(RefType { nullable: true, heap })]);
        for number in 1..20_000 {
            if types.is_crowded() {
                types.forget_unused();
            }
            types.intern(&numbered(number)).unwrap();
        }
        assert!(types.inner.lock().entries.len() <= 2 * FEW);
        assert_eq!(HeapType::Concrete(types.intern(&numbered(0)).unwrap().0), heap);
    }
}
