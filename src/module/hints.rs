//! Branch hints, from the custom section "metadata.code.branch_hint": which `if`s and branches are likely.
//!
//! The section is read when the first function is optimized. Damage in it is ignored, as in other custom sections: the
//! hints read so far are kept. Those for places without a branch are never looked up.

use super::Module;
use crate::sys::once::OnceArc;
use crate::types::FuncIndex;
use std::sync::Arc;
use wasmparser::{BinaryReader, BranchHintSectionReader};

const SECTION: &[u8] = b"metadata.code.branch_hint";

/// The hints of a module, in ascending order of their offsets.
pub type BranchHints = Box<[BranchHint]>;

/// The branch at a byte offset in the module is likely taken, or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BranchHint {
    offset: u32,
    is_likely: bool,
}

/// Where hints are kept once they were read.
pub(super) type Kept = OnceArc<BranchHints>;

impl Module {
    /// The branch hints. None while sections are still arriving.
    pub fn branch_hints(&self) -> Option<Arc<BranchHints>> {
        if self.custom_sections.is_empty() {
            return None;
        }
        let read = || self.read_branch_hints().unwrap_or_default();
        Some(self.hints.get().unwrap_or_else(|| self.hints.get_or_offer(Arc::new(read()))))
    }

    /// None if memory is short.
    fn read_branch_hints(&self) -> Option<BranchHints> {
        let mut sections = (0..self.custom_sections.len()).map_while(|n| self.custom_section(n));
        let (_, content) = sections.find(|(name, _)| *name == SECTION)?;
        let functions = BranchHintSectionReader::new(BinaryReader::new(content, 0)).ok()?;
        let mut all = Vec::new();
        for function in functions.into_iter().map_while(Result::ok) {
            let Some(func) = self.defined(FuncIndex(function.func)) else { continue };
            if func.index() >= self.bodies.len() {
                continue;
            }
            let body = self.bodies.get(func);
            for hint in function.hints.into_iter().map_while(Result::ok) {
                let offset = body.start.saturating_add(hint.func_offset);
                all.try_reserve(1).ok()?;
                all.push(BranchHint { offset, is_likely: hint.taken });
            }
        }
        all.sort_by_key(|hint| hint.offset);
        Some(all.into_boxed_slice())
    }
}

/// Whether the branch at a byte offset in the module is likely; none if there is no hint.
pub fn is_likely(hints: &[BranchHint], offset: u32) -> Option<bool> {
    let found = hints.binary_search_by_key(&offset, |hint| hint.offset).ok()?;
    Some(hints[found].is_likely)
}
