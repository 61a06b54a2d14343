//! Bringing tables up to date after functions have got other code.
//!
//! An element of a function table keeps the address that its function had when the element was written. Calls of an
//! old address are right, but slower: they pass through a stub, or through old code, to the address in the slot. Only
//! the thread that uses a store may write its tables, so it does this itself, after a number of such calls that pays
//! for it. Where an element came from does not matter: it knows the slot of its function.

use super::table::Table;
use crate::abi::vmctx::{MIN_STALE_CALLS, VmFuncEntry};
use crate::runtime::stores::store::Store;
use std::sync::atomic::Ordering;

impl Store {
    /// Writes the current addresses into all function tables.
    pub(crate) fn refresh_tables(&self) {
        let refreshed: usize = self.heap.all::<Table>().map(|table| table.refresh()).sum();
        let next = i32::try_from(refreshed / 4).unwrap_or(i32::MAX);
        self.context.stale_calls.set(next.max(MIN_STALE_CALLS));
    }
}

impl Table {
    /// Returns how many elements were visited.
    fn refresh(&self) -> usize {
        if !self.ty.element.is_func() {
            return 0;
        }
        for cell in self.entries() {
            let entry = cell.get();
            if let Some(code) = current_code(&entry) {
                cell.set(VmFuncEntry { code, ..entry });
            }
        }
        self.entries().len()
    }
}

/// The address in the slot of an element's function; none for null.
fn current_code(entry: &VmFuncEntry) -> Option<usize> {
    // SAFETY: an element with an object refers to a function of this store, one without to a function that the
    // module of its context's instance defines. Both have slots that live as long as the element.
    unsafe {
        let slot = match entry.func.as_ref() {
            Some(func) => func.slot,
            None => entry.vmctx.as_ref()?.code_table.add(entry.own as usize),
        };
        Some((*slot).load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests;
