//! What objects use of a store's limits, in the units of the limits.
//!
//! The heap counts them when an object is made and when it is destroyed; the store compares the total with its
//! limits.

/// Numbers of objects and their sizes in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amounts {
    pub memories: u64,
    pub tables: u64,
    pub instances: u64,
    /// Of all memories.
    pub bytes: u64,
    /// Of all tables.
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
    pub const NOTHING: Amounts =
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

    #[inline]
    pub fn both(self, other: Amounts, f: fn(u64, u64) -> u64) -> Amounts {
        Amounts {
            memories: f(self.memories, other.memories),
            tables: f(self.tables, other.tables),
            instances: f(self.instances, other.instances),
            bytes: f(self.bytes, other.bytes),
            elements: f(self.elements, other.elements),
        }
    }
}
