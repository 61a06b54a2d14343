//! The memory that compiling one function may take: estimated while it is translated, limited by a setting, and
//! claimed before the code generator allocates it.
//!
//! The code generator's allocations are infallible, so their memory must be available in advance. What it takes
//! depends on the instructions and values of its input, of which a small body may have many. The rates are upper
//! bounds, measured on real modules and on modules that move thousands of values by a few bytes.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::sys::claim::Claim;

/// Bytes for each instruction, and for each value that is an argument of a call or block.
const PER_INSTRUCTION: u64 = 2500;
const PER_ARGUMENT: u64 = 1000;

/// For each entry of a branch table.
const PER_ENTRY: u64 = 1000;

/// For each operand of the highest stack, and each byte of the body.
const PER_OPERAND: u64 = 64;
const PER_BYTE: u64 = 100;

/// The minimum for any function.
const BASE: u64 = 64 << 10;

/// A claim that exceeds the need by more than this is given back.
const SPARE: usize = 16 << 20;

/// The claim of one compiler, kept from function to function.
pub(super) struct Budget {
    allowed: u64,
    claim: Option<Claim>,
    /// Up to here nothing needs to be checked: it is claimed, and allowed.
    enough: u64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { allowed: u64::MAX, claim: None, enough: 0 }
    }
}

impl Budget {
    pub(super) fn allow(&mut self, bytes: u64) {
        self.allowed = bytes;
    }

    /// Begins a function whose body has `size` bytes.
    pub(super) fn begin(&mut self, size: usize) -> Translated {
        self.claim.take_if(|claim| claim.bytes() > SPARE);
        self.ask(BASE + PER_BYTE * size as u64)
    }

    /// Fails if the code translated so far, plus `ahead` instructions, cannot be compiled. `height` is the height
    /// of the validator's operand stack.
    #[inline]
    pub(super) fn check(
        &mut self,
        t: &FuncTranslator<'_>,
        body: usize,
        height: u32,
        ahead: u64,
    ) -> Translated {
        let need = BASE
            + PER_BYTE * body as u64
            + PER_INSTRUCTION * (t.b.func.dfg.num_insts() as u64 + ahead)
            + PER_ARGUMENT * t.effort.moved
            + PER_ENTRY * t.effort.branch_table_entries
            + PER_OPERAND * u64::from(height);
        if need <= self.enough { Ok(()) } else { self.ask(need) }
    }

    #[cold]
    fn ask(&mut self, need: u64) -> Translated {
        if need > self.allowed {
            return Err(CompileError::TooMuchMemory { allowed: self.allowed });
        }
        let claimed = |claim: &Claim| claim.bytes() as u64;
        if self.claim.as_ref().is_none_or(|claim| need > claimed(claim)) {
            self.claim = None;
            // Room for what follows, so that this is rare.
            let bytes = usize::try_from(need.saturating_add(need / 2)).unwrap_or(usize::MAX);
            let claim = Claim::new(bytes).map_err(|_| CompileError::OutOfMemory)?;
            self.enough = claimed(&claim).min(self.allowed);
            self.claim = Some(claim);
        }
        Ok(())
    }
}
