//! The export section, read without copies of its names.
//!
//! wasmparser's validator keeps a copy of each name, and looks for duplicates in a map of them: 17 MB for a module with 75,000
//! exports, of which nothing is needed afterwards. Names are in the module's bytes, so a set of positions is enough. What is
//! not clearly valid is left to wasmparser, which says what is wrong.

use super::sections::{Sections, byte_range};
use crate::error::Error;
use crate::module::{Export, ExportTable};
use crate::types::ExternKind;
use wasmparser::BinaryReader;

/// The fewest bytes of an export.
const LEAST_BYTES: usize = 3;

/// wasmparser limits the values of all imported and exported types to a million, and so decides about more of them.
const MANY_VALUES: usize = 500_000;

/// The exports of a section that begins at an offset of the module, if they can be read.
pub fn read_exports(section: &[u8], offset: u64) -> Result<Option<Vec<Export>>, Error> {
    let mut reader = BinaryReader::new(section, offset);
    let Ok(count) = reader.read_var_u32() else { return Ok(None) };
    let mut exports = Vec::new();
    exports.try_reserve_exact((count as usize).min(section.len() / LEAST_BYTES))?;
    exports.extend((0..count).map_while(|_| read_export(&mut reader)));
    Ok((exports.len() == count as usize && reader.eof()).then_some(exports))
}

fn read_export(reader: &mut BinaryReader<'_>) -> Option<Export> {
    let len = reader.read_string().ok()?.len() as u64;
    let end = reader.original_position();
    let kind = match reader.read_u8().ok()? {
        0 => ExternKind::Func,
        1 => ExternKind::Table,
        2 => ExternKind::Memory,
        3 => ExternKind::Global,
        4 => ExternKind::Tag,
        _ => return None,
    };
    Some(Export { name: byte_range(end - len..end), kind, index: reader.read_var_u32().ok()? })
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
    Ok(values <= MANY_VALUES && ExportTable::new(exports, bytes)?.is_some())
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
