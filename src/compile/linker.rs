//! Collects functions from several workers in one block of code.
//!
//! Functions are placed by index, not in the order in which they finish, so the block is the same for any number of
//! workers; a function that finishes early waits its turn. The block is reserved generously (only touched pages
//! cost memory) and trimmed at the end; if it is too small after all, it moves to a larger one. Each function's
//! bytes are freed as soon as they are placed, so peak memory is the code once, plus the functions that wait.

use super::spread::start_from;
use crate::abi::FunctionCode;
use crate::code::function_table::{FunctionSpan, SiteTable, SiteTableBuilder};
use crate::code::sites::{FunctionSites, SitesError};
use crate::code::{CodeBlock, CodeError, CodeMemory, PublishedCode};
use crate::error::Error;
use crate::sys::lock::Lock;
use crate::types::DefinedFuncIndex;

/// Fills the gaps between functions: a breakpoint, so that running into one stops at once.
const PADDING: [u8; 128] = [0xcc; 128];

/// Direct calls reach 2 GiB.
const MAX_CODE: usize = i32::MAX as usize;

/// Collects finished functions.
pub struct Linker {
    memory: CodeMemory,
    state: Lock<State>,
}

struct State {
    block: CodeBlock,
    used: usize,
    /// Start of every function placed so far.
    starts: Vec<u32>,
    waiting: Vec<Option<Box<Finished>>>,
    sites: SiteTableBuilder,
    /// Calls of functions that were not placed yet.
    forward: Vec<Call>,
}

struct Call {
    /// Offset of the 4-byte field in the block.
    field: u32,
    target: DefinedFuncIndex,
}

struct Finished {
    code: FunctionCode,
    sites: FunctionSites,
}

/// The finished code of a module.
pub struct Placed {
    pub code: PublishedCode,
    pub starts: Vec<u32>,
    pub sites: SiteTable,
}

impl Linker {
    /// For `functions` functions with about `estimate` bytes of code.
    pub fn new(memory: &CodeMemory, functions: usize, estimate: usize) -> Result<Linker, Error> {
        let mut starts = Vec::new();
        starts.try_reserve_exact(functions)?;
        let mut waiting = Vec::new();
        waiting.try_reserve_exact(functions)?;
        waiting.resize_with(functions, || None);
        let state = State {
            block: reserve(memory, estimate)?,
            used: 0,
            starts,
            waiting,
            sites: SiteTableBuilder::with_capacity(functions, 0).map_err(sites_error)?,
            forward: Vec::new(),
        };
        Ok(Linker { memory: memory.clone(), state: Lock::new(state) })
    }

    /// Takes a function. If it is next, places it and those that waited for it.
    pub fn add(&self, func: DefinedFuncIndex, code: FunctionCode) -> Result<(), Error> {
        let sites = FunctionSites::encode_with(&code.sites, &code.details).map_err(sites_error)?;
        let mut state = self.state.lock();
        state.waiting[func.index()] = Some(Box::new(Finished { code, sites }));
        while let Some(next) = state.take_next() {
            state.place(*next, &self.memory)?;
        }
        Ok(())
    }

    /// Links the calls and publishes the code, once every function was added.
    pub fn finish(self) -> Result<Placed, Error> {
        let mut state = self.state.into_inner();
        if state.starts.len() != state.waiting.len() {
            return Err(Error::internal("a function was not compiled"));
        }
        for call in std::mem::take(&mut state.forward) {
            let target = state.starts[call.target.index()];
            let distance = rel32(call.field, target);
            state.block.write(call.field as usize, &distance).map_err(code_error)?;
        }
        state.block.shrink(state.used);
        let code = state.block.publish().map_err(code_error)?;
        Ok(Placed { code, starts: state.starts, sites: state.sites.finish() })
    }
}

impl State {
    fn take_next(&mut self) -> Option<Box<Finished>> {
        self.waiting.get_mut(self.starts.len())?.take()
    }

    fn place(&mut self, mut next: Finished, memory: &CodeMemory) -> Result<(), Error> {
        let number = self.starts.len();
        let start = start_from(self.used, number, &next.code);
        let end = start + next.code.bytes.len();
        self.make_room(end, memory)?;
        let (code_start, code_len) = (start as u32, next.code.bytes.len() as u32);
        self.starts.push(code_start);
        self.link(&mut next.code, code_start)?;
        self.block.write(self.used, &PADDING[..start - self.used]).map_err(code_error)?;
        self.block.write(start, &next.code.bytes).map_err(code_error)?;
        self.used = end;
        let span = FunctionSpan { function: number as u32, code_start, code_len };
        self.sites.push(span, next.sites).map_err(sites_error)
    }

    /// Links calls of placed functions, and records the others.
    fn link(&mut self, code: &mut FunctionCode, code_start: u32) -> Result<(), Error> {
        for call in &code.calls {
            let field = code_start + call.offset;
            match self.starts.get(call.target.index()) {
                Some(target) => {
                    let at = call.offset as usize;
                    let bytes = code.bytes.get_mut(at..at + 4);
                    let bytes = bytes.ok_or_else(|| Error::internal("relocation out of range"))?;
                    bytes.copy_from_slice(&rel32(field, *target));
                }
                None => {
                    self.forward.try_reserve(1)?;
                    self.forward.push(Call { field, target: call.target });
                }
            }
        }
        Ok(())
    }

    fn make_room(&mut self, end: usize, memory: &CodeMemory) -> Result<(), Error> {
        if end > MAX_CODE {
            let text = "the module's code would exceed 2 GiB";
            return Err(Error::limit(crate::error::Phase::Compile, text));
        }
        if end <= self.block.len() {
            return Ok(());
        }
        let wanted = end.saturating_mul(2).min(MAX_CODE);
        let mut larger =
            memory.allocate(wanted).or_else(|_| memory.allocate(end)).map_err(code_error)?;
        larger.write(0, &self.block.bytes()[..self.used]).map_err(code_error)?;
        self.block = larger;
        Ok(())
    }
}

/// A block of `estimate` bytes, or less when there is not enough address space.
fn reserve(memory: &CodeMemory, estimate: usize) -> Result<CodeBlock, Error> {
    let estimate = estimate.clamp(1, MAX_CODE);
    let smaller = || memory.allocate((estimate / 4).max(1));
    memory.allocate(estimate).or_else(|_| smaller()).map_err(code_error)
}

fn rel32(field: u32, target: u32) -> [u8; 4] {
    target.wrapping_sub(field).wrapping_sub(4).to_le_bytes()
}

pub(super) fn sites_error(error: SitesError) -> Error {
    match error {
        SitesError::OutOfMemory(error) => error.into(),
        SitesError::Malformed => Error::internal("malformed site table"),
    }
}

pub(super) fn code_error(error: CodeError) -> Error {
    match error {
        CodeError::OutOfMemory(error) => error.into(),
        other => Error::system(other.to_string()),
    }
}
