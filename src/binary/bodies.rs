//! Function bodies: readers of them, at any time, on any thread (see [`crate::body`]).

use super::proposals;
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use wasmparser::{BinaryReader, FunctionBody};

/// A reader of the locals and instructions of one function, with offsets in the module.
pub fn function_body(module: &Module, func: DefinedFuncIndex) -> FunctionBody<'_> {
    FunctionBody::new(reader(module.body(func), module.bodies.get(func).start))
}

/// A reader of part of the module's bytes, with offsets in the module.
pub fn reader(bytes: &[u8], offset: u32) -> BinaryReader<'_> {
    BinaryReader::new_features(bytes, u64::from(offset), proposals::BODIES)
}
