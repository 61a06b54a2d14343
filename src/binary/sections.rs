//! The sections of a module, collected into a description.
//!
//! Each method takes one section that the validator has accepted, so indices are in range; what can still fail is
//! memory, and constructs that the engine does not support. Lists grow only by fallible reservations, and by what a
//! section contains, never by what it claims to contain.

use super::const_expr::{const_expr, segment_offset};
use super::errors::malformed;
use super::proposals::{self, no_gc};
use super::types;
use crate::abi::VmLayout;
use crate::abi::layout::Counts;
use crate::error::{Error, Phase};
use crate::module::lazy_tables::LazyTables;
use crate::module::names::Names;
use crate::module::source::SourceIndex;
use crate::module::{
    Bodies, ConstExpr, CustomSection, DataSegment, ElementItems, ElementSegment, Export, Import,
    ImportedCounts, Module, ModuleBytes, SegmentMode, Table,
};
use crate::types::{
    ExternKind, ExternType, FuncIndex, FuncType, GlobalType, MemoryIndex, MemoryType, RefType,
    SigId, TableIndex, TypeIndex, TypeRegistry,
};
use std::ops::Range;
use std::sync::Arc;
use wasmparser::{ElementKind, FromReader, SectionLimited, TypeRef};

/// What has been read so far of what comes before the bodies.
#[derive(Default)]
pub struct Sections {
    types: Vec<(SigId, Arc<FuncType>)>,
    imports: Vec<Import>,
    exports: Vec<Export>,
    functions: Vec<TypeIndex>,
    tables: Vec<Table>,
    memories: Vec<MemoryType>,
    globals: Vec<GlobalType>,
    tags: Vec<TypeIndex>,
    global_inits: Vec<ConstExpr>,
    elements: Vec<ElementSegment>,
    start: Option<FuncIndex>,
    imported: ImportedCounts,
}

/// What bodies can be validated and compiled without, because it may come behind them.
#[derive(Default)]
pub struct Late {
    data: Vec<DataSegment>,
    name_section: Option<Range<u32>>,
    custom_sections: Vec<CustomSection>,
}

/// A compact import section has one name for many imports, and everybody who asks for them gets a copy for each.
/// All these names have at most as many bytes as the section, or as this.
const IMPORT_NAMES: u64 = 64 << 20;

type Result<T, E = Error> = std::result::Result<T, E>;

impl Sections {
    pub fn types(
        &mut self,
        section: wasmparser::TypeSectionReader<'_>,
        registry: &TypeRegistry,
    ) -> Result<()> {
        each(section, |group, offset| {
            if group.is_explicit_rec_group() {
                return Err(no_gc("recursion groups", offset));
            }
            for ty in group.types() {
                let ty = types::func_type(ty, &self.types, offset)?;
                let known = registry.intern(&ty).ok_or_else(Error::out_of_memory)?;
                push(&mut self.types, known)?;
            }
            Ok(())
        })
    }

    pub fn imports(&mut self, section: wasmparser::ImportSectionReader<'_>) -> Result<()> {
        let most = (section.range().end - section.range().start).max(IMPORT_NAMES);
        let mut written = 0;
        for import in section.into_imports_with_offsets() {
            let (offset, import) = import.map_err(malformed)?;
            written += import.module.len() as u64;
            if written > most {
                let text = "the module names of all imports are too long";
                return Err(Error::limit(Phase::Validate, text).at(offset));
            }
            let ty = self.import_type(import.ty, offset)?;
            let (module, name) = (self.import_module(import.module)?, text(import.name)?);
            push(&mut self.imports, Import { module, name, ty })?;
        }
        Ok(())
    }

    fn import_module(&self, name: &str) -> Result<Arc<Box<str>>> {
        match self.imports.last() {
            Some(last) if **last.module == *name => Ok(last.module.clone()),
            _ => Ok(Arc::new(text(name)?)),
        }
    }

