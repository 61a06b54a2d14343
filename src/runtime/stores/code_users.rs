//! The instances of a store by the code that they run, to find the instance of a frame. For each code, their number
//! and the exclusive-or of their addresses are kept: with a count of one, that is the address. A code set has one
//! [`CodeObject`], however many pieces of code it gets, and so one entry here.

use crate::abi::Tier;
use crate::code::CodeObject;
use crate::runtime::engines::module::Compiled;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Any, Gc, Header};
use hashbrown::HashMap;
use std::cell::RefCell;
use std::ptr::{self, NonNull};
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct CodeUsers {
    users: RefCell<HashMap<usize, Users>>,
}

struct Users {
    compiled: Arc<Compiled>,
    count: usize,
    /// Exclusive-or of the addresses.
    mixed: usize,
}

impl CodeUsers {
    /// Reserves room for one more instance.
    pub(crate) fn make_room(&self) -> Result<(), OutOfMemory> {
        self.users.borrow_mut().try_reserve(1).map_err(|_| OutOfMemory)
    }

    /// Room must have been reserved.
    pub(crate) fn add(&self, code: &CodeObject, compiled: &Arc<Compiled>, instance: Gc<Any>) {
        let mut users = self.users.borrow_mut();
        let unused = || Users { compiled: compiled.clone(), count: 0, mixed: 0 };
        let users = users.entry(key(code)).or_insert_with(unused);
        users.count += 1;
        users.mixed ^= instance.header_ptr().as_ptr().expose_provenance();
    }

    pub(crate) fn remove(&self, code: &CodeObject, instance: &Header) {
        let mut all = self.users.borrow_mut();
        let Some(users) = all.get_mut(&key(code)) else { return };
        users.count -= 1;
        users.mixed ^= ptr::from_ref(instance).addr();
        if users.count == 0 {
            all.remove(&key(code));
        }
    }

    /// The instance with this code, if there is exactly one.
    pub(crate) fn only(&self, code: &CodeObject) -> Option<Gc<Any>> {
        let users = self.users.borrow();
        let users = users.get(&key(code)).filter(|users| users.count == 1)?;
        let instance = NonNull::new(ptr::with_exposed_provenance_mut::<Header>(users.mixed))?;
        // SAFETY: the address of the one instance that has been added and not been removed.
        Some(unsafe { Gc::from_header(instance) })
    }

    /// The tier of the code that makes the call which returns to `return_address`.
    pub(crate) fn tier_at(&self, code: &CodeObject, return_address: usize) -> Option<Tier> {
        let users = self.users.borrow();
        users.get(&key(code))?.compiled.tier_at(code, return_address)
    }

    /// Whether some instance may pass a call on to another without leaving a frame.
    pub(crate) fn tail_calls_leave(&self) -> bool {
        self.users.borrow().values().any(|users| users.compiled.tail_calls_leave())
    }
}

fn key(code: &CodeObject) -> usize {
    ptr::from_ref(code).addr()
}
