//! The stubs of a function type, at most one of each kind, made on first use.
//!
//! Each [`Stubs`] belongs to the engine's object for a function type, which all functions of the type keep alive;
//! the code is freed with the last of them. So a stub only runs while a function of its type is alive, since calls
//! through it need one.

use super::error::StubError;
use super::float_mode::FloatCheck;
use super::import::{ImportKind, ResultHooks};
use super::{entry, import};
use crate::abi::signature::MAX_RESULTS;
use crate::abi::value::Values;
use crate::code::{CodeError, CodeMemory, PublishedCode};
use crate::observe::{Known, StubKind, Tools};
use crate::sys::lock::ForkMutex;
use crate::types::FuncType;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// Guest functions have no more parameters; a host function type may, and then has no stubs.
const MAX_PARAMS: usize = 1000;

/// Entry stubs by kind of values, the native entry stub, then import stubs by kind.
const COLUMNS: usize = 8;
const ENTRIES: usize = 0;
const NATIVE_ENTRY: usize = 2;
const IMPORTS: usize = 3;

/// The stubs of one type.
#[derive(Default)]
pub struct Stubs {
    /// Zero until the stub is made.
    addresses: [AtomicUsize; COLUMNS],
    /// The code at the addresses; accessed only under the maker's lock, and on drop.
    code: UnsafeCell<[Option<(Known, PublishedCode)>; COLUMNS]>,
}

// SAFETY: `code` is touched by who holds the maker's lock; all stubs of an engine have one maker.
unsafe impl Sync for Stubs {}
// SAFETY: published code has no thread affinity.
unsafe impl Send for Stubs {}

/// Makes the stubs of an engine.
pub struct StubMaker {
    memory: CodeMemory,
    tools: Tools,
    hooks: ResultHooks,
    float_check: FloatCheck,
    /// Held while a stub is made.
    making: ForkMutex<()>,
}

impl StubMaker {
    pub fn new(
        memory: CodeMemory,
        tools: Tools,
        hooks: ResultHooks,
        float_check: FloatCheck,
    ) -> StubMaker {
        StubMaker { memory, tools, hooks, float_check, making: ForkMutex::default() }
    }

    /// The entry stub of a type, for arrays of these values.
    pub fn entry(&self, stubs: &Stubs, ty: &FuncType, values: Values) -> Result<usize, StubError> {
        self.get(
            stubs,
            ENTRIES + values as usize,
            || StubKind::Entry,
            || {
                check_size(ty, values)?;
                entry::array::emit(ty, values, self.float_check)
            },
        )
    }

    /// The native entry stub of a type: a C function of its prototype.
    pub fn native_entry(&self, stubs: &Stubs, ty: &FuncType) -> Result<usize, StubError> {
        self.get(
            stubs,
            NATIVE_ENTRY,
            || StubKind::Entry,
            || {
                check_size(ty, Values::Narrow)?;
                entry::native::emit(ty, self.float_check)
            },
        )
    }

    /// The import stub of a type.
    pub fn import(
        &self,
        stubs: &Stubs,
        ty: &FuncType,
        kind: ImportKind,
    ) -> Result<usize, StubError> {
        let stub = || StubKind::Import { frame: import::frame_size(ty, kind) };
        self.get(stubs, IMPORTS + kind as usize, stub, || {
            check_size(ty, kind.values())?;
            match kind {
                ImportKind::Native => import::native::emit(ty, self.float_check),
                _ => import::array::emit(ty, kind, &self.hooks, self.float_check),
            }
        })
    }

    fn get(
        &self,
        stubs: &Stubs,
        column: usize,
        kind: impl FnOnce() -> StubKind,
        emit: impl FnOnce() -> Result<Vec<u8>, StubError>,
    ) -> Result<usize, StubError> {
        let address = &stubs.addresses[column];
        match address.load(Acquire) {
            0 => {}
            stub => return Ok(stub),
        }
        let _reports = self.tools.reports();
        let _making = self.making.lock();
        if address.load(Acquire) == 0 {
            let code = self.publish(&emit()?)?;
            let known = self.tools.stub(kind(), &code);
            address.store(code.rx() as usize, Release);
            // SAFETY: the lock is held.
            unsafe { (&mut *stubs.code.get())[column] = Some((known, code)) };
        }
        Ok(address.load(Acquire))
    }

    fn publish(&self, bytes: &[u8]) -> Result<PublishedCode, StubError> {
        match self.try_publish(bytes) {
            // A fork happened in between: the second block belongs to this process.
            Err(CodeError::Inherited) => self.try_publish(bytes),
            other => other,
        }
        .map_err(|error| match error {
            CodeError::Refused => StubError::Refused,
            _ => StubError::OutOfMemory,
        })
    }

    fn try_publish(&self, bytes: &[u8]) -> Result<PublishedCode, CodeError> {
        let mut block = self.memory.allocate(bytes.len())?;
        block.write(0, bytes)?;
        block.publish()
    }
}

/// Refuses what no guest function has, and types that the values cannot hold.
fn check_size(ty: &FuncType, values: Values) -> Result<(), StubError> {
    let fits = ty.params.len() <= MAX_PARAMS
        && ty.results.len() <= MAX_RESULTS
        && ty.params.iter().chain(&ty.results).all(|ty| values.hold(*ty));
    if fits { Ok(()) } else { Err(StubError::Unsupported) }
}
