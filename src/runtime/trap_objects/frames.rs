//! Where guest code was when it trapped.
//!
//! Traps are made often and read rarely, so they keep raw program counters with the code they belong to; frames and
//! names are computed on demand.

use super::callers::{Caller, Chain};
use crate::abi::TrapRecord;
use crate::abi::trap_record::MAX_FRAMES;
use crate::code::{self, CodeObject};
use crate::dwarf::{SourcePlace, Work};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::Gc;
use crate::runtime::heap::tracer::Tracer;
use crate::runtime::instances::instance::Instance;
use crate::runtime::instances::out_of_bounds::Fault;
use crate::runtime::stores::store::Store;
use crate::types::FuncIndex;
use std::sync::Arc;

/// Where guest code was: frames, innermost first, and their code, with its only instance in the store if there was
/// exactly one.
#[derive(Default)]
pub(super) struct Frames {
    raw: Vec<RawFrame>,
    /// The innermost frame is at an instruction that faulted.
    faulted: bool,
    code: Vec<(Arc<CodeObject>, Option<Gc<Instance>>)>,
}

struct RawFrame {
    pc: usize,
    caller: Caller,
}

/// One guest frame of a backtrace.
#[derive(Clone)]
pub struct Frame {
    code: Arc<CodeObject>,
    pub func: FuncIndex,
    /// Byte offset in the module.
    pub module_offset: u32,
}

/// A frame and its instance, if known, which the trap keeps alive.
pub struct TracedFrame {
    pub frame: Frame,
    pub instance: Option<Gc<Instance>>,
}

impl Frame {
    /// Byte offset from the first byte of the function's body (its locals).
    pub fn func_offset(&self) -> u32 {
        let module = self.code.module();
        let start = module.defined(self.func).map(|d| module.bodies.get(d).start);
        self.module_offset.saturating_sub(start.unwrap_or(0))
    }

    pub fn func_name(&self) -> Option<String> {
        self.code.module().function_name(self.func)
    }

    pub fn display_name(&self) -> Option<String> {
        self.code.module().display_name(self.func)
    }

    /// The place of the frame's instruction in the source, if the module has debug information. Depth 0 is the
    /// innermost function that the compiler of the module inlined there, and the last one is the frame's own.
    pub fn source(&self, depth: usize) -> Option<SourcePlace> {
        let mut place =
            self.code.module().source_at(self.module_offset, depth, &Work::endless())?;
        place.func = place.func.or_else(|| self.display_name());
        Some(place)
    }

    pub fn module_name(&self) -> Option<String> {
        self.code.module().module_name()
    }
}

impl Frames {
    /// The access of the innermost frame's instruction, if it faulted at an address (zero: it did not) and its
    /// instance is known.
    pub(super) fn fault(&self, address: usize) -> Option<Fault> {
        if address == 0 {
            return None;
        }
        let pc = self.raw.first()?.pc;
        let (code, only) = self.code.iter().find(|(code, _)| code.contains(pc))?;
        let place = code.trap_at(pc)?;
        let instance = only.or_else(|| self.traced().ok()?.first()?.instance)?;
        Fault::new(&instance, place.wasm_offset, address)
    }

    pub(super) fn trace(&self, tracer: &mut Tracer) {
        self.code.iter().filter_map(|(_, only)| *only).for_each(|i| tracer.visit(i));
        for frame in &self.raw {
            if let Caller::Host(Some(instance)) = frame.caller {
                tracer.visit(instance);
            }
        }
    }

    /// At most [`MAX_FRAMES`], innermost first: with inlined functions there may be more.
    pub(super) fn traced(&self) -> Result<Vec<TracedFrame>, OutOfMemory> {
        let mut list = Vec::new();
        list.try_reserve_exact(self.raw.len()).map_err(|_| OutOfMemory)?;
        let mut chain = Chain::default();
        for (i, &RawFrame { pc, caller }) in self.raw.iter().enumerate().rev() {
            let Some((code, only)) = self.code.iter().find(|(code, _)| code.contains(pc)) else {
                continue;
            };
            let instance = chain.next(caller, code, pc, *only);
            let begin = list.len();
            for place in code.frames_at(pc, self.faulted && i == 0) {
                let (func, module_offset) = (place.func, place.wasm_offset);
                let frame = Frame { code: code.clone(), func, module_offset };
                list.try_reserve(1).map_err(|_| OutOfMemory)?;
                list.push(TracedFrame { frame, instance });
            }
            list[begin..].reverse();
        }
        list.reverse();
        list.truncate(MAX_FRAMES);
        Ok(list)
    }
}

impl Store {
    /// Collects program counters with the code they are in, and what is known of instances.
    pub(super) fn gather(&self, record: &TrapRecord) -> Option<Frames> {
        let mut frames = Frames { faulted: record.faulted(), ..Frames::default() };
        frames.raw.try_reserve_exact(record.frames().len()).ok()?;
        for (pc, called_by) in record.frames().zip(record.callers()) {
            // SAFETY: the calls have just ended, and nothing has been collected since.
            let caller = unsafe { Caller::new(called_by) };
            frames.raw.push(RawFrame { pc, caller });
            if !frames.code.iter().any(|(code, _)| code.contains(pc))
                // SAFETY: the code has just been on the stack, so its instance is alive.
                && let Some(code) = unsafe { code::find_shared(pc) }
            {
                frames.code.try_reserve(1).ok()?;
                let only = self.only_instance(&code);
                frames.code.push((code, only));
            }
        }
        Some(frames)
    }
}
