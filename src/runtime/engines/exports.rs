//! Exports by name.
//!
//! Most hosts look up a few exports of a small module, so names are compared one after the other. After a number of
//! comparisons per export, a hash table of all names is made, so that looking up each of many exports is not
//! quadratic. Threads that share a module may make it at the same time; one table stays. No lock is involved, which
//! a forked child could find held.

use crate::module::Export;
use crate::sys::once::OnceArc;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Comparisons per export that are cheaper than the table.
const PATIENCE: usize = 4;

/// Modules with fewer exports never get a table.
const FEW: usize = 16;

/// Finds the exports of one module by name.
#[derive(Default)]
pub struct ExportNames {
    compared: AtomicUsize,
    table: OnceArc<Table>,
}

/// Positions of exports, by the hashes of their names.
struct Table {
    hasher: DefaultHashBuilder,
    positions: HashTable<u32>,
}

impl ExportNames {
    /// The export with that name among those of the module.
    pub fn find<'m>(&self, exports: &'m [Export], name: &[u8]) -> Option<&'m Export> {
        if let Some(table) = self.table.get() {
            return table.find(exports, name);
        }
        let found = exports.iter().position(|export| export.name.as_bytes() == name);
        let compared = found.map_or(exports.len(), |position| position + 1);
        let before = self.compared.fetch_add(compared, Relaxed);
        if exports.len() >= FEW && before >= PATIENCE.saturating_mul(exports.len()) {
            // Without memory for a table the search continues as before.
            Table::new(exports).map(|table| self.table.get_or_offer(Arc::new(table)));
        }
        found.and_then(|position| exports.get(position))
    }
}

impl Table {
    fn new(exports: &[Export]) -> Option<Table> {
        let hasher = DefaultHashBuilder::default();
        let hash = |position: &u32| hasher.hash_one(exports[*position as usize].name.as_bytes());
        let mut positions = HashTable::new();
        positions.try_reserve(exports.len(), hash).ok()?;
        for position in 0..exports.len() as u32 {
            positions.insert_unique(hash(&position), position, hash);
        }
        Some(Table { hasher, positions })
    }

    fn find<'m>(&self, exports: &'m [Export], name: &[u8]) -> Option<&'m Export> {
        let export = |position: &u32| exports.get(*position as usize);
        let same = |position: &u32| export(position).is_some_and(|e| e.name.as_bytes() == name);
        self.positions.find(self.hasher.hash_one(name), same).and_then(export)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ExternKind;

    fn exports(count: u32) -> Vec<Export> {
        let export = |index: u32| Export {
            name: format!("export {index}").into(),
            kind: ExternKind::Func,
            index,
        };
        (0..count).map(export).collect()
    }

    #[test]
    fn asking_for_many_exports_ends_the_search_through_all() {
        let (names, exports) = (ExportNames::default(), exports(1000));
        for _ in 0..3 {
            for export in &exports {
                let found = names.find(&exports, export.name.as_bytes()).unwrap();
                assert_eq!(found.index, export.index);
            }
            assert!(names.find(&exports, b"export").is_none());
        }
        assert!(names.table.get().is_some());
        assert!(names.compared.into_inner() < 6 * exports.len());
    }

    #[test]
    fn modules_with_few_exports_need_no_table() {
        let (names, exports) = (ExportNames::default(), exports(5));
        for _ in 0..1000 {
            assert_eq!(names.find(&exports, b"export 4").unwrap().index, 4);
        }
        assert!(names.table.get().is_none());
    }
}
