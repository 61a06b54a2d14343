//! When a store collects: after enough was allocated, or when one of its limits is hit. Never while guest code is
//! running, so stacks are not scanned, nor while the limiter or a finalizer is running.

use super::limits::{Growth, Refusal};
use super::store::{Busy, Store};
use crate::runtime::heap::amounts::Amounts;

impl Store {
    /// Collects if that is due, before an object is made. A finalizer may delete the store, so it is kept until the
    /// object exists.
    #[must_use]
    pub fn make_room(&self) -> Busy {
        let busy = self.busy();
        self.collect_if_due();
        busy
    }

    /// Collects if enough was allocated since the last time and no guest code is running.
    pub fn collect_if_due(&self) {
        if self.heap.is_collection_due() {
            self.collect();
        }
    }

    /// Frees every object that no handle reaches, unless guest code, the limiter or a finalizer of another collection is
    /// running. A finalizer may delete the store: a caller that uses it afterwards must keep it [`Store::busy`]. It may
    /// also delete the handles that a caller was lent; their objects are still there after one collection, but not after
    /// two.
    pub fn collect(&self) {
        if self.is_active() || self.limits.is_asking() || self.is_collecting.replace(true) {
            return;
        }
        // Finalizers may make instances, with other imports than those that are about to be destroyed.
        let dead = self.heap.take_unreachable(&self.recent_imports);
        let _busy = self.busy();
        self.heap.destroy(dead);
        self.is_collecting.set(false);
    }

    /// Whether the limits have room for `more` without a collection.
    pub(crate) fn has_room(&self, more: Amounts) -> Result<(), Refusal> {
        self.limits.check(self.heap.used(), more)
    }

    /// Checks whether the limits allow `more`. May collect: the caller keeps the store busy unless guest code runs.
    pub(crate) fn allow(&self, more: Amounts) -> Result<(), Refusal> {
        self.has_room(more).or_else(|_| {
            self.collect();
            self.has_room(more)
        })
    }

    /// As [`Store::allow`], and also asks the limiter, which may do anything meanwhile.
    pub(crate) fn allow_growth(&self, more: Amounts, growth: &Growth<'_>) -> Result<(), Refusal> {
        self.allow(more)?;
        self.limits.ask(growth)?;
        // The limiter may have made objects itself.
        self.has_room(more)
    }
}
