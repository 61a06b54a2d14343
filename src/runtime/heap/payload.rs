//! What the heap must know about each kind of object.
//!
//! A kind implements [`Payload`]. A table of functions is made from that, with one row per kind, and is given to
//! the heap when that is made: so the heap handles objects of any kind without naming one, and the header only
//! needs the kind's number.

use super::amounts::Amounts;
use super::object::{Header, Kind, Object};
use super::tracer::Tracer;
use std::cell::Cell;
use std::ptr::NonNull;

/// Bytes of a memory, table, instance or module that count as one unit of weight.
pub(crate) const WEIGHED_BYTES: usize = 4096;

/// A kind of object.
pub trait Payload: Sized {
    const KIND: Kind;

    /// How much the object counts towards the next collection; more if it uses more memory.
    fn weight(&self) -> usize {
        1
    }

    /// What the object uses of the store's limits.
    fn amounts(&self) -> Amounts {
        Amounts::NOTHING
    }

    /// Reports every object that this one keeps alive.
    fn trace(&self, _tracer: &mut Tracer) {}

    /// Called before the object is destroyed, while it still belongs to its store.
    fn leave(_object: &Object<Self>) {}
}

/// A row of the table.
pub struct KindMethods {
    kind: Kind,
    pub(super) weight: fn(&Header) -> usize,
    pub(super) trace: fn(&Header, &mut Tracer),
    /// Removes the object from the amounts in use.
    pub(super) leave: fn(&Header, &Cell<Amounts>),
    pub(super) drop: unsafe fn(NonNull<Header>),
}

impl KindMethods {
    pub const fn of<T: Payload>() -> KindMethods {
        KindMethods {
            kind: T::KIND,
            weight: |header| header.payload::<T>().weight(),
            trace: |header, tracer| header.payload::<T>().trace(tracer),
            leave: |header, used| {
                let object = header.payload::<T>();
                T::leave(object);
                used.set(used.get().both(object.amounts(), u64::saturating_sub));
            },
            // SAFETY: the heap calls it for an object of the kind, when it destroys that.
            drop: |header| unsafe { Object::<T>::drop_payload(header.cast()) },
        }
    }
}

/// A row for every kind.
pub struct KindTable([KindMethods; KINDS]);

const KINDS: usize = 11;

impl KindTable {
    /// Only compiles if the rows are in the order of the kinds' numbers.
    pub const fn new(rows: [KindMethods; KINDS]) -> KindTable {
        let mut i = 0;
        while i < KINDS {
            assert!(row(rows[i].kind) == i);
            i += 1;
        }
        KindTable(rows)
    }

    #[inline]
    pub(super) fn of(&self, header: &Header) -> &KindMethods {
        &self.0[row(header.kind())]
    }
}

/// The index of a kind in the table.
const fn row(kind: Kind) -> usize {
    match kind {
        Kind::Func => 0,
        Kind::Global => 1,
        Kind::Table => 2,
        Kind::Memory => 3,
        Kind::Tag => 4,
        Kind::Instance => 5,
        Kind::Module => 6,
        Kind::Trap => 7,
        Kind::Foreign => 8,
        Kind::Exception => 9,
        Kind::Imports => 10,
    }
}
