//! Why instantiation failed.

use crate::abi::trap::TrapCode;
use crate::error::{Error, Phase};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::Gc;
use crate::runtime::stores::limits::Refusal;
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::trap::Trap;

/// Why instantiation failed.
pub enum Failure {
    /// Imports do not match, or memory is short.
    Error(Error),
    /// A segment or the start function trapped.
    Trap(Gc<Trap>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(error)
    }
}

impl From<OutOfMemory> for Failure {
    fn from(_: OutOfMemory) -> Failure {
        Failure::Error(Error::out_of_memory().during(Phase::Instantiate))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Error(Error::from(refusal).during(Phase::Instantiate))
    }
}

impl Store {
    /// The failure for a trap without frames.
    pub(super) fn trap_failure(&self, code: TrapCode) -> Failure {
        match self.new_trap(self.trap_message(code)) {
            Ok(trap) => Failure::Trap(trap),
            Err(error) => error.into(),
        }
    }
}
