//! Trap objects: a message, and where guest code was.
//!
//! A trap is made often and read seldom, so it keeps raw program counters with the code they belong
//! to; frames and names are worked out when somebody asks. A trap that a host callback returned is
//! the very object that the outermost call hands out, its frames filled in at the first guest frame
//! it passes.

use super::callers::{Caller, Chain};
use super::storeless;
use crate::abi::trap::TrapCode;
use crate::abi::{TrapReason, TrapRecord};
use crate::code::{self, CodeObject};
use crate::runtime::heap::object::{Gc, Header, Kind, OutOfMemory, Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::{Trace, Tracer};
use crate::runtime::instances::instance::Instance;
use crate::runtime::instances::out_of_bounds::Fault;
use crate::runtime::stores::store::Store;
use crate::types::FuncIndex;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ptr::NonNull;
use std::sync::Arc;

/// What a trap says.
pub enum Message {
    Code(TrapCode),
    /// The code, and what happened in particular.
    Detailed(TrapCode, Cow<'static, [u8]>),
    /// An access out of bounds, put into words when somebody asks.
    Fault(Fault),
    /// Bytes without a NUL at the end.
    Text(Cow<'static, [u8]>),
}

impl Message {
    pub const fn text(text: &'static str) -> Message {
        Message::Text(Cow::Borrowed(text.as_bytes()))
    }

    pub fn owned(text: String) -> Message {
        Message::Text(Cow::Owned(text.into_bytes()))
    }

    pub fn detailed(code: TrapCode, text: String) -> Message {
        Message::Detailed(code, Cow::Owned(text.into_bytes()))
    }

    /// Why nothing ran.
    pub fn refusal(text: &'static str) -> Message {
        Message::Detailed(TrapCode::Refused, Cow::Borrowed(text.as_bytes()))
    }
}

pub struct Trap {
    message: Message,
    frames: OnceCell<Frames>,
}

/// Where guest code was: frames, innermost first, and the code that they run, with its only instance
/// in the store if there was only one.
#[derive(Default)]
struct Frames {
    raw: Vec<RawFrame>,
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

/// A frame and its instance as far as that is known, which the trap keeps alive.
pub struct TracedFrame {
    pub frame: Frame,
    pub instance: Option<Gc<Instance>>,
}

impl Frame {
    /// Byte offset from the first byte of the function's body (its locals).
    pub fn func_offset(&self) -> u32 {
        let module = self.code.module();
        let start = module.defined(self.func).map(|d| module.bodies[d.index()].start);
        self.module_offset.saturating_sub(start.unwrap_or(0))
    }

    pub fn func_name(&self) -> Option<String> {
        self.code.module().function_name(self.func)
    }

    pub fn display_name(&self) -> Option<String> {
        self.code.module().display_name(self.func)
    }

    pub fn module_name(&self) -> Option<String> {
        self.code.module().module_name()
    }
}

impl Payload for Trap {
    const KIND: Kind = Kind::Trap;
    fn weight(&self) -> usize {
        let text = match &self.message {
            Message::Code(_) | Message::Fault(_) => 0,
            Message::Detailed(_, text) | Message::Text(text) => text.len(),
        };
        1 + text / WEIGHED_BYTES
    }
}

impl Trace for Trap {
    fn trace(&self, tracer: &mut Tracer) {
        let Some(frames) = self.frames.get() else { return };
        frames.code.iter().filter_map(|(_, only)| *only).for_each(|i| tracer.visit(i));
        for frame in &frames.raw {
            if let Caller::Host(Some(instance)) = frame.caller {
                tracer.visit(instance);
            }
        }
    }
}

impl Trap {
    pub(crate) const fn new(message: Message) -> Trap {
        Trap { message, frames: OnceCell::new() }
    }

    /// The text, without a NUL at the end.
    pub fn message(&self) -> Cow<'_, [u8]> {
        match &self.message {
            Message::Code(code) => code.phrase().as_bytes().into(),
            Message::Fault(fault) => fault.to_string().into_bytes().into(),
            Message::Detailed(_, text) | Message::Text(text) => text.as_ref().into(),
        }
    }

    /// The message for another trap.
    fn copied_message(&self) -> Message {
        let (code, text) = match &self.message {
            Message::Code(code) => return Message::Code(*code),
            Message::Fault(fault) => return Message::Fault(*fault),
            Message::Detailed(code, text) => (Some(*code), text),
            Message::Text(text) => (None, text),
        };
        let mut copy = Vec::new();
        if copy.try_reserve_exact(text.len()).is_err() {
            return Message::Code(TrapCode::OutOfMemory);
        }
        copy.extend_from_slice(text);
        match code {
            Some(code) => Message::Detailed(code, copy.into()),
            None => Message::Text(copy.into()),
        }
    }

    pub fn code(&self) -> Option<TrapCode> {
        match self.message {
            Message::Code(code) | Message::Detailed(code, _) => Some(code),
            Message::Fault(_) => Some(TrapCode::MemoryOutOfBounds),
            Message::Text(_) => None,
        }
    }

    /// The guest frames, innermost first.
    pub fn frames(&self) -> Result<Vec<TracedFrame>, OutOfMemory> {
        self.frames.get().map_or(Ok(Vec::new()), Frames::traced)
    }
}

impl Frames {
    /// What the innermost frame's instruction tried to reach when it faulted at an address (zero: it did
    /// not), if its instance is known.
    fn fault(&self, address: usize) -> Option<Fault> {
        if address == 0 {
            return None;
        }
        let pc = self.raw.first()?.pc;
        let (code, only) = self.code.iter().find(|(code, _)| code.contains(pc))?;
        let place = code.trap_at(pc)?;
        let instance = only.or_else(|| self.traced().ok()?.first()?.instance)?;
        Fault::new(&instance, place.wasm_offset, address)
    }

    fn traced(&self) -> Result<Vec<TracedFrame>, OutOfMemory> {
        let mut list = Vec::new();
        list.try_reserve_exact(self.raw.len()).map_err(|_| OutOfMemory)?;
        let mut chain = Chain::default();
        for (i, &RawFrame { pc, caller }) in self.raw.iter().enumerate().rev() {
            let Some((code, only)) = self.code.iter().find(|(code, _)| code.contains(pc)) else {
                continue;
            };
            let instance = chain.next(caller, code, pc, *only);
            // Only the innermost frame can have stopped at an instruction that faulted.
            let begin = list.len();
            for place in code.frames_at(pc, i == 0) {
                let (func, module_offset) = (place.func, place.wasm_offset);
                let frame = Frame { code: code.clone(), func, module_offset };
                list.try_reserve(1).map_err(|_| OutOfMemory)?;
                list.push(TracedFrame { frame, instance });
            }
            list[begin..].reverse();
        }
        list.reverse();
        Ok(list)
    }
}

impl Store {
    pub fn new_trap(&self, message: Message) -> Result<Gc<Trap>, OutOfMemory> {
        self.allocate(Trap::new(message), 0)
    }

    /// What is to be said of the trap that a builtin raises next.
    pub(crate) fn explain_trap(&self, detail: String) {
        self.trap_detail.set(Some(detail));
    }

    pub(crate) fn trap_message(&self, code: TrapCode) -> Message {
        match self.trap_detail.take() {
            Some(detail) => Message::detailed(code, format!("{}: {detail}", code.phrase())),
            None => Message::Code(code),
        }
    }

    /// The trap for which guest code has just been left, rooted for the caller.
    pub(crate) fn take_trap(&self) -> Gc<Trap> {
        let record = self.record();
        let frames = self.gather(record);
        let trap = match record.reason() {
            Some(TrapReason::Code(code)) => {
                let faulted = (code == TrapCode::MemoryOutOfBounds)
                    .then(|| frames.as_ref()?.fault(record.fault_address()))
                    .flatten();
                let message = faulted.map(Message::Fault);
                crate::runtime::calls::call::fail(
                    self,
                    message.unwrap_or_else(|| self.trap_message(code)),
                )
            }
            Some(TrapReason::Host(trap)) => self.host_trap(trap),
            None => crate::runtime::calls::call::fail(self, Message::Code(TrapCode::InternalError)),
        };
        // The trap of last resort may be handed out again, for another place.
        if trap.frames.get().is_none()
            && !self.is_emergency(trap)
            && let Some(frames) = frames
        {
            let _ = trap.frames.set(frames);
        }
        trap
    }

    /// The trap that a callback returned, if it is one of this store.
    fn host_trap(&self, handle: *mut ()) -> Gc<Trap> {
        // SAFETY: a callback returns a trap handle that it owned, or the host breaks its contract.
        let header = unsafe { &*handle.cast::<Header>() };
        if let Some(trap) = storeless::find(header) {
            return crate::runtime::calls::call::fail(self, trap.copied_message());
        }
        match header.downcast::<Trap>() {
            Some(trap) if self.owns(header) => trap,
            Some(trap) => {
                let message = match header.store() {
                    Some(_) => trap.copied_message(),
                    None => Message::text("a host function returned a trap of a deleted store"),
                };
                give_back(header);
                crate::runtime::calls::call::fail(self, message)
            }
            None => {
                give_back(header);
                crate::runtime::calls::call::fail(self, Message::Code(TrapCode::BadHostResult))
            }
        }
    }
}

fn give_back(header: &Header) {
    // SAFETY: the callback's own handle.
    unsafe { Header::drop_root(NonNull::from(header)) };
}

impl Store {
    /// Keeps program counters together with the code they lie in, and what is known of instances.
    fn gather(&self, record: &TrapRecord) -> Option<Frames> {
        let mut frames = Frames::default();
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
                let only = self.code_users.only(&code);
                frames.code.push((code, only));
            }
        }
        Some(frames)
    }
}
