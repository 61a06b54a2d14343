//! Adding code to a set, function by function.
//!
//! Code goes into chunks of memory that are filled one after the other. A chunk is registered once, for its whole
//! range, and knows its functions in a table that grows. Which thread adds next is decided by a lock of the engine,
//! which every fork waits for, so a child finds all sets consistent; memory that the parent may still write to is not
//! used by the child ([`GrowingBlock`]).

use super::call_targets::CallTargets;
use super::context::CompileContext;
use super::linker::{code_error, sites_error};
use super::loop_entries::LoopEntries;
use super::spread::start_from;
use super::states::{State, States};
use super::units::ModuleBodies;
use super::whole::Whole;
use crate::abi::vmctx::Slot;
use crate::abi::{CodeMode, DirectCalls, FunctionCode, Tier, Variant};
use crate::code::function_table::FunctionSpan;
use crate::code::sites::FunctionSites;
use crate::code::{CodeObject, GrowingBlock, registry};
use crate::error::Error;
use crate::observe::{CodeKind, Functions, Known, Part};
use crate::sys::lock::Lock;
use crate::sys::once::OnceArc;
use crate::types::DefinedFuncIndex;
use std::sync::Arc;
use std::sync::atomic::Ordering::Acquire;

/// The first chunk of a set is small, since most modules are; each further one is twice as large.
const FIRST_CHUNK: usize = 8 << 10;
const LARGEST_CHUNK: usize = 1 << 20;

/// A chunk has room for a function per this many bytes.
const BYTES_PER_FUNCTION: usize = 64;

/// What a set needs to get more code.
pub struct Growth {
    pub(super) context: Arc<CompileContext>,
    pub(super) bodies: ModuleBodies,
    mode: CodeMode,
    /// Baseline code may be replaced by optimized code.
    pub(super) tiers_up: bool,
    pub(super) states: States,
    pub(super) loop_entries: LoopEntries,
    pub(super) call_targets: CallTargets,
    /// Code of earlier runs that was taken over.
    recalled: OnceArc<Whole>,
    /// Only locked while the engine's lock is held.
    chunks: Lock<Vec<GrowingChunk>>,
}

struct GrowingChunk {
    _registration: registry::Registration,
    known: Known,
    block: GrowingBlock,
}

impl Growth {
    pub(super) fn new(
        context: &Arc<CompileContext>,
        bodies: ModuleBodies,
        mode: CodeMode,
        tiers_up: bool,
        state: State,
    ) -> Result<Growth, Error> {
        let states = States::new(bodies.functions() as usize, state)?;
        let (context, chunks) = (context.clone(), Lock::new(Vec::new()));
        let (loop_entries, call_targets) = (LoopEntries::default(), CallTargets::default());
        let recalled = OnceArc::new();
        Ok(Growth {
            context,
            bodies,
            mode,
            tiers_up,
            states,
            loop_entries,
            call_targets,
            recalled,
            chunks,
        })
    }

    /// How functions are compiled in a tier.
    pub(super) fn variant(&self, tier: Tier) -> Variant {
        let counted = self.tiers_up && tier == Tier::Baseline;
        Variant { mode: self.mode, direct_calls: DirectCalls::Own, counted }
    }

    /// Writes a function's code and returns its address; none if it calls code directly that is too far away. The
    /// engine's lock is held.
    pub(super) fn place(
        &self,
        (object, slots): (&Arc<CodeObject>, &[Slot]),
        func: DefinedFuncIndex,
        kind: CodeKind,
        mut code: FunctionCode,
    ) -> Result<Option<usize>, Error> {
        let sites = FunctionSites::encode_with(&code.sites, &code.details).map_err(sites_error)?;
        let mut chunks = self.chunks.lock();
        let start_in = |block: &GrowingBlock| start_from(block.next_start(), func.index(), &code);
        let fits = |chunk: &GrowingChunk| {
            chunk.block.has_room(start_in(&chunk.block) + code.bytes.len())
                && object.chunks().next().is_some_and(|table| table.has_room())
        };
        if !chunks.last().is_some_and(fits) {
            self.begin_chunk(object, &mut chunks, code.bytes.len())?;
        }
        let chunk = chunks.last_mut().ok_or_else(Error::out_of_memory)?;
        let start = start_in(&chunk.block);
        let own = matches!(kind, CodeKind::Function(_)).then_some(func);
        if !link(&mut code, chunk.block.range().start + start, own, slots)? {
            return Ok(None);
        }
        let address = chunk.block.add(start, &code.bytes).map_err(code_error)?;
        let code_len = code.bytes.len() as u32;
        let span = FunctionSpan { function: func.0, code_start: 0, code_len };
        let parts = &[Part { span, kind, sites: sites.bytes() }];
        let (module, bytes) = (&*self.bodies.module, &*code.bytes);
        let functions = Functions { module, address, bytes, parts };
        self.context.tools().functions(&functions, &mut chunk.known);
        let table = object.chunks().next().ok_or_else(Error::out_of_memory)?;
        let span = FunctionSpan { code_start: start as u32, ..span };
        self.bodies.counters.hold(bytes.len() + sites.bytes().len());
        table.push(span, sites).map_err(sites_error)?;
        Ok(Some(address))
    }

