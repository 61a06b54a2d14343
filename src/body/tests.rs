//! What the tests of this folder share.

use crate::binary::{Limits, decode};
use crate::module::Module;
use crate::types::TypeRegistry;
use wasmparser::{BinaryReader, Operator, OperatorsReader};

/// A module from text. Its bodies need not be valid.
pub(super) fn module(wat: &str) -> Module {
    let bytes = wat::parse_str(wat).unwrap();
    decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap().module
}

/// Every opcode, followed by bytes that may be its immediates.
pub(super) fn encodings() -> impl Iterator<Item = Vec<u8>> {
    // All zero; different small numbers; numbers of several bytes; types.
    const IMMEDIATES: [[u8; 20]; 4] = [
        [0; 20],
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
        [0x81, 0x80, 1, 0xff, 0x7f, 0x82, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8],
        [0x7f, 0x7e, 0x40, 0x70, 0x6f, 0x63, 0, 0x64, 0x69, 0x42, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ];
    let single = (0..=0xfau8).map(|opcode| vec![opcode]);
    // Opcodes after a prefix, in two bytes.
    let pair = |prefix| (0..0x200u16).map(move |n| vec![prefix, n as u8 | 0x80, (n >> 7) as u8]);
    let prefixed = [0xfb, 0xfc, 0xfd, 0xfe].into_iter().flat_map(pair);
    let follow = |opcode: Vec<u8>| IMMEDIATES.map(|immediates| [&opcode[..], &immediates].concat());
    single.chain(prefixed).flat_map(follow)
}

/// Every operator that the parser can read, with all immediates zero: its name, the operator, and its full debug
/// text.
pub(super) fn for_each_operator(mut look: impl FnMut(&str, &Operator<'_>, &str)) {
    let mut seen = 0;
    for bytes in encodings().step_by(4) {
        let Ok(op) = OperatorsReader::new(BinaryReader::new(&bytes, 0)).read() else { continue };
        let text = format!("{op:?}");
        look(text.split(' ').next().unwrap_or(&text), &op, &text);
        seen += 1;
    }
    assert!(seen > 500, "only {seen} operators");
}
