//! Traps without a store, for calls that no store can handle.
//!
//! A call of NULL, or of a function whose store was deleted, must not look successful, so it has to return a trap.
//! There is one trap for each such reason, made before the program starts. It is like an object whose store was
//! deleted, except that its message can still be read. Its handles are not counted: copying and deleting them
//! changes nothing, so any thread may do so.

use super::trap::{Message, Trap};
use crate::abi::trap::TrapCode;
use crate::runtime::heap::object::{Header, Object};
use std::ptr::NonNull;

/// Why a function cannot be called.
#[derive(Clone, Copy)]
pub enum Reason {
    NullFunction,
    NotAFunction,
    StoreDeleted,
    StoreDying,
    Internal,
}

struct Storeless(Object<Trap>);

// SAFETY: nothing writes to these objects: not to the count of handles, which is at its maximum, nor to
// what objects of a store have.
unsafe impl Sync for Storeless {}

/// By the number of the reason.
static TRAPS: [Storeless; 5] = [
    Storeless::new(Message::text("the function is NULL")),
    Storeless::new(Message::text("the handle is not that of a function")),
    Storeless::new(Message::text("the store of the function has been deleted")),
    Storeless::new(Message::text("the store of the function is being deleted")),
    Storeless::new(Message::Code(TrapCode::InternalError)),
];

impl Storeless {
    const fn new(message: Message) -> Storeless {
        Storeless(Object::without_store(Trap::new(message)))
    }
}

/// The trap for a reason.
pub fn trap(reason: Reason) -> NonNull<Header> {
    NonNull::from(TRAPS[reason as usize].0.header())
}

/// The trap of a handle, if it is one of these.
pub fn find(header: &Header) -> Option<&'static Trap> {
    let found = TRAPS.iter().find(|trap| std::ptr::eq(trap.0.header(), header));
    found.map(|trap| trap.0.payload_without_store())
}
