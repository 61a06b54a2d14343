//! Tables of a store: made and grown within its limits.

use super::table::Table;
use super::table_storage::Storage;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::stores::limits::{Growth, Refusal};
use crate::runtime::stores::store::Store;
use crate::types::TableType;

impl Store {
    /// A table of null elements.
    pub fn new_table(&self, ty: TableType) -> Result<Gc<Table>, Refusal> {
        let min = ty.limits.min;
        if min > self.engine.config.limits.table_elements {
            return Err(Refusal::Maximum);
        }
        let maximum = ty.limits.max;
        let growth = Growth { kind: Kind::Table, object: None, current: 0, desired: min, maximum };
        self.allow_growth(Amounts::new_table(min), &growth)?;
        Ok(self.heap.allocate(Table::new(ty)?, 0)?)
    }

    /// Grows a table by `delta` elements that hold `bits`, a guest reference, and returns the former size.
    pub fn grow_table(&self, table: Gc<Table>, delta: u64, bits: u64) -> Result<u64, Refusal> {
        let storage = self.prepare_table(table, delta)?;
        Ok(self.grow_prepared_table(table, storage, bits))
    }

    /// The part of growing a table that can be refused: storage for `delta` more elements, if limits and limiter
    /// agree. `None` when there is nothing to do.
    pub(crate) fn prepare_table(
        &self,
        table: Gc<Table>,
        delta: u64,
    ) -> Result<Option<Storage>, Refusal> {
        let engine_max = self.engine.config.limits.table_elements;
        let (old, new) = table.plan(delta, engine_max).ok_or(Refusal::Maximum)?;
        if new == old {
            return Ok(None);
        }
        let growth = Growth {
            kind: Kind::Table,
            object: Some(table.header()),
            current: old,
            desired: new,
            maximum: table.ty.limits.max,
        };
        self.allow_growth(Amounts::elements(delta), &growth)?;
        if table.len() != old {
            return Err(Refusal::Changed);
        }
        Ok(Some(table.larger_storage(new)?))
    }

    /// Grows a table as prepared and returns the former size.
    pub(crate) fn grow_prepared_table(
        &self,
        table: Gc<Table>,
        storage: Option<Storage>,
        bits: u64,
    ) -> u64 {
        let old = table.len();
        if let Some(storage) = storage {
            table.grow_into(storage, bits);
            let more = table.len() - old;
            let bytes = more.saturating_mul(table.element_bytes());
            self.heap.count_growth(Amounts::elements(more), bytes);
        }
        old
    }
}
