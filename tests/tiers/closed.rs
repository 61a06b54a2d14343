//! Makes a module of its own what it imports, functions excepted, so that it runs where nothing but functions is
//! provided.
//!
//! Imports come before definitions in the index space of their kind. So an imported memory, table, global or tag that
//! becomes one of the first definitions keeps its index, and no code changes. It is exported as well, to be looked at.

use wasm_encoder::{Encode, Module, RawSection};
use wasmparser::{BinaryReader, Parser, TypeRef, ValType};

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// The sections of a module in order, custom ones excepted.
const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/// By kind of import: the section with the definitions.
const DEFINITIONS: [u8; 5] = [3, 4, 5, 6, 13];
const FUNCTION: u8 = 0;

#[derive(Default)]
struct Entries {
    count: u32,
    bytes: Vec<u8>,
}

impl Entries {
    fn add(&mut self, parts: &[&[u8]]) {
        self.count += 1;
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
    }

    /// These, and behind them what a section has.
    fn before(self, section: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut reader = BinaryReader::new(section.unwrap_or(&[0]), 0);
        let mut all = Vec::new();
        (self.count + reader.read_var_u32().ok()?).encode(&mut all);
        all.extend(self.bytes);
        all.extend(reader.read_bytes(reader.bytes_remaining()).ok()?);
        Some(all)
    }
}

/// What the imports of a module become: by kind, what is defined (functions: what is still imported); and exports.
#[derive(Default)]
struct Imports {
    kinds: [Entries; 5],
    exports: Entries,
}

impl Imports {
    fn read(section: &[u8]) -> Option<Imports> {
        let mut imports = Imports::default();
        let mut reader = BinaryReader::new(section, 0);
        for _ in 0..reader.read_var_u32().ok()? {
            let start = reader.original_position() as usize;
            reader.read_string().ok()?;
            reader.read_string().ok()?;
            let names = reader.original_position() as usize;
            let ty = reader.read::<TypeRef>().ok()?;
            let entry = &section[start..reader.original_position() as usize];
            imports.add(entry, names - start, ty)?;
        }
        Some(imports)
    }

    /// An import whose names have this length.
    fn add(&mut self, entry: &[u8], names: usize, ty: TypeRef) -> Option<()> {
        let (kind, ty_bytes) = (entry[names], &entry[names + 1..]);
        let entries = self.kinds.get_mut(usize::from(kind))?;
        let mut export = Vec::new();
        format!("import {kind} {}", entries.count).encode(&mut export);
        export.push(kind);
        entries.count.encode(&mut export);
        match ty {
            TypeRef::Func(_) => entries.add(&[entry]),
            TypeRef::Global(global) => entries.add(&[ty_bytes, zero(global.content_type)?]),
            TypeRef::FuncExact(_) => return None,
            _ => entries.add(&[ty_bytes]),
        }
        if kind != FUNCTION {
            self.exports.add(&[&export]);
        }
        Some(())
    }
}

/// None if the module is malformed, or if an imported global cannot be zero.
pub fn closed(module: &[u8]) -> Option<Vec<u8>> {
    let mut sections: [Option<Vec<u8>>; 14] = Default::default();
    for payload in Parser::new(0).parse_all(module) {
        let Some((id, range)) = payload.ok()?.as_section() else { continue };
        if let Some(place) = sections.get_mut(usize::from(id)).filter(|_| id != 0) {
            *place = Some(module[range.start as usize..range.end as usize].to_vec());
        }
    }
    if let Some(section) = sections[usize::from(IMPORTS)].take() {
        let Imports { kinds, exports } = Imports::read(&section)?;
        let places = DEFINITIONS.iter().zip(kinds).map(|(id, entries)| match *id {
            id if id == DEFINITIONS[usize::from(FUNCTION)] => (IMPORTS, entries),
            id => (id, entries),
        });
        for (id, entries) in places.chain([(EXPORTS, exports)]).filter(|(_, new)| new.count > 0) {
            let place = &mut sections[usize::from(id)];
            *place = Some(entries.before(place.as_deref())?);
        }
    }
    let mut closed = Module::new();
    for id in ORDER {
        if let Some(data) = &sections[usize::from(id)] {
            closed.section(&RawSection { id, data });
        }
    }
    Some(closed.finish())
}

/// An initial value.
fn zero(ty: ValType) -> Option<&'static [u8]> {
    Some(match ty {
        ValType::I32 => &[0x41, 0, 0x0b],
        ValType::I64 => &[0x42, 0, 0x0b],
        ValType::F32 => &[0x43, 0, 0, 0, 0, 0x0b],
        ValType::F64 => &[0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b],
        ValType::FUNCREF => &[0xd0, 0x70, 0x0b],
        ValType::EXTERNREF => &[0xd0, 0x6f, 0x0b],
        _ => return None,
    })
}
