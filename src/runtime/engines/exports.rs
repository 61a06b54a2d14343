//! Exports by name.
//!
//! Most hosts look up a few exports of a small module, so names are compared one after the other. After a number of
//! comparisons per export, a hash table of all names is made, so that looking up each of many exports is not
//! quadratic. Threads that share a module may make it at the same time; one table stays. No lock is involved, which
//! a forked child could find held.

use crate::module::{Export, Module};
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
    pub fn find<'m>(&self, module: &'m Module, name: &[u8]) -> Option<&'m Export> {
        if let Some(table) = self.table.get() {
            return table.find(module, name);
        }
        let exports = &module.exports;
        let found = exports.iter().position(|export| export.name_bytes(module) == name);
        let compared = found.map_or(exports.len(), |position| position + 1);
        let before = self.compared.fetch_add(compared, Relaxed);
        if exports.len() >= FEW && before >= PATIENCE.saturating_mul(exports.len()) {
            // Without memory for a table the search continues as before.
            Table::new(module).map(|table| self.table.get_or_offer(Arc::new(table)));
        }
        found.and_then(|position| exports.get(position))
    }
}

impl Table {
    fn new(module: &Module) -> Option<Table> {
        let (hasher, exports) = (DefaultHashBuilder::default(), &module.exports);
        let name = |position: &u32| exports[*position as usize].name_bytes(module);
        let hash = |position: &u32| hasher.hash_one(name(position));
        let mut positions = HashTable::new();
        positions.try_reserve(exports.len(), hash).ok()?;
        for position in 0..exports.len() as u32 {
            positions.insert_unique(hash(&position), position, hash);
        }
        Some(Table { hasher, positions })
    }

    fn find<'m>(&self, module: &'m Module, name: &[u8]) -> Option<&'m Export> {
        let export = |position: &u32| module.exports.get(*position as usize);
        let same = |position: &u32| export(position).is_some_and(|e| e.name_bytes(module) == name);
        self.positions.find(self.hasher.hash_one(name), same).and_then(export)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Limits, decode};
    use crate::types::TypeRegistry;

    fn exporting(count: u32) -> Arc<Module> {
        let funcs: String =
            (0..count).map(|number| format!("(func (export \"export {number}\"))")).collect();
        let bytes = wat::parse_str(format!("(module {funcs})")).unwrap();
        Arc::new(decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap().module)
    }

    #[test]
    fn asking_for_many_exports_ends_the_search_through_all() {
        let (names, module) = (ExportNames::default(), exporting(1000));
        for _ in 0..3 {
            for export in &module.exports {
                let found = names.find(&module, export.name_bytes(&module)).unwrap();
                assert_eq!(found.index, export.index);
            }
            assert!(names.find(&module, b"export").is_none());
        }
        assert!(names.table.get().is_some());
        assert!(names.compared.into_inner() < 6 * module.exports.len());
    }

    #[test]
    fn modules_with_few_exports_need_no_table() {
        let (names, module) = (ExportNames::default(), exporting(5));
        for _ in 0..1000 {
            assert_eq!(names.find(&module, b"export 4").unwrap().index, 4);
        }
        assert!(names.table.get().is_none());
    }
}
