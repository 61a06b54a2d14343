//! What the tests of this folder share.

use crate::binary::{Limits, decode};
use crate::module::Module;
use crate::types::TypeRegistry;

/// A module of text. Its bodies need not be valid.
pub(super) fn module(wat: &str) -> Module {
    let bytes = wat::parse_str(wat).unwrap();
    decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap().module
}
