//! Tables of all operators by opcode: how an operator is validated, and with which types.

use crate::types::PackedType;

/// How an operator is validated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    /// Everything that is not in the lists of [`crate::body::opcodes`]: by its opcode.
    Other,
    /// No immediates; the types of the entry.
    Plain,
    /// No immediates; all operands and results have the type of the entry.
    Uniform,
    Load,
    Store,
    /// A vector operator with the number of a lane.
    Lane,
    /// A load or store of one lane.
    LaneAccess,
    /// An atomic access.
    Atomic,
}

/// One operator. Whether it takes one operand or two, both are compared, without a branch.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// The type of the topmost operand.
    pub top: PackedType,
    /// The type of the operand below.
    pub second: PackedType,
    /// The bits of the second operand that count: all or none.
    pub mask: u32,
    pub gives: PackedType,
    pub kind: Kind,
    pub pops: u8,
    pub pushes: u8,
    /// Of accesses: the binary logarithm of the natural alignment.
    pub align: u8,
    /// The number of lanes.
    pub lanes: u8,
}

impl Entry {
    pub const fn of(kind: Kind) -> Entry {
        Entry {
            top: PackedType::ANY,
            second: PackedType::ANY,
            mask: 0,
            gives: PackedType::ANY,
            kind,
            pops: 0,
            pushes: 0,
            align: 0,
            lanes: 0,
        }
    }

    const fn typed(kind: Kind, takes: &[PackedType], gives: &[PackedType]) -> Entry {
        let mut entry = Entry::of(kind);
        entry.pops = takes.len() as u8;
        entry.pushes = gives.len() as u8;
        if let [gives, ..] = gives {
            entry.gives = *gives;
        }
        match *takes {
            [top] => entry.top = top,
            [second, top] => {
                (entry.top, entry.second) = (top, second);
                entry.mask = u32::MAX;
            }
            _ => {}
        }
        entry
    }

    const fn plain(takes: &[PackedType], gives: &[PackedType]) -> Entry {
        let simple = takes.len() <= 2 && gives.len() <= 1;
        Entry::typed(if simple { Kind::Plain } else { Kind::Uniform }, takes, gives)
    }

    const fn scalar_access(align: u8, takes: &[PackedType], gives: &[PackedType]) -> Entry {
        let kind = if takes.is_empty() { Kind::Load } else { Kind::Store };
        Entry { align, ..Entry::typed(kind, takes, gives) }
    }

    const fn atomic(align: u8, takes: &[PackedType], gives: &[PackedType]) -> Entry {
        Entry { align, ..Entry::typed(Kind::Atomic, takes, gives) }
    }

    const fn lane(lanes: u8, takes: &[PackedType], gives: &[PackedType]) -> Entry {
        Entry { lanes, ..Entry::typed(Kind::Lane, takes, gives) }
    }

    const fn lane_access(
        align: u8,
        lanes: u8,
        takes: &[PackedType],
        gives: &[PackedType],
    ) -> Entry {
        Entry { align, lanes, ..Entry::typed(Kind::LaneAccess, takes, gives) }
    }
}

macro_rules! fill {
    (($table:ident $entry:ident) $($($front:literal)* [$($takes:ident)*] => [$($gives:ident)*]:
        $($code:literal $name:ident),*;)*) => {$(
        let entry = Entry::$entry($($front,)* &[$(PackedType::$takes),*], &[$(PackedType::$gives),*]);
        $($table[$code] = entry;)*
    )*};
}

/// Operators of one byte.
pub(super) static SINGLE: [Entry; 256] = {
    let mut table = [Entry::of(Kind::Other); 256];
    plain!(fill (table plain));
    accesses!(fill (table scalar_access));
    table
};

/// After the prefix 0xfc.
pub(super) static NUMERIC: [Entry; 0x17] = {
    let mut table = [Entry::of(Kind::Other); 0x17];
    plain_numeric!(fill (table plain));
    table
};

/// After the prefix 0xfd.
pub(super) static VECTOR: [Entry; 0x114] = {
    let mut table = [Entry::of(Kind::Other); 0x114];
    plain_vectors!(fill (table plain));
    vector_accesses!(fill (table scalar_access));
    lanes!(fill (table lane));
    lane_accesses!(fill (table lane_access));
    table
};

/// After the prefix 0xfe.
pub(super) static ATOMIC: [Entry; 0x4f] = {
    let mut table = [Entry::of(Kind::Other); 0x4f];
    atomics!(fill (table atomic));
    table
};
