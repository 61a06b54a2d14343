//! The memory that compiling takes: estimated while code is emitted, limited by a setting, and claimed before it is
//! needed. A few bytes of a body may push a thousand operands, and so become kilobytes of code.

use super::blocks::{Block, Try};
use super::emitter::Emitter;
use crate::asm::x64::Assembler;
use crate::body::error::CompileError;
use crate::body::limits::{LEAST_MEMORY, LEAST_MEMORY_PER_BYTE};
use crate::sys::claim::Claim;

pub(super) struct ClaimedMemory {
    claim: Claim,
    base: u64,
    allowed: u64,
    /// Up to here nothing needs to be checked: it is claimed, and allowed.
    enough: u64,
}

const PER_LOCAL: u64 = 64;
/// For each byte of code: it exists twice, with room to grow.
const PER_CODE: u64 = 4;
const PER_OPERAND: u64 = 64;
const PER_SITE: u64 = 64;
/// For each call in a try: its handler and the details of its site.
const PER_HANDLER: u64 = 160;
const PER_LABEL: u64 = 64;
/// While a list grows, it exists three times.
const PER_BLOCK: u64 = 3 * size_of::<Block>() as u64;
/// An open try and its clauses.
const PER_TRY: u64 = 3 * size_of::<Try>() as u64 + 128;

impl ClaimedMemory {
    pub fn new(allowed: u64, body: usize, locals: usize) -> Result<ClaimedMemory, CompileError> {
        let bytes = LEAST_MEMORY_PER_BYTE * body as u64;
        let base = LEAST_MEMORY + bytes + PER_LOCAL * locals as u64;
        let claim = claim(base + bytes)?;
        let enough = (claim.bytes() as u64).min(allowed);
        Ok(ClaimedMemory { claim, base, allowed, enough })
    }

    /// The most bytes of code for which there may be memory: one instruction of a body may emit any number.
    pub fn most_code(&self) -> usize {
        (self.allowed.saturating_sub(self.base) / PER_CODE) as usize
    }

    #[inline]
    pub fn check(&mut self, emitter: &Emitter<'_>) -> Result<(), CompileError> {
        let need = self.base
            + PER_CODE * emitter.asm.len() as u64
            + PER_OPERAND * emitter.stack.len() as u64
            + PER_SITE * emitter.sites.len() as u64
            + PER_HANDLER * emitter.handlers.len() as u64
            + PER_LABEL * emitter.labels.len() as u64
            + PER_BLOCK * emitter.blocks.len() as u64
            + PER_TRY * emitter.tries.len() as u64;
        if need > self.enough {
            self.claim_more(need)?;
        }
        self.check_code(emitter.asm)
    }

    /// Fails if code is missing.
    #[inline]
    pub fn check_code(&self, asm: &Assembler) -> Result<(), CompileError> {
        match asm.is_complete() {
            true => Ok(()),
            false => Err(self.incomplete(asm)),
        }
    }

    #[cold]
    fn incomplete(&self, asm: &Assembler) -> CompileError {
        match asm.is_full() {
            true if self.most_code() <= Assembler::MOST => self.too_much(),
            true => CompileError::Limit("the function would have more than 2 GiB of machine code"),
            false => CompileError::OutOfMemory,
        }
    }

    fn too_much(&self) -> CompileError {
        CompileError::TooMuchMemory { allowed: self.allowed }
    }

    #[cold]
    fn claim_more(&mut self, need: u64) -> Result<(), CompileError> {
        if need > self.allowed {
            return Err(self.too_much());
        }
        self.claim = claim(need.saturating_mul(2).min(self.allowed))?;
        self.enough = (self.claim.bytes() as u64).min(self.allowed);
        Ok(())
    }
}

fn claim(bytes: u64) -> Result<Claim, CompileError> {
    Claim::new(usize::try_from(bytes).unwrap_or(usize::MAX)).map_err(|_| CompileError::OutOfMemory)
}
