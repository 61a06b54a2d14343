//! Faults of guest code become traps.
//!
//! The signal handler asks [`on_fault`], which claims a fault only if the program counter lies at
//! an instruction that a compiler has marked with a trap code. It looks that up without locks,
//! records the trap, and lets the interrupted thread continue at the entry frame. Everything else
//! belongs to the embedder.

use super::record::Reason;
use super::unwind::{Position, capture};
use crate::abi::TrapCode;
use crate::stubs::enter::enter_trap;
use crate::sys::signals::{self, Fault};
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// Finds the trap code of an instruction, `None` if the address is not one that may fault. Called
/// in signal handlers: no lock, no allocation, no thread-local.
pub type TrapLookup = fn(pc: usize) -> Option<TrapCode>;

static LOOKUP: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Signal handlers are installed as long as one of these exists.
#[derive(Debug)]
pub struct FaultTraps(());

impl FaultTraps {
    /// Installs the signal handlers unless they are there. All callers pass the same function.
    pub fn install(lookup: TrapLookup) -> std::io::Result<FaultTraps> {
        LOOKUP.store(lookup as *mut (), Release);
        signals::acquire(on_fault)?;
        Ok(FaultTraps(()))
    }
}

impl Drop for FaultTraps {
    fn drop(&mut self) {
        signals::release();
    }
}

/// Whether the fault was guest code's; its context then continues at the entry frame.
fn on_fault(fault: &mut Fault) -> bool {
    let lookup = LOOKUP.load(Acquire);
    if lookup.is_null() {
        return false;
    }
    // SAFETY: only `install` stores here, a `TrapLookup`.
    let lookup: TrapLookup = unsafe { std::mem::transmute(lookup) };
    let Some(code) = lookup(fault.pc()) else { return false };
    let at = Position { pc: fault.pc(), fp: fault.fp() };
    // SAFETY: guest code keeps its frame pointer while it runs instructions that may fault.
    let entry = unsafe { capture(at, Reason::Code(code), fault.address()) };
    fault.resume(enter_trap(), entry.fp(), entry.sp());
    true
}