    fn import_type(&mut self, ty: TypeRef, offset: u64) -> Result<ExternType> {
        Ok(match ty {
            TypeRef::Func(index) => {
                push(&mut self.functions, TypeIndex(index))?;
                self.imported.functions += 1;
                let (id, ty) = &self.types[index as usize];
                ExternType::Func(*id, ty.clone())
            }
            TypeRef::Table(ty) => {
                let ty = types::table_type(ty, &self.types, offset)?;
                push(&mut self.tables, Table { ty, init: None })?;
                self.imported.tables += 1;
                ExternType::Table(ty)
            }
            TypeRef::Memory(ty) => {
                let ty = types::memory_type(ty);
                push(&mut self.memories, ty)?;
                self.imported.memories += 1;
                ExternType::Memory(ty)
            }
            TypeRef::Global(ty) => {
                let ty = types::global_type(ty, &self.types, offset)?;
                push(&mut self.globals, ty)?;
                self.imported.globals += 1;
                ExternType::Global(ty)
            }
            TypeRef::Tag(tag) => {
                push(&mut self.tags, TypeIndex(tag.func_type_idx))?;
                self.imported.tags += 1;
                let (id, ty) = &self.types[tag.func_type_idx as usize];
                ExternType::Tag(*id, ty.clone())
            }
            TypeRef::FuncExact(_) => {
                let name = proposals::CUSTOM_DESCRIPTORS;
                return Err(Error::unsupported(Phase::Validate, name, "").at(offset));
            }
        })
    }

    pub fn functions(&mut self, section: wasmparser::FunctionSectionReader<'_>) -> Result<()> {
        each(section, |ty, _| push(&mut self.functions, TypeIndex(ty)))
    }

    pub fn tables(&mut self, section: wasmparser::TableSectionReader<'_>) -> Result<()> {
        each(section, |table, offset| {
            let ty = types::table_type(table.ty, &self.types, offset)?;
            let init = match &table.init {
                wasmparser::TableInit::RefNull => None,
                wasmparser::TableInit::Expr(expr) => Some(const_expr(expr, &self.types)?),
            };
            push(&mut self.tables, Table { ty, init })
        })
    }

    pub fn memories(&mut self, section: wasmparser::MemorySectionReader<'_>) -> Result<()> {
        each(section, |ty, _| push(&mut self.memories, types::memory_type(ty)))
    }

    pub fn globals(&mut self, section: wasmparser::GlobalSectionReader<'_>) -> Result<()> {
        each(section, |global, offset| {
            push(&mut self.globals, types::global_type(global.ty, &self.types, offset)?)?;
            push(&mut self.global_inits, const_expr(&global.init_expr, &self.types)?)
        })
    }

    pub fn tags(&mut self, section: wasmparser::TagSectionReader<'_>) -> Result<()> {
        each(section, |tag, _| push(&mut self.tags, TypeIndex(tag.func_type_idx)))
    }

    pub fn exports(&mut self, exports: Vec<Export>) -> Result<()> {
        self.exports = exports;
        Ok(())
    }

    /// The number of values in the type of something that may be exported, plus one; none if it does not exist.
    pub fn values_of(&self, kind: ExternKind, index: u32) -> Option<usize> {
        let index = index as usize;
        let of_type = |ty: &TypeIndex| {
            let (_, ty) = self.types.get(ty.0 as usize)?;
            Some(1 + ty.params.len() + ty.results.len())
        };
        match kind {
            ExternKind::Func => of_type(self.functions.get(index)?),
            ExternKind::Tag => of_type(self.tags.get(index)?),
            ExternKind::Table => self.tables.get(index).map(|_| 1),
            ExternKind::Memory => self.memories.get(index).map(|_| 1),
            ExternKind::Global => self.globals.get(index).map(|_| 1),
        }
    }

    pub fn start(&mut self, func: u32) -> Result<()> {
        self.start = Some(FuncIndex(func));
        Ok(())
    }

    pub fn elements(&mut self, section: wasmparser::ElementSectionReader<'_>) -> Result<()> {
        each(section, |segment, offset| {
            let mode = match &segment.kind {
                ElementKind::Passive => SegmentMode::Passive,
                ElementKind::Declared => SegmentMode::Declared,
                ElementKind::Active { table_index, offset_expr } => SegmentMode::Active {
                    target: TableIndex(table_index.unwrap_or(0)),
                    offset: segment_offset(offset_expr, &self.types)?,
                },
            };
            let (ty, items) = self.element_items(segment.items, offset)?;
            push(&mut self.elements, ElementSegment { ty, mode, items })
        })
    }

