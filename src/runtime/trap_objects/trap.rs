//! Trap objects: a message, and where guest code was.
//!
//! A trap that a host callback returned is the same object that the outermost call returns; its frames are filled
//! in at the first guest frame it passes.

use super::exception::Exception;
use super::frames::Frames;
pub use super::frames::{Frame, TracedFrame};
use crate::abi::trap::TrapCode;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::Tracer;
use crate::runtime::instances::out_of_bounds::Fault;
use crate::runtime::stores::store::Store;
use std::borrow::Cow;
use std::cell::OnceCell;

/// The message of a trap.
pub enum Message {
    Code(TrapCode),
    /// The code, and a detail.
    Detailed(TrapCode, Cow<'static, [u8]>),
    /// An out-of-bounds access, formatted on demand.
    Fault(Fault),
    /// Nobody caught it.
    Exception(Gc<Exception>),
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

    /// Why nothing was run.
    pub fn refusal(text: &'static str) -> Message {
        Message::Detailed(TrapCode::Refused, Cow::Borrowed(text.as_bytes()))
    }
}

pub struct Trap {
    message: Message,
    pub(super) frames: OnceCell<Frames>,
}

impl Payload for Trap {
    const KIND: Kind = Kind::Trap;
    fn weight(&self) -> usize {
        let text = match &self.message {
            Message::Code(_) | Message::Fault(_) | Message::Exception(_) => 0,
            Message::Detailed(_, text) | Message::Text(text) => text.len(),
        };
        1 + text / WEIGHED_BYTES
    }

    fn trace(&self, tracer: &mut Tracer) {
        if let Message::Exception(exception) = &self.message {
            tracer.visit(*exception);
        }
        if let Some(frames) = self.frames.get() {
            frames.trace(tracer);
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
            Message::Exception(exception) => exception.to_string().into_bytes().into(),
            Message::Detailed(_, text) | Message::Text(text) => text.as_ref().into(),
        }
    }

    /// The message for another trap.
    pub(super) fn copied_message(&self) -> Message {
        let (code, text) = match &self.message {
            Message::Code(code) => return Message::Code(*code),
            Message::Fault(fault) => return Message::Fault(*fault),
            Message::Exception(exception) => {
                return Message::detailed(TrapCode::Exception, exception.to_string());
            }
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
            Message::Exception(_) => Some(TrapCode::Exception),
            Message::Text(_) => None,
        }
    }

    /// The exception that the trap carries.
    pub fn exception(&self) -> Option<Gc<Exception>> {
        match self.message {
            Message::Exception(exception) => Some(exception),
            _ => None,
        }
    }

    /// The guest frames, innermost first.
    pub fn frames(&self) -> Result<Vec<TracedFrame>, OutOfMemory> {
        self.frames.get().map_or(Ok(Vec::new()), Frames::traced)
    }
}

impl Store {
    pub fn new_trap(&self, message: Message) -> Result<Gc<Trap>, OutOfMemory> {
        self.heap.allocate(Trap::new(message), 0)
    }

    /// The message for a trap with this code, with the detail that the store was given.
    pub(crate) fn trap_message(&self, code: TrapCode) -> Message {
        match self.take_explanation() {
            Some(detail) => Message::detailed(code, format!("{}: {detail}", code.phrase())),
            None => Message::Code(code),
        }
    }
}
