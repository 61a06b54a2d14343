//! The clauses of `try_table`, and which of them certainly catches a throw.

use crate::types::TagIndex;
use wasmparser::Catch;

/// The most clauses that a throw examines for one that certainly catches it.
const MOST_CLAUSES: usize = 32;

/// A catch clause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clause {
    /// `None` catches any.
    pub tag: Option<TagIndex>,
    /// The label also takes the exception itself.
    pub reference: bool,
    /// Counted from outside of the `try_table`.
    pub label: u32,
}

impl Clause {
    pub fn of(catch: &Catch) -> Clause {
        let (tag, reference, label) = match *catch {
            Catch::One { tag, label } => (Some(TagIndex(tag)), false, label),
            Catch::OneRef { tag, label } => (Some(TagIndex(tag)), true, label),
            Catch::All { label } => (None, false, label),
            Catch::AllRef { label } => (None, true, label),
        };
        Clause { tag, reference, label }
    }

    /// The labels to which exceptions may go: nothing gets past a clause that catches everything.
    pub fn reachable_labels(catches: &[Catch]) -> impl Iterator<Item = u32> + '_ {
        let clauses = catches.iter().map(Clause::of);
        let last = clauses.clone().position(|clause| clause.tag.is_none());
        clauses.take(last.map_or(usize::MAX, |last| last + 1)).map(|clause| clause.label)
    }
}

/// The clause of this function that catches an exception, if that is certain and it wants no reference, and the
/// depth of its label. `tries` are those around the throw, from the inside outwards: their clauses, if they are
/// known, and their depth. Two imported tags may be one.
pub fn known_catch<'c>(
    tries: impl Iterator<Item = (Option<&'c [Catch]>, u32)>,
    tag: TagIndex,
    imported_tags: u32,
) -> Option<(Clause, u32)> {
    let imported = |tag: TagIndex| tag.0 < imported_tags;
    let mut examined = 0;
    for (catches, depth) in tries {
        let catches = catches?;
        examined += catches.len();
        if examined > MOST_CLAUSES {
            return None;
        }
        for clause in catches.iter().map(Clause::of) {
            match clause.tag {
                Some(other) if other != tag && imported(other) && imported(tag) => return None,
                Some(other) if other != tag => {}
                _ if clause.reference => return None,
                _ => return Some((clause, depth + clause.label)),
            }
        }
    }
    None
}
