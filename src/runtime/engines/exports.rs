//! Exports by name.
//!
//! Most hosts look up a few exports of a small module, so names are compared one after the other. After a number of
//! comparisons per export, a hash table of all names is made, so that looking up each of many exports is not
//! quadratic. Threads that share a module may make it at the same time; one table stays. No lock is involved, which
//! a forked child could find held.

use crate::module::{Export, ExportTable, Module};
use crate::sys::once::OnceArc;
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
    table: OnceArc<ExportTable>,
}

impl ExportNames {
    /// The export with that name among those of the module.
    pub fn find<'m>(&self, module: &'m Module, name: &[u8]) -> Option<&'m Export> {
        if let Some(table) = self.table.get() {
            return table.find(module, name);
        }
        let (exports, bytes) = (&module.exports, &*module.bytes);
        let found = exports.iter().position(|export| export.name_in(bytes) == name);
        let compared = found.map_or(exports.len(), |position| position + 1);
        let before = self.compared.fetch_add(compared, Relaxed);
        // Without memory for a table the search continues as before.
        if exports.len() >= FEW
            && before >= PATIENCE.saturating_mul(exports.len())
            && let Ok(Some(table)) = ExportTable::new(exports, bytes)
        {
            self.table.get_or_offer(Arc::new(table));
        }
        found.and_then(|position| exports.get(position))
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
                let found = names.find(&module, export.name_in(&module.bytes)).unwrap();
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
