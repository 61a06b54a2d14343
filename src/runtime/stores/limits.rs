//! What a store may have: limits, a callback of the embedder that is asked before anything grows, and
//! the count of what there is.
//!
//! Objects are counted when they are made and when they are destroyed, so what a collection frees
//! becomes available again; a limit that is hit collects first, unless guest code or the limiter is
//! running. Nobody is asked about what the limits refuse already, and nothing changes before all have
//! agreed. Refusals need no memory: guest code may provoke any number of them.

use super::store::Store;
use crate::error::{Error, Phase};
use crate::runtime::externs::table::{Storage, Table};
use crate::runtime::heap::object::{Gc, Header, Kind, OutOfMemory};
use crate::runtime::memories::memory::Memory;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Numbers of things in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amounts {
    pub memories: u64,
    pub tables: u64,
    pub instances: u64,
    /// Of all memories together.
    pub bytes: u64,
    /// Of all tables together.
    pub elements: u64,
}

impl Amounts {
    pub const UNLIMITED: Amounts = Amounts {
        memories: u64::MAX,
        tables: u64::MAX,
        instances: u64::MAX,
        bytes: u64::MAX,
        elements: u64::MAX,
    };
    pub const ONE_INSTANCE: Amounts = Amounts { instances: 1, ..Amounts::NOTHING };
    const NOTHING: Amounts =
        Amounts { memories: 0, tables: 0, instances: 0, bytes: 0, elements: 0 };

    pub fn new_memory(bytes: u64) -> Amounts {
        Amounts { memories: 1, bytes, ..Amounts::NOTHING }
    }

    pub fn new_table(elements: u64) -> Amounts {
        Amounts { tables: 1, elements, ..Amounts::NOTHING }
    }

    pub fn bytes(bytes: u64) -> Amounts {
        Amounts { bytes, ..Amounts::NOTHING }
    }

    pub fn elements(elements: u64) -> Amounts {
        Amounts { elements, ..Amounts::NOTHING }
    }

    fn both(self, other: Amounts, f: fn(u64, u64) -> u64) -> Amounts {
        Amounts {
            memories: f(self.memories, other.memories),
            tables: f(self.tables, other.tables),
            instances: f(self.instances, other.instances),
            bytes: f(self.bytes, other.bytes),
            elements: f(self.elements, other.elements),
        }
    }

    /// Which limit does not allow `more` of something. What does not become more is not judged: a
    /// limit may have been set below what there was.
    fn exceeded(self, used: Amounts, more: Amounts) -> Option<Refusal> {
        let over =
            |limit: u64, used: u64, more: u64| more != 0 && used.saturating_add(more) > limit;
        [
            (self.memories, used.memories, more.memories, "memories"),
            (self.tables, used.tables, more.tables, "tables"),
            (self.instances, used.instances, more.instances, "instances"),
            (self.bytes, used.bytes, more.bytes, "bytes in memories"),
            (self.elements, used.elements, more.elements, "table elements"),
        ]
        .into_iter()
        .find_map(|(limit, used, more, of)| {
            over(limit, used, more).then_some(Refusal::Store { limit, of })
        })
    }
}

/// A memory or table is about to be made or to grow. Sizes are bytes of a memory, elements of a
/// table.
#[derive(Clone, Copy)]
pub struct Growth<'a> {
    pub kind: Kind,
    /// What grows; `None` when it is being made.
    pub object: Option<&'a Header>,
    pub current: u64,
    pub desired: u64,
    /// The greatest size by the object's type.
    pub maximum: Option<u64>,
}

/// Asks the embedder; dropped when another one takes its place or the store goes.
pub type Limiter = Rc<dyn Fn(&Growth<'_>) -> bool>;

/// Why something was not made or did not grow.
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

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let limit = |text| Error::limit(Phase::Other, text);
        match refusal {
            Refusal::Maximum => limit(TOO_LARGE),
            Refusal::Store { limit, of } => {
                Error::limit(Phase::Other, format!("the store's limit of {limit} {of}"))
            }
            Refusal::Limiter => limit("refused by the store's limiter"),
            Refusal::Changed => limit("it grew while the store's limiter was asked"),
            Refusal::OutOfMemory => Error::out_of_memory(),
        }
    }
}

/// A store's part in this.
pub struct StoreLimits {
    allowed: Cell<Amounts>,
    used: Cell<Amounts>,
    /// Shared with a question that is being asked, in which the embedder may replace it.
    limiter: RefCell<Option<Limiter>>,
    /// How many questions have not been answered.
    asking: Cell<u32>,
}