    /// Holds code of earlier runs.
    pub(super) fn hold(&self, recalled: Whole) {
        self.recalled.get_or_offer(Arc::new(recalled));
    }

    /// Copies code that was placed here.
    pub(super) fn copy_code(&self, address: usize, out: &mut [u8]) -> Result<(), Error> {
        if self.recalled.get().is_some_and(|whole| whole.copy(address, out)) {
            return Ok(());
        }
        let _growing = self.context.growing();
        let chunks = self.chunks.lock();
        let code = chunks.iter().find_map(|chunk| {
            let start = address.checked_sub(chunk.block.range().start)?;
            chunk.block.added(start..start.checked_add(out.len())?)
        });
        out.copy_from_slice(code.ok_or_else(|| Error::internal("code in no chunk"))?);
        Ok(())
    }

    /// Begins a chunk with room for a function of `len` bytes.
    fn begin_chunk(
        &self,
        object: &Arc<CodeObject>,
        chunks: &mut Vec<GrowingChunk>,
        len: usize,
    ) -> Result<(), Error> {
        chunks.try_reserve(1)?;
        let usual = FIRST_CHUNK << chunks.len().min(LARGEST_CHUNK.ilog2() as usize);
        // Wherever in a line it begins.
        let least = len + 2 * crate::abi::function_code::LINE as usize;
        let len = usual.min(LARGEST_CHUNK).max(least);
        let memory = self.context.code_memory();
        let block = GrowingBlock::new(memory, len).or_else(|_| GrowingBlock::new(memory, least));
        let block = block.map_err(code_error)?;
        let range = block.range();
        let functions = range.len() / BYTES_PER_FUNCTION;
        let registration = registry::register(range.clone(), Arc::as_ptr(object).cast())?;
        let known = self.context.tools().range(range.clone());
        object.add_growing(range, functions)?;
        if let Some(full) = chunks.last_mut() {
            full.block.close();
        }
        chunks.push(GrowingChunk { _registration: registration, known, block });
        Ok(())
    }
}

/// Links the direct calls of code that will be at `start`: to itself, if it is the code of a function, and to code that
/// is final. False if some of that is too far away.
fn link(
    code: &mut FunctionCode,
    start: usize,
    own: Option<DefinedFuncIndex>,
    slots: &[Slot],
) -> Result<bool, Error> {
    for call in &code.calls {
        let target = match own == Some(call.target) {
            true => start,
            false => slots[call.target.index()].load(Acquire),
        };
        let Some(distance) = call.distance(start, target) else { return Ok(false) };
        let at = call.offset as usize;
        let field = code.bytes.get_mut(at..at + 4);
        let field = field.ok_or_else(|| Error::internal("a call outside of its code"))?;
        field.copy_from_slice(&distance);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::CallRelocation;

    #[test]
    fn direct_calls_reach_two_gigabytes() {
        let near = 0x7000_0000_0000_usize;
        let slots = [near + 100, near + (1 << 31) + 14, near + (1 << 31) + 15].map(Slot::new);
        let linked = |target, own| {
            let target = DefinedFuncIndex(target);
            let mut code = FunctionCode {
                bytes: vec![0xcc; 20],
                alignment: 1,
                in_line: None,
                calls: vec![CallRelocation { offset: 11, target }],
                sites: Vec::new(),
                details: Vec::new(),
            };
            let is_linked = link(&mut code, near, own, &slots).unwrap();
            is_linked.then(|| i32::from_le_bytes(code.bytes[11..15].try_into().unwrap()))
        };
        assert_eq!(linked(0, None), Some(85));
        assert_eq!(linked(0, Some(DefinedFuncIndex(0))), Some(-15));
        assert_eq!(linked(1, None), Some(i32::MAX));
        assert_eq!(linked(2, None), None);
    }
}
