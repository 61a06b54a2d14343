//! The layout of an instance's arrays after the [`VmContext`](super::vmctx::VmContext) head.
//!
//! ```text
//! head                  40 bytes
//! signature ids         4 bytes per type of the module
//! imported functions    32 bytes each: VmImport
//! memories              16 bytes each: {base, *VmMemory}; base is valid in guard mode only
//! tables                16 bytes each: {base, *VmTable}; base is valid for fixed-size tables only
//! imported globals      8 bytes each: *VmGlobal
//! tags                  8 bytes each: address of the tag object
//! defined globals       16 bytes each, 16-aligned: VmGlobal
//! ```
//! The layout follows from the module's counts alone, so that code for one module serves all its
//! instances.

use super::vmctx::{GLOBAL_SIZE, IMPORT_SIZE, VMCTX_HEAD_SIZE};
use crate::types::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};

/// How many items of each kind a module has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub types: u32,
    pub imported_functions: u32,
    pub memories: u32,
    pub tables: u32,
    pub imported_globals: u32,
    pub defined_globals: u32,
    pub tags: u32,
}

/// Byte offsets from the instance's vmctx.
#[derive(Clone, Copy, Debug)]
pub struct VmLayout {
    imported_globals_count: u32,
    imported_functions: u32,
    memories: u32,
    tables: u32,
    imported_globals: u32,
    tags: u32,
    defined_globals: u32,
    size: u32,
}

/// Offset of the base address within a memory's or table's 16 bytes.
const REF_BASE: u32 = 0;
/// Offset of the pointer to its `VmMemory` or `VmTable`.
const REF_DEFINITION: u32 = 8;
const REF_SIZE: u32 = 16;

impl VmLayout {
    /// Validation limits keep all counts far below an overflow of `u32`.
    pub fn new(counts: &Counts) -> VmLayout {
        let align = |offset: u32, to: u32| (offset + to - 1) & !(to - 1);
        let imported_functions = align(VMCTX_HEAD_SIZE + 4 * counts.types, 8);
        let memories = imported_functions + IMPORT_SIZE * counts.imported_functions;
        let tables = memories + REF_SIZE * counts.memories;
        let imported_globals = tables + REF_SIZE * counts.tables;
        let tags = imported_globals + 8 * counts.imported_globals;
        let defined_globals = align(tags + 8 * counts.tags, 16);
        VmLayout {
            imported_globals_count: counts.imported_globals,
            imported_functions,
            memories,
            tables,
            imported_globals,
            tags,
            defined_globals,
            size: defined_globals + GLOBAL_SIZE * counts.defined_globals,
        }
    }

    /// Total size, to be allocated with 16-byte alignment.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The canonical id (u32) of a type.
    pub fn sig_id(&self, ty: TypeIndex) -> i32 {
        (VMCTX_HEAD_SIZE + 4 * ty.0) as i32
    }

    /// The `VmImport` of an imported function.
    pub fn imported_function(&self, func: FuncIndex) -> i32 {
        (self.imported_functions + IMPORT_SIZE * func.0) as i32
    }

    /// Base address of a memory (guard mode).
    pub fn memory_base(&self, memory: MemoryIndex) -> i32 {
        (self.memories + REF_SIZE * memory.0 + REF_BASE) as i32
    }

    /// Pointer to the `VmMemory` of a memory.
    pub fn memory_definition(&self, memory: MemoryIndex) -> i32 {
        (self.memories + REF_SIZE * memory.0 + REF_DEFINITION) as i32
    }

    /// Base address of a fixed-size table.
    pub fn table_base(&self, table: TableIndex) -> i32 {
        (self.tables + REF_SIZE * table.0 + REF_BASE) as i32
    }

    /// Pointer to the `VmTable` of a table.
    pub fn table_definition(&self, table: TableIndex) -> i32 {
        (self.tables + REF_SIZE * table.0 + REF_DEFINITION) as i32
    }

    /// Address of the object of a tag.
    pub fn tag(&self, tag: TagIndex) -> i32 {
        (self.tags + 8 * tag.0) as i32
    }

    /// Where a global's value is stored.
    pub fn global(&self, global: GlobalIndex) -> GlobalPlace {
        match global.0.checked_sub(self.imported_globals_count) {
            None => GlobalPlace::Pointer((self.imported_globals + 8 * global.0) as i32),
            Some(own) => GlobalPlace::Inline((self.defined_globals + GLOBAL_SIZE * own) as i32),
        }
    }
}

/// A global's value is in the vmctx at this offset, or at the pointer at this offset.
#[derive(Clone, Copy, Debug)]
pub enum GlobalPlace {
    Inline(i32),
    Pointer(i32),
}
