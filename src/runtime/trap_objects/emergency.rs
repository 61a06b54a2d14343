//! Traps that arise outside guest code, even when memory is short.
//!
//! A store keeps a trap for when no other can be allocated.

use super::trap::{Message, Trap};
use crate::abi::TrapCode;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Any, Gc, give_up_root};
use crate::runtime::stores::store::Store;

/// A trap that arose outside guest code. If it cannot be allocated, the store's emergency trap is returned.
#[cold]
pub(crate) fn fail(store: &Store, message: Message) -> Gc<Trap> {
    match store.new_trap(message) {
        Ok(trap) => {
            store.renew_emergency_trap();
            trap
        }
        Err(_) => store.emergency_trap(),
    }
}

impl Store {
    /// See [`fail`].
    pub fn trap_or_emergency(&self, message: Message) -> Gc<Trap> {
        fail(self, message)
    }

    /// Makes the emergency trap, when the store is made. Its root belongs to the store.
    pub(crate) fn prepare_for_emergencies(&self) -> Result<(), OutOfMemory> {
        let trap = self.new_trap(Message::Code(TrapCode::OutOfMemory))?;
        self.emergency.set(Some(trap.any()));
        Ok(())
    }

    /// The emergency trap, with a root for the caller: it says "out of memory".
    fn emergency_trap(&self) -> Gc<Trap> {
        let trap = self.emergency.get().and_then(Gc::<Any>::downcast);
        let trap: Gc<Trap> = trap.unwrap_or_else(|| unreachable!("set when the store is made"));
        trap.header().add_root();
        self.emergency_used.set(true);
        trap
    }

    /// Whether this is the emergency trap. It has no frames: while memory is short the same object is returned for
    /// every trap.
    pub(super) fn is_emergency(&self, trap: Gc<Trap>) -> bool {
        self.emergency.get().is_some_and(|emergency| emergency == trap.any())
    }

    /// Replaces an emergency trap that was handed out, once memory is available again.
    fn renew_emergency_trap(&self) {
        if self.emergency_used.get()
            && let Ok(fresh) = self.new_trap(Message::Code(TrapCode::OutOfMemory))
        {
            self.emergency_used.set(false);
            if let Some(used) = self.emergency.replace(Some(fresh.any())) {
                give_up_root(used.header_ptr());
            }
        }
    }
}
