//! The limits of a store, a callback of the embedder that is asked before anything grows, and the comparison with
//! what is in use.
//!
//! Objects are counted when they are made and when they are destroyed, so what a collection frees becomes available
//! again; hitting a limit collects first, unless guest code or the limiter is running. The limiter is not asked
//! about what the limits already refuse, and nothing changes before all have agreed. Refusals allocate no memory:
//! guest code may cause any number of them.

use crate::error::{Error, Phase};
use crate::runtime::heap::alloc::OutOfMemory;
pub use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Header, Kind};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A memory or table is about to be made or to grow. Sizes are bytes of a memory, elements of a
/// table.
#[derive(Clone, Copy)]
pub struct Growth<'a> {
    pub kind: Kind,
    /// The object that grows; `None` when it is being made.
    pub object: Option<&'a Header>,
    pub current: u64,
    pub desired: u64,
    /// The maximum of the object's type.
    pub maximum: Option<u64>,
}

/// Asks the embedder; dropped when another one replaces it or the store is freed.
pub type Limiter = Rc<dyn Fn(&Growth<'_>) -> bool>;

/// Why an object was not made or did not grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// More than its type or the engine allows.
    Maximum,
    /// This limit of the store.
    Store {
        limit: u64,
        of: &'static str,
    },
    Limiter,
    /// Address space for the maximum of a shared memory.
    Reservation {
        pages: u64,
    },
    /// Guard pages, which the engine's settings demand.
    Guard,
    /// The limiter itself made it grow.
    Changed,
    OutOfMemory,
}

impl From<OutOfMemory> for Refusal {
    fn from(_: OutOfMemory) -> Refusal {
        Refusal::OutOfMemory
    }
}

const TOO_LARGE: &str = "larger than its type or the engine allows (WASMRT_OPTION_MAX_MEMORY_PAGES, \
                         WASMRT_OPTION_MAX_TABLE_ELEMENTS)";

const NO_GUARD: &str = "no guard pages for a memory, which WASMRT_OPTION_BOUNDS demands: the process may have no more \
                        address space, or no more mappings (vm.max_map_count)";

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let limit = |text| Error::limit(Phase::Other, text);
        match refusal {
            Refusal::Maximum => limit(TOO_LARGE),
            Refusal::Store { limit, of } => {
                Error::limit(Phase::Other, format!("the store's limit of {limit} {of}"))
            }
            Refusal::Reservation { pages } => {
                let reason = "the maximum of a shared memory without guard pages";
                Error::system(format!("no address space for {pages} pages, {reason}"))
            }
            Refusal::Guard => Error::system(NO_GUARD),
            Refusal::Limiter => limit("refused by the store's limiter"),
            Refusal::Changed => limit("it grew while the store's limiter was asked"),
            Refusal::OutOfMemory => Error::out_of_memory(),
        }
    }
}

/// The limit that does not allow `more`. What does not increase is not checked: a limit may have been set below
/// what was in use.
fn exceeded(allowed: Amounts, used: Amounts, more: Amounts) -> Option<Refusal> {
    let over = |limit: u64, used: u64, more: u64| more != 0 && used.saturating_add(more) > limit;
    [
        (allowed.memories, used.memories, more.memories, "memories"),
        (allowed.tables, used.tables, more.tables, "tables"),
        (allowed.instances, used.instances, more.instances, "instances"),
        (allowed.bytes, used.bytes, more.bytes, "bytes in memories"),
        (allowed.elements, used.elements, more.elements, "table elements"),
    ]
    .into_iter()
    .find_map(|(limit, used, more, of)| {
        over(limit, used, more).then_some(Refusal::Store { limit, of })
    })
}

/// The limits and the limiter of a store.
pub struct StoreLimits {
    allowed: Cell<Amounts>,
    /// Shared with a running limiter, in which the embedder may replace it.
    limiter: RefCell<Option<Limiter>>,
    /// The number of limiter calls in progress.
    asking: Cell<u32>,
}

impl Default for StoreLimits {
    fn default() -> Self {
        StoreLimits {
            allowed: Cell::new(Amounts::UNLIMITED),
            limiter: RefCell::default(),
            asking: Cell::default(),
        }
    }
}

impl StoreLimits {
    pub fn set(&self, allowed: Amounts) {
        self.allowed.set(allowed);
    }

    /// Replaces the limiter; the former one is dropped, which may call the embedder.
    pub fn set_limiter(&self, limiter: Option<Limiter>) {
        let former = self.limiter.replace(limiter);
        drop(former);
    }

    /// Checks whether `more` is allowed in addition to what is in use.
    pub(crate) fn check(&self, used: Amounts, more: Amounts) -> Result<(), Refusal> {
        exceeded(self.allowed.get(), used, more).map_or(Ok(()), Err)
    }

    pub(super) fn ask(&self, growth: &Growth<'_>) -> Result<(), Refusal> {
        let Some(limiter) = self.limiter.borrow().clone() else { return Ok(()) };
        self.asking.set(self.asking.get() + 1);
        let agreed = limiter(growth);
        drop(limiter);
        self.asking.set(self.asking.get() - 1);
        if agreed { Ok(()) } else { Err(Refusal::Limiter) }
    }

    /// Whether the limiter is running. The objects it was asked about may be referred to from nowhere else yet:
    /// nothing may be collected.
    pub(crate) fn is_asking(&self) -> bool {
        self.asking.get() != 0
    }
}
