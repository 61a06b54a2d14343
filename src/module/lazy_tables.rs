//! Table elements that need not be written when an instance is made.
//!
//! Writing every element of a large module's tables takes longer than the rest of instantiation, and most of them
//! are never used. So the first element segments of a module, up to the first one that must run, become one list of
//! functions per table. Instances leave the elements of these tables zero, and an element is written when it is
//! first needed (`runtime::instances::lazy_table`).
//!
//! A segment must run if it could trap, since nothing after it may happen then; if what it writes depends on the
//! instance; or if it writes to a table that others may already see. One list is made for all instances, and it
//! must not be much longer than the segments.
//!
//! What must stay true: an element reads as if all segments had run in order.

use super::{ConstExpr, ConstOp, ElementItems, ElementSegment, Module, Offset, SegmentMode};
use crate::types::{FuncIndex, HeapType, TableIndex};
use std::collections::TryReserveError;

/// The elements that the first segments of a module write.
#[derive(Default)]
pub struct LazyTables {
    /// For each table that the module defines, up to its last element from a segment.
    elements: Vec<Vec<Element>>,
    /// The number of segments that the lists replace.
    segments: usize,
}

/// A function, or null.
type Element = Option<FuncIndex>;

/// A list may always have this many elements.
const SMALL: u64 = 1024;

/// A longer list has at most this many elements for each element that segments name in its table.
const SPARSENESS: u64 = 4;

impl LazyTables {
    pub fn new(module: &Module) -> Result<LazyTables, TryReserveError> {
        let mut lazy = LazyTables::default();
        let defined = module.tables.len() - module.imported.tables as usize;
        lazy.elements.try_reserve_exact(defined)?;
        lazy.elements.resize_with(defined, Vec::new);
        let mut named = Vec::new();
        named.try_reserve_exact(defined)?;
        named.resize(defined, 0_u64);
        for segment in &module.elements {
            if let SegmentMode::Active { target, offset } = &segment.mode {
                let Offset::Constant(start) = *offset else { break };
                if !may_wait(module, *target, start, segment) {
                    break;
                }
                let len = segment.items.len() as u64;
                let named = &mut named[target.index() - module.imported.tables as usize];
                *named += len;
                let end = start + len;
                if end > SMALL.max(named.saturating_mul(SPARSENESS)) {
                    break;
                }
                lazy.write(module, *target, start, end, &segment.items)?;
            }
            lazy.segments += 1;
        }
        Ok(lazy)
    }

    fn write(
        &mut self,
        module: &Module,
        table: TableIndex,
        start: u64,
        end: u64,
        items: &ElementItems,
    ) -> Result<(), TryReserveError> {
        let list = &mut self.elements[table.index() - module.imported.tables as usize];
        let (start, end) = (start as usize, end as usize);
        if list.len() < end {
            list.try_reserve(end - list.len())?;
            list.resize(end, None);
        }
        let list = &mut list[start..end];
        match items {
            ElementItems::Functions(functions) => {
                list.iter_mut().zip(functions).for_each(|(to, func)| *to = Some(*func));
            }
            ElementItems::Expressions(items) => {
                list.iter_mut().zip(items).for_each(|(to, item)| *to = constant(item).flatten());
            }
        }
        Ok(())
    }

    /// The number of element segments that need not run.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Whether a table, by its number among those that the module defines, may have elements that were not written
    /// yet.
    pub fn is_lazy(&self, defined: usize) -> bool {
        self.elements.get(defined).is_some_and(|list| !list.is_empty())
    }

    /// The value of an element that was not written yet.
    pub fn element(&self, defined: usize, index: usize) -> Option<FuncIndex> {
        self.elements.get(defined)?.get(index).copied().flatten()
    }
}

/// Whether the segment, with its items from `start` on, need not run.
fn may_wait(module: &Module, target: TableIndex, start: u64, segment: &ElementSegment) -> bool {
    let table = &module.tables[target.index()];
    let ty = &table.ty;
    // Calls through tables of one exact non-null type do not check signatures.
    let unchecked = matches!(ty.element.heap, HeapType::Concrete(_)) && !ty.element.nullable;
    let own = target.0 >= module.imported.tables;
    if !own || !ty.element.is_func() || unchecked || table.init.is_some() {
        return false;
    }
    let constant = match &segment.items {
        ElementItems::Functions(_) => true,
        ElementItems::Expressions(items) => items.iter().all(|item| constant(item).is_some()),
    };
    let end = start.checked_add(segment.items.len() as u64);
    constant && end.is_some_and(|end| end <= ty.limits.min)
}

/// The element that an expression yields, if it is the same in all instances.
fn constant(item: &ConstExpr) -> Option<Element> {
    match item.ops[..] {
        [ConstOp::RefFunc(func)] => Some(Some(func)),
        [ConstOp::RefNull] => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Limits, decode};
    use crate::types::TypeRegistry;

    fn lazy(text: &str) -> LazyTables {
        let bytes = wat::parse_str(format!("(module {text} (func $f) (func $g))")).unwrap();
        decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap().module.lazy_tables
    }

    #[test]
    fn later_segments_overwrite_earlier_ones() {
        let lazy = lazy(
            "(table 8 funcref) (elem (i32.const 1) func $f $f $f) (elem (i32.const 2) func $g)
            (elem (i32.const 3) funcref (ref.null func))",
        );
        let elements = [0, 1, 2, 3, 4].map(|i| lazy.element(0, i).map(|func| func.0));
        assert_eq!(elements, [None, Some(0), Some(1), None, None]);
        assert_eq!(lazy.segments(), 3);
    }

    #[test]
    fn a_segment_that_traps_or_depends_on_the_instance_runs_and_so_do_those_behind_it() {
        for second in ["(elem (i32.const 8) func $g)", "(elem (global.get 0) func $g)"] {
            let lazy = lazy(&format!(
                "(import \"\" \"\" (global i32)) (table 8 funcref) (elem (i32.const 1) func $f)
                {second} (elem (i32.const 2) func $f)"
            ));
            assert_eq!(lazy.segments(), 1, "{second}");
            assert_eq!(lazy.element(0, 2), None);
        }
    }

    #[test]
    fn tables_that_others_see_or_that_are_called_unchecked_are_written_at_once() {
        for (table, items) in [
            ("(import \"\" \"\" (table 8 funcref))", "func $f"),
            ("(type $t (func)) (table 8 (ref $t) (ref.func $f))", "(ref $t) (ref.func $f)"),
            ("(table 8 funcref (ref.func $f))", "func $f"),
        ] {
            let declared = "(elem declare func $f)";
            let lazy = lazy(&format!("{table} {declared} (elem (i32.const 1) {items})"));
            assert!(!lazy.is_lazy(0), "{table}");
        }
    }

    #[test]
    fn a_single_element_at_the_end_of_a_huge_table_takes_no_list() {
        let lazy = lazy("(table 9000000 funcref) (elem (i32.const 8999999) func $f)");
        assert_eq!(lazy.segments(), 0);
    }

    #[test]
    fn many_elements_of_one_table_do_not_let_lists_of_others_be_long() {
        let many = "$f ".repeat(10_000);
        let lazy = lazy(&format!(
            "(table 40000 funcref) (table 40000 funcref) (elem (table 0) (i32.const 0) func {many})
            (elem (table 1) (i32.const 39999) func $f)"
        ));
        assert_eq!(lazy.segments(), 1);
        assert!(lazy.is_lazy(0) && !lazy.is_lazy(1));
    }
}
