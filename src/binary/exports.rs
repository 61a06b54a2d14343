//! The export section, read without copies of its names.
//!
//! wasmparser's validator keeps a copy of each name, and looks for duplicates in a map of them: 17 MB for a module with 75,000
//! exports, of which nothing is needed afterwards. Names are in the module's bytes, so a set of positions is enough. What is
//! not clearly valid is left to wasmparser, which says what is wrong.

use super::sections::Sections;
use crate::error::Error;
use crate::module::Export;
use crate::types::ExternKind;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::ops::Range;
use wasmparser::BinaryReader;

/// The fewest bytes of an export.
const LEAST_BYTES: usize = 3;

/// wasmparser limits the values of all imported and exported types to a million, and so decides about more of them.
const MANY_VALUES: usize = 500_000;

/// The exports of a section in a module's bytes, if it can be read.
pub fn read_exports(bytes: &[u8], section: Range<u64>) -> Result<Option<Vec<Export>>, Error> {
    let section = section.start as usize..section.end as usize;
    let Some(content) = bytes.get(section.clone()) else { return Ok(None) };
    let mut reader = BinaryReader::new(content, section.start as u64);
    let Ok(count) = reader.read_var_u32() else { return Ok(None) };
    let mut exports = Vec::new();
    exports.try_reserve_exact((count as usize).min(content.len() / LEAST_BYTES))?;
    for _ in 0..count {
        let Some(export) = read_export(&mut reader) else { return Ok(None) };
        exports.try_reserve(1)?;
        exports.push(export);
    }
    Ok(reader.eof().then_some(exports))
}

fn read_export(reader: &mut BinaryReader<'_>) -> Option<Export> {
    let name = reader.read_string().ok()?;
    let end = reader.original_position() as u32;
    let kind = match reader.read_u8().ok()? {
        0 => ExternKind::Func,
        1 => ExternKind::Table,
        2 => ExternKind::Memory,
        3 => ExternKind::Global,
        4 => ExternKind::Tag,
        _ => return None,
    };
    let name = end - name.len() as u32..end;
    Some(Export { name, kind, index: reader.read_var_u32().ok()? })
}

/// Whether exports are certainly valid: what they export exists, no name is there twice, and their types are small.
pub fn are_valid(exports: &[Export], bytes: &[u8], before: &Sections) -> Result<bool, Error> {
    let mut values = 0;
    for export in exports {
        match before.values_of(export.kind, export.index) {
            Some(more) => values += more,
            None => return Ok(false),
        }
    }
    Ok(values <= MANY_VALUES && !has_duplicates(exports, bytes)?)
}

fn has_duplicates(exports: &[Export], bytes: &[u8]) -> Result<bool, Error> {
    let hasher = DefaultHashBuilder::default();
    let name = |position: u32| &bytes[exports[position as usize].place()];
    let hash = |position: &u32| hasher.hash_one(name(*position));
    let mut names = HashTable::new();
    names.try_reserve(exports.len(), hash).map_err(|_| Error::out_of_memory())?;
    for position in 0..exports.len() as u32 {
        let is_same = |other: &u32| name(*other) == name(position);
        if names.find(hash(&position), is_same).is_some() {
            return Ok(true);
        }
        names.insert_unique(hash(&position), position, hash);
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use crate::binary::{Limits, SECTIONS, decode};
    use crate::types::TypeRegistry;
    use wasmparser::Validator;

    /// What is wrong with a module, said by this library and by wasmparser.
    fn errors(bytes: &[u8]) -> (Option<String>, Option<String>) {
        let ours = decode(bytes, &TypeRegistry::default(), &Limits::default()).err();
        let theirs = Validator::new_with_features(SECTIONS).validate_all(bytes).err();
        (ours.map(|e| e.message().to_string()), theirs.map(|e| e.message().to_string()))
    }

    #[test]
    fn wrong_exports_are_found_and_named() {
        let many = "i32 ".repeat(1000);
        let large: String = (0..600).map(|i| format!("(export \"{i}\" (func 0))")).collect();
        for (text, is_valid) in [
            (r#"(func) (memory 1) (export "f" (func 0)) (export "m" (memory 0))"#, true),
            (r#"(tag) (table 1 funcref) (export "" (tag 0)) (export "t" (table 0))"#, true),
            (r#"(func) (export "f" (func 0)) (export "f" (func 0))"#, false),
            (r#"(func) (memory 1) (export "f" (func 0)) (export "f" (memory 0))"#, false),
            (r#"(func) (export "f" (func 1))"#, false),
            (r#"(export "g" (global 0))"#, false),
            (r#"(export "t" (tag 0))"#, false),
            (&format!("(func (param {many}) unreachable) {large}"), true),
            (&format!("(func (param {many})) {large} (export \"5\" (func 0))"), false),
        ] {
            let (ours, theirs) = errors(&wat::parse_str(format!("(module {text})")).unwrap());
            assert_eq!((ours.is_none(), &ours), (is_valid, &theirs), "{text:.80}");
        }
    }

    #[test]
    fn sections_of_exports_are_read_as_wasmparser_reads_them() {
        let head = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01";
        let memory = b"\x01\x01m\x02\0";
        for (sections, is_valid) in [
            (vec![&memory[..]], true),
            // Twice; one byte more; one export less; no such kind; a name that is no text.
            (vec![memory, memory], false),
            (vec![b"\x01\x01m\x02\0\0"], false),
            (vec![b"\x02\x01m\x02\0"], false),
            (vec![b"\x01\x01m\x07\0"], false),
            (vec![b"\x01\x01\xff\x02\0"], false),
        ] {
            let mut bytes = head.to_vec();
            for section in &sections {
                bytes.extend([7, section.len() as u8]);
                bytes.extend(*section);
            }
            let (ours, theirs) = errors(&bytes);
            assert_eq!((ours.is_none(), &ours), (is_valid, &theirs), "{sections:?}");
        }
    }
}
