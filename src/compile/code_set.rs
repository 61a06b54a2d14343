//! A module's code in one mode, with the slots through which it is called.
//!
//! A code set is created whole: once it exists, every slot holds the address of final code and the registry knows
//! the range. It must outlive every instance whose vmctx points to its slots, and every frame in its code;
//! instances hold it by `Arc`.

use super::linker::Placed;
use crate::abi::CodeMode;
use crate::abi::vmctx::Slot;
use crate::code::sites::SiteTable;
use crate::code::{CodeObject, PublishedCode, registry};
use crate::error::Error;
use crate::module::Module;
use std::sync::Arc;

/// The code of one module in one mode.
pub struct CodeSet {
    mode: CodeMode,
    /// One per defined function.
    slots: Box<[Slot]>,
    /// The parts of the code, in the order in which they must be dropped; none without functions.
    code: Option<Code>,
}

struct Code {
    _registration: registry::Registration,
    published: PublishedCode,
    /// The registry points to it.
    object: Arc<CodeObject>,
}

impl CodeSet {
    /// For a module without defined functions.
    pub fn empty(mode: CodeMode) -> CodeSet {
        CodeSet { mode, slots: Box::default(), code: None }
    }

    /// Makes placed code reachable.
    pub fn new(module: &Arc<Module>, mode: CodeMode, placed: Placed) -> Result<CodeSet, Error> {
        let range = placed.code.range();
        let mut slots = Vec::new();
        slots.try_reserve_exact(placed.starts.len())?;
        slots.extend(placed.starts.iter().map(|offset| Slot::new(range.start + *offset as usize)));
        let object = Arc::new(CodeObject::new(module.clone(), range.clone(), placed.sites));
        let registration = registry::register(range, Arc::as_ptr(&object).cast())?;
        let code = Code { _registration: registration, published: placed.code, object };
        Ok(CodeSet { mode, slots: slots.into_boxed_slice(), code: Some(code) })
    }

    pub fn mode(&self) -> CodeMode {
        self.mode
    }

    /// By [`DefinedFuncIndex`](crate::types::DefinedFuncIndex).
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// What lookups by address return.
    pub fn object(&self) -> Option<&CodeObject> {
        self.code.as_ref().map(|code| &*code.object)
    }

    /// The machine code and the table of its functions and sites; none without functions.
    pub fn parts(&self) -> Option<(&[u8], &SiteTable)> {
        self.code.as_ref().map(|code| (code.published.bytes(), code.object.sites()))
    }
}
