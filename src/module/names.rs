//! Function and module names from the custom section "name".
//!
//! Names serve errors, backtraces and tools, so the section is read when somebody first asks, and
//! damage in it is ignored: it yields the names read so far. What is kept of it are places in the
//! module's bytes, sorted by function index, so that one name costs a binary search however many
//! there are.

use super::Module;
use crate::sys::once::OnceArc;
use crate::types::FuncIndex;
use std::ops::Range;
use std::sync::Arc;
use wasmparser::{BinaryReader, Name, NameSectionReader};

/// The names of a module, once somebody has asked for them.
#[derive(Default)]
pub struct Names {
    functions: OnceArc<Box<[Naming]>>,
}

/// Function `index` is called what the bytes say from `start` on.
#[derive(Clone, Copy)]
struct Naming {
    index: u32,
    start: u32,
    len: u32,
}

impl Module {
    /// The name of a function, from the name section.
    pub fn function_name(&self, func: FuncIndex) -> Option<String> {
        let cell = &self.names.functions;
        let names = cell
            .get()
            .unwrap_or_else(|| cell.get_or_offer(Arc::new(self.read_names().unwrap_or_default())));
        let place = names.binary_search_by_key(&func.0, |naming| naming.index).ok()?;
        let Naming { start, len, .. } = names[place];
        let name = self.bytes.get(start as usize..)?.get(..len as usize)?;
        owned(std::str::from_utf8(name).ok()?)
    }

    /// The module's own name, from the name section.
    pub fn module_name(&self) -> Option<String> {
        self.name_subsections().find_map(|subsection| match subsection {
            Name::Module { name, .. } => owned(name),
            _ => None,
        })
    }

    /// The functions' names by index; `None` when memory is short. The reader stops at whatever is
    /// out of order, so they are sorted.
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

fn owned(name: &str) -> Option<String> {
    let mut copy = String::new();
    copy.try_reserve_exact(name.len()).ok()?;
    copy.push_str(name);
    Some(copy)
}
