//! Exports, and a table of their names. The names stay in the module's bytes.

use super::Module;
use crate::sys::OutOfMemory;
use crate::types::ExternKind;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::ops::Range;

pub struct Export {
    /// Where the name is in the module's bytes.
    pub name: Range<u32>,
    pub kind: ExternKind,
    pub index: u32,
}

impl Export {
    /// The name, in the module that has this export.
    pub fn name<'m>(&self, module: &'m Module) -> &'m str {
        std::str::from_utf8(self.name_in(&module.bytes)).unwrap_or_default()
    }

    /// The name, in the bytes of the module that has this export.
    pub fn name_in<'m>(&self, bytes: &'m [u8]) -> &'m [u8] {
        bytes.get(self.name.start as usize..self.name.end as usize).unwrap_or_default()
    }
}

/// Positions of exports, by the hashes of their names.
pub struct ExportTable {
    hasher: DefaultHashBuilder,
    positions: HashTable<u32>,
}

impl ExportTable {
    /// The table of all exports of a module with these bytes. None if two have the same name.
    pub fn new(exports: &[Export], bytes: &[u8]) -> Result<Option<ExportTable>, OutOfMemory> {
        let (hasher, mut positions) = (DefaultHashBuilder::default(), HashTable::new());
        let name = |position: u32| exports[position as usize].name_in(bytes);
        let hash = |position: &u32| hasher.hash_one(name(*position));
        positions
            .try_reserve(exports.len(), hash)
            .map_err(|_| OutOfMemory { bytes: 8 * exports.len() })?;
        for position in 0..exports.len() as u32 {
            let is_same = |other: &u32| name(*other) == name(position);
            match positions.entry(hash(&position), is_same, hash) {
                Entry::Occupied(_) => return Ok(None),
                Entry::Vacant(place) => place.insert(position),
            };
        }
        Ok(Some(ExportTable { hasher, positions }))
    }

    /// The export with that name, in the module that the table is of.
    pub fn find<'m>(&self, module: &'m Module, name: &[u8]) -> Option<&'m Export> {
        let export = |position: &u32| module.exports.get(*position as usize);
        let is_same = |position: &u32| {
            export(position).is_some_and(|export| export.name_in(&module.bytes) == name)
        };
        self.positions.find(self.hasher.hash_one(name), is_same).and_then(export)
    }
}
