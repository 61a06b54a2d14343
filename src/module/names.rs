//! Function and module names from the custom section "name".
//!
//! Names serve errors and backtraces only, so the section is read when somebody asks, and damage in
//! it is ignored: it yields the names read so far.

use super::Module;
use crate::types::FuncIndex;
use wasmparser::{BinaryReader, Name, NameSectionReader};

impl Module {
    /// The name of a function, from the name section.
    pub fn function_name(&self, func: FuncIndex) -> Option<String> {
        self.name_subsections().find_map(|subsection| match subsection {
            Name::Function(map) => map
                .into_iter()
                .map_while(Result::ok)
                .find(|naming| naming.index == func.0)
                .map(|naming| naming.name.to_owned()),
            _ => None,
        })
    }

    /// The module's own name, from the name section.
    pub fn module_name(&self) -> Option<String> {
        self.name_subsections().find_map(|subsection| match subsection {
            Name::Module { name, .. } => Some(name.to_owned()),
            _ => None,
        })
    }

    fn name_subsections(&self) -> impl Iterator<Item = Name<'_>> {
        let range = self.name_section.clone().unwrap_or(0..0);
        let bytes = &self.bytes[range.start as usize..range.end as usize];
        NameSectionReader::new(BinaryReader::new(bytes, u64::from(range.start)))
            .map_while(Result::ok)
    }
}
