//! What a running module shows about itself to the compiler of its hot functions.
//!
//! Code that is compiled before a module runs knows nothing of this. Whatever is answered here may only make code
//! faster: it was read while other threads change it, and the answers may differ from one moment to the next.

use crate::abi::call_targets::LikelyTarget;
use crate::types::DefinedFuncIndex;

/// The code set for which a function is optimized.
pub trait Observed {
    /// Whether the function has code that will never be replaced. Then it may be called directly.
    fn is_final(&self, func: DefinedFuncIndex) -> bool;

    /// The function of the module that the indirect call at a byte offset in the module probably calls.
    fn likely_target(&self, wasm_offset: u32) -> Option<LikelyTarget>;
}