    fn element_items(
        &self,
        items: wasmparser::ElementItems<'_>,
        offset: u64,
    ) -> Result<(RefType, ElementItems)> {
        match items {
            wasmparser::ElementItems::Functions(section) => {
                let mut list = Vec::new();
                list.try_reserve_exact(section.count() as usize)?;
                each(section, |func, _| push(&mut list, FuncIndex(func)))?;
                // The elements are functions, never null; whether null is allowed depends on the table.
                let ty = RefType { nullable: false, ..RefType::FUNCREF };
                Ok((ty, ElementItems::Functions(list.into_boxed_slice())))
            }
            wasmparser::ElementItems::Expressions(ty, section) => {
                let ty = types::ref_type(ty, &self.types, offset)?;
                let mut list = Vec::new();
                list.try_reserve_exact(section.count() as usize)?;
                each(section, |expr, _| push(&mut list, const_expr(&expr, &self.types)?))?;
                Ok((ty, ElementItems::Expressions(list.into_boxed_slice())))
            }
        }
    }

    pub fn memories_so_far(&self) -> &[MemoryType] {
        &self.memories
    }

    /// The description of a module whose bodies follow, with the bytes that its ranges refer to.
    pub fn finish(self, bytes: ModuleBytes) -> Result<Module> {
        let defined = self.functions.len() - self.imported.functions as usize;
        let mut module = Module {
            bytes,
            types: self.types,
            imports: self.imports,
            exports: self.exports,
            functions: self.functions,
            tables: self.tables,
            memories: self.memories,
            globals: self.globals,
            tags: self.tags,
            global_inits: self.global_inits,
            elements: self.elements,
            lazy_tables: LazyTables::default(),
            data: Vec::new(),
            start: self.start,
            bodies: Bodies::new(defined)?,
            code_section: 0..0,
            imported: self.imported,
            name_section: None,
            names: Names::default(),
            hints: Default::default(),
            source: SourceIndex::default(),
            custom_sections: Vec::new(),
            layout: VmLayout::new(&Counts::default()),
        };
        module.layout = VmLayout::new(&module.counts());
        module.lazy_tables = LazyTables::new(&module)?;
        Ok(module)
    }
}

impl Late {
    pub fn set_data(&mut self, data: Vec<DataSegment>) {
        self.data = data;
    }

    pub fn data(
        &mut self,
        section: wasmparser::DataSectionReader<'_>,
        types: &types::Types,
    ) -> Result<()> {
        // The validator has limited the count.
        self.data.try_reserve_exact(section.count() as usize)?;
        each(section, |segment, _| {
            let mode = match &segment.kind {
                wasmparser::DataKind::Passive => SegmentMode::Passive,
                wasmparser::DataKind::Active { memory_index, offset_expr } => SegmentMode::Active {
                    target: MemoryIndex(*memory_index),
                    offset: segment_offset(offset_expr, types)?,
                },
            };
            let end = segment.range.end;
            let range = byte_range(end - segment.data.len() as u64..end);
            push(&mut self.data, DataSegment { mode, range })
        })
    }

    pub fn custom(&mut self, section: &wasmparser::CustomSectionReader<'_>) -> Result<()> {
        let start = section.data_offset();
        let content = byte_range(start..start + section.data().len() as u64);
        if section.name() == "name" {
            self.name_section = Some(content.clone());
        }
        push(&mut self.custom_sections, CustomSection::new(section.name().len(), content))
    }

    /// Completes the description.
    pub fn complete(self, module: &mut Module) {
        module.data = self.data;
        module.name_section = self.name_section;
        module.custom_sections = self.custom_sections;
    }
}

/// Reads all items of a section, with their offsets.
fn each<'a, T: FromReader<'a>>(
    section: SectionLimited<'a, T>,
    mut keep: impl FnMut(T, u64) -> Result<()>,
) -> Result<()> {
    for item in section.into_iter_with_offsets() {
        let (offset, item) = item.map_err(malformed)?;
        keep(item, offset)?;
    }
    Ok(())
}

fn push<T>(list: &mut Vec<T>, item: T) -> Result<()> {
    list.try_reserve(1)?;
    list.push(item);
    Ok(())
}

fn text(text: &str) -> Result<Box<str>> {
    let mut copy = String::new();
    copy.try_reserve_exact(text.len())?;
    copy.push_str(text);
    Ok(copy.into_boxed_str())
}

/// The limit on a module's size keeps every offset within 32 bits.
pub(super) fn byte_range(range: Range<u64>) -> Range<u32> {
    range.start as u32..range.end as u32
}
