//! What calls of a function type need: kinds to check, and the entry stub.
//!
//! There is one per canonical type and engine, shared by all functions of that type, so that a call only compares
//! bytes and jumps. It is freed some time after the last of them.

use crate::abi::signature::{ResultPlace, results};
use crate::abi::value::{KIND_V128, Values};
use crate::error::Error;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::stubs::entry::EntryStub;
use crate::stubs::{ImportKind, StubError, StubMaker, Stubs};
use crate::sys::exec::NOT_EXECUTABLE;
use crate::sys::lock::ForkMutex;
use crate::types::{FuncType, SigId, ValType};
use hashbrown::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A function type with what calls of it need.
pub struct Signature {
    pub id: SigId,
    pub ty: Arc<FuncType>,
    pub param_kinds: Box<[u8]>,
    pub result_kinds: Box<[u8]>,
    /// References need conversion between handles and guest references.
    pub has_refs: bool,
    /// A `wasm_val_t` cannot hold one of the values.
    pub has_v128: bool,
    /// Some results are returned in the store's overflow buffer.
    pub overflows: bool,
    /// Entry and import stubs.
    stubs: Stubs,
    /// Entry stubs, for narrow and for wide values, once made; not used if values need conversion.
    ready: [AtomicUsize; 2],
}

impl Signature {
    fn new(id: SigId, ty: Arc<FuncType>) -> Option<Signature> {
        let kinds = |types: &[ValType]| {
            crate::runtime::heap::alloc::try_collect(types.iter().map(|t| t.kind()))
        };
        let all = || ty.params.iter().chain(&ty.results);
        let has_refs = all().any(|t| t.is_ref());
        let has_v128 = all().any(|t| t.kind() == KIND_V128);
        let overflows = results(&ty).any(|(_, place)| matches!(place, ResultPlace::Overflow(_)));
        let (param_kinds, result_kinds) = (kinds(&ty.params)?, kinds(&ty.results)?);
        let (stubs, ready) = <(Stubs, [AtomicUsize; 2])>::default();
        Some(Signature {
            id,
            ty,
            param_kinds,
            result_kinds,
            has_refs,
            has_v128,
            overflows,
            stubs,
            ready,
        })
    }

    /// The entry stub, if it was made and values need no conversion.
    #[inline]
    pub fn ready_stub(&self, values: Values) -> Option<EntryStub> {
        // SAFETY: zero, or an entry stub of the engine that the signature belongs to.
        unsafe { std::mem::transmute(self.ready[values as usize].load(Ordering::Acquire)) }
    }

    /// The entry stub, made on first use. The values must be able to hold the type's.
    pub fn entry_stub(&self, maker: &StubMaker, values: Values) -> Result<EntryStub, StubError> {
        let stub = maker.entry(&self.stubs, &self.ty, values)?;
        if !self.has_refs {
            self.ready[values as usize].store(stub, Ordering::Release);
        }
        // SAFETY: a stub made for such a call, which lives as long as the signature.
        Ok(unsafe { std::mem::transmute::<usize, EntryStub>(stub) })
    }

    /// The stub that is a C function of the type's own prototype.
    pub fn native_entry(&self, maker: &StubMaker) -> Result<usize, StubError> {
        maker.native_entry(&self.stubs, &self.ty)
    }

    /// The stub through which code calls a host function of this type.
    pub fn import_stub(&self, maker: &StubMaker, kind: ImportKind) -> Result<usize, StubError> {
        maker.import(&self.stubs, &self.ty, kind)
    }
}

impl From<StubError> for Error {
    fn from(error: StubError) -> Error {
        match error {
            StubError::Refused => Error::system(NOT_EXECUTABLE),
            StubError::OutOfMemory | StubError::Unsupported => Error::out_of_memory(),
        }
    }
}

/// The signatures of an engine.
#[derive(Default)]
pub struct Signatures {
    known: ForkMutex<HashMap<SigId, Arc<Signature>>>,
}

impl Signatures {
    /// The signature of a type from the registry.
    pub fn get(&self, id: SigId, ty: &Arc<FuncType>) -> Result<Arc<Signature>, OutOfMemory> {
        if let Some(known) = self.known.lock().get(&id) {
            return Ok(known.clone());
        }
        let signature = Arc::new(Signature::new(id, ty.clone()).ok_or(OutOfMemory)?);
        let mut known = self.known.lock();
        known.try_reserve(1).map_err(|_| OutOfMemory)?;
        Ok(known.entry(id).or_insert(signature).clone())
    }

    /// Forgets signatures that no function uses, with their stubs.
    pub fn forget_unused(&self) {
        let mut known = self.known.lock();
        known.retain(|_, signature| Arc::strong_count(signature) > 1);
        let kept = known.len();
        known.shrink_to(2 * kept);
    }
}
