//! Names of functions, of tags and of the module, from the custom section "name".
//!
//! Names serve errors, backtraces and tools, so the section is read on first use, and damage in it is ignored: the
//! names read so far are kept. Only their positions in the module's bytes are stored, sorted by function index, so
//! that one name costs a binary search. Tags are few and seldom shown, so their names are not kept. A function or tag
//! without a name in the section has the name of its export.

use super::Module;
use super::demangle::demangle;
use crate::quote::Visible;
use crate::sys::once::OnceArc;
use crate::types::{ExternKind, FuncIndex, TagIndex};
use std::ops::Range;
use std::sync::Arc;
use wasmparser::{BinaryReader, Name, NameSectionReader};

/// The names of a module, read on first use.
#[derive(Default)]
pub struct Names {
    functions: OnceArc<Box<[Naming]>>,
    /// Exported functions, with the numbers of their exports.
    exports: OnceArc<Box<[(u32, u32)]>>,
    /// The name that the host gave the module.
    given: OnceArc<Box<str>>,
}

/// Function `index` has the name at `start` in the bytes.
#[derive(Clone, Copy)]
struct Naming {
    index: u32,
    start: u32,
    len: u32,
}

impl Module {
    /// The name of a function for display: demangled, and without invisible characters.
    pub fn display_name(&self, func: FuncIndex) -> Option<String> {
        let name = self.function_name(func)?;
        let name = demangle(&name).unwrap_or(name);
        Some(Visible(&name).to_string())
    }

    /// The name of a function, from the name section or else from an export.
    pub fn function_name(&self, func: FuncIndex) -> Option<String> {
        self.section_name(func).or_else(|| self.export_name(func))
    }

    fn export_name(&self, func: FuncIndex) -> Option<String> {
        let exports = read_once(&self.names.exports, || self.exported_functions());
        let at = exports.partition_point(|(exported, _)| *exported < func.0);
        let (_, number) = exports.get(at).filter(|(exported, _)| *exported == func.0)?;
        owned(self.exports[*number as usize].name(self))
    }

    /// Sorted by function, then by export.
    fn exported_functions(&self) -> Option<Box<[(u32, u32)]>> {
        let mut list = Vec::new();
        for (number, export) in self.exports.iter().enumerate() {
            if export.kind == ExternKind::Func {
                list.try_reserve(1).ok()?;
                list.push((export.index, number as u32));
            }
        }
        list.sort_unstable();
        Some(list.into_boxed_slice())
    }

    /// The name of a function in the name section.
    pub fn section_name(&self, func: FuncIndex) -> Option<String> {
        let names = read_once(&self.names.functions, || self.read_names());
        let place = names.binary_search_by_key(&func.0, |naming| naming.index).ok()?;
        let Naming { start, len, .. } = names[place];
        let name = self.bytes.get(start as usize..)?.get(..len as usize)?;
        owned(std::str::from_utf8(name).ok()?)
    }

    /// The name of a tag, from the name section or else from an export.
    pub fn tag_name(&self, tag: TagIndex) -> Option<String> {
        self.section_tag_name(tag).or_else(|| {
            let mut exports = self.exports.iter();
            let export = exports.find(|e| e.kind == ExternKind::Tag && e.index == tag.0)?;
            owned(export.name(self))
        })
    }

    /// The name of a tag in the name section.
    pub fn section_tag_name(&self, tag: TagIndex) -> Option<String> {
        let map = self.name_subsections().find_map(|subsection| match subsection {
            Name::Tag(map) => Some(map),
            _ => None,
        });
        let mut names = map?.map_while(Result::ok);
        owned(names.find(|naming| naming.index == tag.0)?.name)
    }

    /// Gives the module a name. The first one stays: returns whether it is this one.
    pub fn give_name(&self, name: Box<str>) -> bool {
        let name = Arc::new(name);
        self.names.given.get_or_offer(name.clone()) == name
    }

    /// The name that the host gave the module, or else the one in the name section.
    pub fn module_name(&self) -> Option<String> {
        if let Some(given) = self.names.given.get() {
            return owned(&given);
        }
        self.name_subsections().find_map(|subsection| match subsection {
            Name::Module { name, .. } => owned(name),
            _ => None,
        })
    }

    /// The functions' names, sorted by index; `None` when memory is short. The reader stops at the first name that
    /// is out of order.
    fn read_names(&self) -> Option<Box<[Naming]>> {
        let map = self.name_subsections().find_map(|subsection| match subsection {
            Name::Function(map) => Some(map),
            _ => None,
        });
        let base = self.bytes.as_ptr() as usize;
        let mut names = Vec::new();
        for naming in map.into_iter().flatten().map_while(Result::ok) {
            names.try_reserve(1).ok()?;
            let start = (naming.name.as_ptr() as usize - base) as u32;
            names.push(Naming { index: naming.index, start, len: naming.name.len() as u32 });
        }
        Some(names.into_boxed_slice())
    }

    fn name_subsections(&self) -> impl Iterator<Item = Name<'_>> {
        let range: Range<u32> = self.name_section.clone().unwrap_or(0..0);
        let bytes = &self.bytes[range.start as usize..range.end as usize];
        NameSectionReader::new(BinaryReader::new(bytes, u64::from(range.start)))
            .map_while(Result::ok)
    }
}

/// The content of the cell, or what `read` yields; nothing when memory is short.
fn read_once<T>(
    cell: &OnceArc<Box<[T]>>,
    read: impl FnOnce() -> Option<Box<[T]>>,
) -> Arc<Box<[T]>> {
    cell.get().unwrap_or_else(|| cell.get_or_offer(Arc::new(read().unwrap_or_default())))
}

/// A copy of a name, unless it is empty.
fn owned(name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let mut copy = String::new();
    copy.try_reserve_exact(name.len()).ok()?;
    copy.push_str(name);
    Some(copy)
}
