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

/// Every operator that the parser can read, with all immediates zero: its name, the operator, and its full debug
/// text.
pub(super) fn for_each_operator(mut look: impl FnMut(&str, &Operator<'_>, &str)) {
    let single = (0..=0xfau8).map(|opcode| vec![opcode]);
    // Opcodes after a prefix, in two bytes.
    let pair = |prefix| (0..0x200u16).map(move |n| vec![prefix, n as u8 | 0x80, (n >> 7) as u8]);
    let prefixed = [0xfb, 0xfc, 0xfd, 0xfe].into_iter().flat_map(pair);
    let mut seen = 0;
    for mut bytes in single.chain(prefixed) {
        bytes.extend([0; 20]);
        let Ok(op) = OperatorsReader::new(BinaryReader::new(&bytes, 0)).read() else { continue };
        let text = format!("{op:?}");
        look(text.split(' ').next().unwrap_or(&text), &op, &text);
        seen += 1;
    }
    assert!(seen > 500, "only {seen} operators");
}
