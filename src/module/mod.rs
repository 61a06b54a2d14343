//! A decoded module: everything in the binary, in index spaces, with the bytes it was read from.
//!
//! A description belongs to no store. It is immutable, except that bodies may be added while the module's bytes
//! arrive. Function bodies stay in the bytes until they are compiled; data segments are ranges of the same
//! bytes. Compiled code belongs to [`crate::compile::CodeSet`]s.

mod bodies;
mod bytes;
mod demangle;
mod exports;
pub mod hints;
pub mod lazy_tables;
pub mod names;
mod placed_data;
pub mod source;

pub use bodies::Bodies;
pub use bytes::ModuleBytes;
pub use exports::{Export, ExportTable};
pub use placed_data::PlacedData;

use crate::abi::VmLayout;
use crate::abi::layout::Counts;
use crate::types::{
    DataIndex, DefinedFuncIndex, ElemIndex, ExternKind, ExternType, FuncIndex, FuncType,
    GlobalIndex, GlobalType, MemoryIndex, MemoryType, RefType, SigId, TableIndex, TableType,
    TagIndex, TypeIndex,
};
use std::ops::Range;
use std::sync::Arc;
use wasmparser::BinaryReader;

/// The description of a module.
pub struct Module {
    pub bytes: ModuleBytes,
    /// The type section: canonical id and type.
    pub types: Vec<(SigId, Arc<FuncType>)>,
    pub imports: Vec<Import>,
    pub exports: Vec<Export>,
    /// Type of every function, imports first.
    pub functions: Vec<TypeIndex>,
    pub tables: Vec<Table>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<GlobalType>,
    /// Type of every exception tag, imports first.
    pub tags: Vec<TypeIndex>,
    /// Initial values of the globals that the module defines.
    pub global_inits: Vec<ConstExpr>,
    pub elements: Vec<ElementSegment>,
    /// The elements that need not be written at instantiation.
    pub lazy_tables: lazy_tables::LazyTables,
    pub data: Vec<DataSegment>,
    pub start: Option<FuncIndex>,
    pub bodies: Bodies,
    /// Byte range of the code section's content, which debug information counts from.
    pub code_section: Range<u32>,
    pub imported: ImportedCounts,
    /// Byte range of the name section's content.
    pub name_section: Option<Range<u32>>,
    pub names: names::Names,
    pub hints: hints::Kept,
    pub source: source::SourceIndex,
    /// All custom sections, in order.
    pub custom_sections: Vec<CustomSection>,
    pub layout: VmLayout,
}

/// The number of imports of each kind; they come first in their index spaces.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportedCounts {
    pub functions: u32,
    pub tables: u32,
    pub memories: u32,
    pub globals: u32,
    pub tags: u32,
}

/// A custom section in the module's bytes: its name, directly followed by its content.
#[derive(Clone, Copy, Debug)]
pub struct CustomSection {
    name: u32,
    content: u32,
    end: u32,
}

impl CustomSection {
    /// A section with a name of `name_len` bytes before `content`.
    pub fn new(name_len: usize, content: Range<u32>) -> CustomSection {
        let name = content.start.saturating_sub(name_len as u32);
        CustomSection { name, content: content.start, end: content.end }
    }
}

pub struct Import {
    /// Imports one after the other from the same module share its name.
    pub module: Arc<Box<str>>,
    pub name: Box<str>,
    pub ty: ExternType,
}

pub struct Table {
    pub ty: TableType,
    /// For tables that the module defines: the initial value of every element (none: null).
    pub init: Option<ConstExpr>,
}

pub struct ElementSegment {
    pub ty: RefType,
    pub mode: SegmentMode<TableIndex>,
    pub items: ElementItems,
}

pub enum ElementItems {
    Functions(Box<[FuncIndex]>),
    Expressions(Box<[ConstExpr]>),
}

