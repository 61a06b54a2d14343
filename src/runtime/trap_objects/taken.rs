//! The trap that ended guest code, made from the store's record or taken from the callback that returned it.

use super::emergency::fail;
use super::storeless;
use super::trap::{Message, Trap};
use crate::abi::TrapReason;
use crate::abi::trap::TrapCode;
use crate::runtime::heap::object::{Gc, Header};
use crate::runtime::stores::store::Store;
use std::ptr::NonNull;

impl Store {
    /// The trap that has just ended guest code, with a root for the caller.
    pub(crate) fn take_trap(&self) -> Gc<Trap> {
        let record = self.record();
        let frames = self.gather(record);
        let trap = match record.reason() {
            Some(TrapReason::Code(code)) => {
                let faulted = (code == TrapCode::MemoryOutOfBounds)
                    .then(|| frames.as_ref()?.fault(record.fault_address()))
                    .flatten();
                let message = faulted.map(Message::Fault);
                fail(self, message.unwrap_or_else(|| self.trap_message(code)))
            }
            Some(TrapReason::Host(trap)) => self.host_trap(trap),
            Some(TrapReason::Exception(thrown)) => self.uncaught(thrown),
            None => fail(self, Message::Code(TrapCode::InternalError)),
        };
        // The emergency trap may be handed out again, for another place.
        if trap.frames.get().is_none()
            && !self.is_emergency(trap)
            && let Some(frames) = frames
        {
            let _ = trap.frames.set(frames);
        }
        self.collect_traps_if_due();
        trap
    }

    /// The trap that a callback returned, if it belongs to this store.
    fn host_trap(&self, handle: *mut ()) -> Gc<Trap> {
        // SAFETY: a callback returns a trap handle that it owned, or the host breaks its contract.
        let header = unsafe { &*handle.cast::<Header>() };
        if let Some(trap) = storeless::find(header) {
            return fail(self, trap.copied_message());
        }
        match header.downcast::<Trap>() {
            Some(trap) if self.owns(header) => trap,
            Some(trap) => {
                let message = match header.store() {
                    Some(_) => trap.copied_message(),
                    None => Message::text("a host function returned a trap of a deleted store"),
                };
                give_back(header);
                fail(self, message)
            }
            None => {
                give_back(header);
                fail(self, Message::Code(TrapCode::BadHostResult))
            }
        }
    }
}

fn give_back(header: &Header) {
    // SAFETY: the callback's own handle.
    unsafe { Header::drop_root(NonNull::from(header)) };
}
