//! Which accesses can never overlap.
//!
//! Cranelift forwards stores to loads and drops repeated loads when it knows that nothing wrote there in between.
//! Each object that belongs to one instance alone is a region of its own. Imported objects of one kind share a
//! region, since one object may be imported under several names. The number of regions is bounded, because each
//! costs something at every control flow join.

use crate::module::Module;
use crate::types::{GlobalIndex, MemoryIndex, TableIndex};
use cranelift_codegen::ir::{AliasRegion, AliasRegionData, Function};
use std::borrow::Cow;

/// A class of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Region {
    /// Words of an instance that never change while it runs.
    Constant,
    /// Base and length of all memories.
    MemoryDefinitions,
    /// Base and length of all tables.
    TableDefinitions,
    /// Code slots: the engine may replace their contents at any time.
    Slots,
    /// Function objects: never written by code.
    Functions,
    /// The overflow buffer for results.
    OverflowResults,
    ImportedMemories,
    ImportedTables,
    ImportedGlobals,
    Memory(u32),
    Table(u32),
    Global(u32),
    /// The store's word of fuel.
    Fuel,
    /// Everything else of an instance, beyond the first of each kind.
    Rest,
}

/// Memories, tables and globals with a higher index share [`Region::Rest`].
const OWN_REGIONS: u32 = 32;

impl Region {
    pub(super) fn memory(module: &Module, memory: MemoryIndex) -> Region {
        own(memory.0, module.imported.memories, Region::ImportedMemories, Region::Memory)
    }

    pub(super) fn table(module: &Module, table: TableIndex) -> Region {
        own(table.0, module.imported.tables, Region::ImportedTables, Region::Table)
    }

    pub(super) fn global(module: &Module, global: GlobalIndex) -> Region {
        own(global.0, module.imported.globals, Region::ImportedGlobals, Region::Global)
    }

    /// The region in `func`, declared on first use.
    pub(super) fn declare(self, func: &mut Function) -> AliasRegion {
        let (user_id, description): (u32, &'static str) = match self {
            Region::Constant => (0, "constant"),
            Region::MemoryDefinitions => (1, "memory definitions"),
            Region::TableDefinitions => (2, "table definitions"),
            Region::Slots => (3, "slots"),
            Region::Functions => (4, "functions"),
            Region::OverflowResults => (5, "overflow results"),
            Region::ImportedMemories => (6, "imported memories"),
            Region::ImportedTables => (7, "imported tables"),
            Region::ImportedGlobals => (8, "imported globals"),
            Region::Rest => (9, "rest"),
            Region::Fuel => (10, "fuel"),
            Region::Memory(i) => (0x100 + i, "memory"),
            Region::Table(i) => (0x200 + i, "table"),
            Region::Global(i) => (0x300 + i, "global"),
        };
        let regions = &mut func.dfg.alias_regions;
        regions.insert(AliasRegionData { user_id, description: Cow::Borrowed(description) })
    }
}

fn own(index: u32, imported: u32, shared: Region, each: fn(u32) -> Region) -> Region {
    match index.checked_sub(imported) {
        None => shared,
        Some(own) if own < OWN_REGIONS => each(own),
        Some(_) => Region::Rest,
    }
}