impl ElementItems {
    pub fn len(&self) -> usize {
        match self {
            ElementItems::Functions(f) => f.len(),
            ElementItems::Expressions(e) => e.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

pub struct DataSegment {
    pub mode: SegmentMode<MemoryIndex>,
    /// Byte range in the module's bytes.
    pub range: Range<u32>,
}

pub enum SegmentMode<Target> {
    Active { target: Target, offset: Offset },
    Passive,
    Declared,
}

/// Where a segment goes. Some modules have a hundred thousand segments, so this is small.
pub enum Offset {
    Constant(u64),
    /// A constant expression that depends on the instance.
    Computed(Box<[ConstOp]>),
}

/// A constant expression. Most are a single constant.
#[derive(Clone, Debug)]
pub struct ConstExpr {
    pub ops: smallvec::SmallVec<[ConstOp; 1]>,
}

/// An instruction of a constant expression (extended constants included).
#[derive(Clone, Copy, Debug)]
pub enum ConstOp {
    I32(i32),
    I64(i64),
    /// Bit pattern.
    F32(u32),
    F64(u64),
    V128(u128),
    GlobalGet(GlobalIndex),
    RefNull,
    RefFunc(FuncIndex),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
}

impl Module {
    /// The counts, from the other fields; the decoder fills `layout` with them.
    pub fn counts(&self) -> Counts {
        Counts {
            types: self.types.len() as u32,
            imported_functions: self.imported.functions,
            memories: self.memories.len() as u32,
            tables: self.tables.len() as u32,
            imported_globals: self.imported.globals,
            defined_globals: self.globals.len() as u32 - self.imported.globals,
            tags: self.tags.len() as u32,
        }
    }

    /// Bytes of memory, roughly: of the binary, and of the lists that were made from it.
    pub fn memory(&self) -> usize {
        let elements = self.elements.iter().map(|segment| match &segment.items {
            ElementItems::Functions(functions) => size_of_val(&**functions),
            ElementItems::Expressions(expressions) => size_of_val(&**expressions),
        });
        let lists = [
            size_of_val(&*self.types),
            size_of_val(&*self.imports),
            size_of_val(&*self.exports),
            size_of_val(&*self.functions),
            size_of_val(&*self.globals),
            size_of_val(&*self.global_inits),
            size_of_val(&*self.elements),
            size_of_val(&*self.data),
            size_of_val(&*self.custom_sections),
            self.bodies.len() * size_of::<u64>(),
        ];
        self.bytes.len() + lists.iter().sum::<usize>() + elements.sum::<usize>()
    }

    /// The index of `func` among the defined functions, if it is one.
    pub fn defined(&self, func: FuncIndex) -> Option<DefinedFuncIndex> {
        func.0.checked_sub(self.imported.functions).map(DefinedFuncIndex)
    }

    /// The imported function that the instruction at a byte offset calls by its number.
    pub fn import_called_at(&self, offset: u32) -> Option<FuncIndex> {
        const CALLS: [u8; 2] = [0x10, 0x12];
        let (opcode, operand) = self.bytes.get(offset as usize..)?.split_first()?;
        let is_call = CALLS.contains(opcode);
        let called = is_call.then(|| BinaryReader::new(operand, 0).read_var_u32());
        let called = called?.ok()?;
        (called < self.imported.functions).then_some(FuncIndex(called))
    }

    pub fn tag_type(&self, tag: TagIndex) -> &Arc<FuncType> {
        &self.types[self.tags[tag.index()].index()].1
    }

    pub fn func_index(&self, defined: DefinedFuncIndex) -> FuncIndex {
        FuncIndex(defined.0 + self.imported.functions)
    }

    pub fn func_type(&self, func: FuncIndex) -> (SigId, &Arc<FuncType>) {
        let (id, ty) = &self.types[self.functions[func.index()].index()];
        (*id, ty)
    }

    pub fn body(&self, func: DefinedFuncIndex) -> &[u8] {
        let range = self.bodies.get(func);
        &self.bytes[range.start as usize..range.end as usize]
    }

    pub fn data_bytes(&self, segment: DataIndex) -> &[u8] {
        let range = &self.data[segment.index()].range;
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// Name and content of a custom section, by its number.
    pub fn custom_section(&self, number: usize) -> Option<(&[u8], &[u8])> {
        let CustomSection { name, content, end } = *self.custom_sections.get(number)?;
        let bytes = |range: Range<u32>| self.bytes.get(range.start as usize..range.end as usize);
        Some((bytes(name..content)?, bytes(content..end)?))
    }

    pub fn element(&self, segment: ElemIndex) -> &ElementSegment {
        &self.elements[segment.index()]
    }

    /// The type of an export or import by kind and index.
    pub fn extern_type(&self, kind: ExternKind, index: u32) -> ExternType {
        let i = index as usize;
        match kind {
            ExternKind::Func => {
                let (id, ty) = self.func_type(FuncIndex(index));
                ExternType::Func(id, ty.clone())
            }
            ExternKind::Global => ExternType::Global(self.globals[i]),
            ExternKind::Table => ExternType::Table(self.tables[i].ty),
            ExternKind::Memory => ExternType::Memory(self.memories[i]),
            ExternKind::Tag => {
                let (id, ty) = &self.types[self.tags[i].index()];
                ExternType::Tag(*id, ty.clone())
            }
        }
    }
}