impl Default for StoreLimits {
    fn default() -> Self {
        StoreLimits {
            allowed: Cell::new(Amounts::UNLIMITED),
            used: Cell::default(),
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

    pub(crate) fn count(&self, more: Amounts) {
        self.used.set(self.used.get().both(more, u64::saturating_add));
    }

    /// The object is being destroyed.
    pub(crate) fn forget(&self, object: &Header) {
        let less = match object.kind() {
            Kind::Memory => object.downcast::<Memory>().map(|m| Amounts::new_memory(m.len())),
            Kind::Table => object.downcast::<Table>().map(|t| Amounts::new_table(t.len())),
            Kind::Instance => Some(Amounts::ONE_INSTANCE),
            _ => None,
        };
        if let Some(less) = less {
            self.used.set(self.used.get().both(less, u64::saturating_sub));
        }
    }

    pub(crate) fn check(&self, more: Amounts) -> Result<(), Refusal> {
        let exceeded = self.allowed.get().exceeded(self.used.get(), more);
        exceeded.map_or(Ok(()), Err)
    }

    fn ask(&self, growth: &Growth<'_>) -> Result<(), Refusal> {
        let Some(limiter) = self.limiter.borrow().clone() else { return Ok(()) };
        self.asking.set(self.asking.get() + 1);
        let agreed = limiter(growth);
        drop(limiter);
        self.asking.set(self.asking.get() - 1);
        if agreed { Ok(()) } else { Err(Refusal::Limiter) }
    }

    /// Whether the limiter is running. What it was asked about, and what goes into that, is perhaps
    /// known to nobody else: nothing may be collected.
    pub(crate) fn is_asking(&self) -> bool {
        self.asking.get() != 0
    }
}

impl Store {
    /// Whether there may be `more` of something. May collect: the caller keeps the store busy
    /// unless guest code runs.
    pub(crate) fn allow(&self, more: Amounts) -> Result<(), Refusal> {
        self.limits.check(more).or_else(|_| {
            self.collect();
            self.limits.check(more)
        })
    }

    /// As [`Store::allow`], and the limiter agrees to the growth. It may do anything meanwhile.
    pub(crate) fn allow_growth(&self, more: Amounts, growth: &Growth<'_>) -> Result<(), Refusal> {
        self.allow(more)?;
        self.limits.ask(growth)?;
        // The limiter may have made something itself.
        self.limits.check(more)
    }

    /// Grows a memory by `delta` pages; the former size in pages.
    pub fn grow_memory(&self, memory: Gc<Memory>, delta: u64) -> Result<u64, Refusal> {
        let engine_max = self.engine.config.limits.memory_pages;
        let (old, new) = memory.plan(delta, engine_max).ok_or(Refusal::Maximum)?;
        if new > old {
            let growth = Growth {
                kind: Kind::Memory,
                object: Some(memory.header()),
                current: memory.len(),
                desired: crate::runtime::memories::memory::bytes(new),
                maximum: memory.ty.limits.max.map(crate::runtime::memories::memory::bytes),
            };
            let more = Amounts::bytes(growth.desired - growth.current);
            self.allow_growth(more, &growth)?;
            if memory.pages() != old {
                return Err(Refusal::Changed);
            }
            memory.resize(new, engine_max)?;
            self.limits.count(more);
            self.add_bytes(more.bytes);
        }
        Ok(old)
    }

    /// Grows a table by `delta` elements that hold `bits`, a reference as guest code holds it; the
    /// former size.
    pub fn grow_table(&self, table: Gc<Table>, delta: u64, bits: u64) -> Result<u64, Refusal> {
        let storage = self.prepare_table(table, delta)?;
        Ok(self.grow_prepared_table(table, storage, bits))
    }

    /// All of growing a table that can be refused: storage for `delta` more elements, if everybody
    /// agrees to them. `None` when there is nothing to do.
    pub(crate) fn prepare_table(
        &self,
        table: Gc<Table>,
        delta: u64,
    ) -> Result<Option<Storage>, Refusal> {
        let engine_max = self.engine.config.limits.table_elements;
        let (old, new) = table.plan(delta, engine_max).ok_or(Refusal::Maximum)?;
        if new == old {
            return Ok(None);
        }
        let growth = Growth {
            kind: Kind::Table,
            object: Some(table.header()),
            current: old,
            desired: new,
            maximum: table.ty.limits.max,
        };
        self.allow_growth(Amounts::elements(delta), &growth)?;
        if table.len() != old {
            return Err(Refusal::Changed);
        }
        Ok(Some(table.larger_storage(new)?))
    }

    /// Grows a table as prepared; the former size.
    pub(crate) fn grow_prepared_table(
        &self,
        table: Gc<Table>,
        storage: Option<Storage>,
        bits: u64,
    ) -> u64 {
        let old = table.len();
        if let Some(storage) = storage {
            table.grow_into(storage, bits);
            let more = table.len() - old;
            self.limits.count(Amounts::elements(more));
            self.add_bytes(more.saturating_mul(table.element_bytes()));
        }
        old
    }
}
