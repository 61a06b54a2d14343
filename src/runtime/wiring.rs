//! Where the folders are joined: engines and stores are made with those functions of upper folders that lower ones
//! must call without naming them.
//!
//! These are the table of what each kind of object does, and the hooks of the stubs.

use super::calls::{entry, results};
use super::engines::config::Config;
use super::engines::engine::Engine;
use super::externs::func::Func;
use super::externs::global::Global;
use super::externs::table::Table;
use super::externs::tag::Tag;
use super::heap::alloc::OutOfMemory;
use super::heap::payload::{KindMethods, KindTable};
use super::instances::imports::Imports;
use super::instances::instance::Instance;
use super::memories::memory::Memory;
use super::stores::handles::{Foreign, StoreModule};
use super::stores::store::Store;
use super::trap_objects::exception::Exception;
use super::trap_objects::trap::Trap;
use crate::error::Error;
use std::ptr::NonNull;
use std::sync::Arc;

static KINDS: KindTable = KindTable::new([
    KindMethods::of::<Func>(),
    KindMethods::of::<Global>(),
    KindMethods::of::<Table>(),
    KindMethods::of::<Memory>(),
    KindMethods::of::<Tag>(),
    KindMethods::of::<Instance>(),
    KindMethods::of::<StoreModule>(),
    KindMethods::of::<Trap>(),
    KindMethods::of::<Foreign>(),
    KindMethods::of::<Exception>(),
    KindMethods::of::<Imports>(),
]);

impl Engine {
    pub fn new(config: Config) -> Result<Arc<Engine>, Error> {
        Engine::with_hooks(config, results::HOOKS)
    }
}

impl Store {
    pub fn new(engine: Arc<Engine>) -> Result<NonNull<Store>, OutOfMemory> {
        let store = Store::bare(engine, &entry::HOOKS, &KINDS)?;
        // SAFETY: just made, and not used after it has been deleted.
        unsafe {
            store.as_ref().prepare_for_emergencies().inspect_err(|_| Store::delete(store))?;
        }
        Ok(store)
    }
}
