//! Function bodies: what the sections provide to read and validate them, at any time, on any thread.
//!
//! The validator's knowledge of the module and a function's index are enough to validate or compile a body as often
//! as needed, in any order (see [`crate::body`]).

use super::proposals;
use crate::error::Error;
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use wasmparser::{BinaryReader, FuncToValidate, FunctionBody, ValidatorResources};

/// What validating a body needs from its module. Cheap to clone.
#[derive(Clone, Default)]
pub struct Validation {
    /// Absent if the module has no bodies.
    resources: Option<ValidatorResources>,
}

impl Validation {
    pub(super) fn keep(&mut self, func: FuncToValidate<ValidatorResources>) {
        self.resources.get_or_insert(func.resources);
    }

    /// The validator's view of one function.
    pub fn function(
        &self,
        module: &Module,
        func: DefinedFuncIndex,
    ) -> Result<FuncToValidate<ValidatorResources>, Error> {
        let Some(resources) = self.resources.clone() else {
            return Err(Error::internal("a module without bodies has no function to validate"));
        };
        let index = module.func_index(func);
        let ty = module.functions[index.index()];
        Ok(FuncToValidate { resources, index: index.0, ty: ty.0, features: proposals::BODIES })
    }
}

/// A reader of the locals and instructions of one function, with offsets in the module.
pub fn function_body(module: &Module, func: DefinedFuncIndex) -> FunctionBody<'_> {
    FunctionBody::new(reader(module.body(func), module.bodies[func.index()].start))
}

/// A reader of part of the module's bytes, with offsets in the module.
pub fn reader(bytes: &[u8], offset: u32) -> BinaryReader<'_> {
    BinaryReader::new_features(bytes, u64::from(offset), proposals::BODIES)
}
