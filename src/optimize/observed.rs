//! What a running module shows about itself to the compiler of its hot functions.
//!
//! Code that is compiled before a module runs knows nothing of this. Whatever is answered here may only make code
//! faster: it was read while other threads change it, and the answers may differ from one moment to the next.

use crate::abi::call_targets::LikelyTarget;
use crate::types::DefinedFuncIndex;
use smallvec::SmallVec;

/// What an indirect call probably calls.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LikelyTargets {
    /// The most frequent first. None if it is not clear.
    pub targets: SmallVec<[LikelyTarget; 4]>,
    /// Branches that compare targets are probably predicted. So it is if there are more than four.
    pub are_predictable: bool,
}

/// The code set for which a function is optimized.
pub trait Observed {
    /// Whether the function has code that will never be replaced. Then it may be called directly.
    fn is_final(&self, func: DefinedFuncIndex) -> bool;

    /// Whether the function was never called.
    fn is_unused(&self, func: DefinedFuncIndex) -> bool;

    /// The functions of the module that the indirect call at a byte offset in the module probably calls.
    fn likely_targets(&self, wasm_offset: u32) -> LikelyTargets;
}
