//! Faults of guest code become traps.
//!
//! The signal handler asks [`on_fault`], which claims a fault only if the program counter is at an instruction that
//! a compiler has marked with a trap code, and if the code fits this kind of fault. It looks that up without locks,
//! records the trap, and lets the interrupted thread continue at the entry frame. A floating-point exception is not
//! a trap: the host unmasked it, and guest code continues in a mode that masks it (see `stubs::float_mode`).
//! Everything else belongs to the embedder.

use crate::abi::{TrapCode, TrapReason};
use crate::stubs::entry::enter_trap;
use crate::stubs::float_mode;
use crate::stubs::walk::{Position, capture, entry_of};
use crate::sys::signals::{self, Fault, FaultKind};
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// An instruction of guest code.
#[derive(Clone, Copy, Debug)]
pub struct GuestCode {
    /// The trap code, if the instruction may fault.
    pub trap: Option<TrapCode>,
}

/// Looks an instruction up, `None` if the address is not in guest code. Called in signal handlers: no
/// lock, no allocation, no thread-local.
pub type Lookup = fn(pc: usize) -> Option<GuestCode>;

static LOOKUP: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Signal handlers stay installed while one of these exists.
#[derive(Debug)]
pub struct FaultTraps(());

impl FaultTraps {
    /// Installs the signal handlers unless they are installed. All callers pass the same function.
    pub fn install(lookup: Lookup) -> std::io::Result<FaultTraps> {
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

/// Whether the fault belongs to guest code; its context then continues at the entry frame, or where it was.
fn on_fault(fault: &mut Fault) -> bool {
    let is_float = fault.kind() == FaultKind::Float;
    if is_float && let Some(next) = float_mode::skip_probe(fault.pc(), fault.rax(), fault.r10()) {
        fault.set_pc(next);
        return true;
    }
    let lookup = LOOKUP.load(Acquire);
    if lookup.is_null() {
        return false;
    }
    // SAFETY: only `install` stores here, a `Lookup`.
    let lookup: Lookup = unsafe { std::mem::transmute(lookup) };
    let Some(guest) = lookup(fault.pc()) else { return false };
    let at = Position { pc: fault.pc(), fp: fault.fp() };
    if is_float {
        return mask_exceptions(fault, at);
    }
    let Some(code) = guest.trap.filter(|code| fits(*code, fault.kind())) else { return false };
    // Other faults report the address of the instruction.
    let touched = if fault.kind() == FaultKind::Memory { fault.address() } else { 0 };
    // SAFETY: guest code keeps its frame pointer while it runs instructions that may fault.
    let entry = unsafe { capture(at, TrapReason::Code(code), Some(touched)) };
    fault.resume(enter_trap(), entry.fp(), entry.sp());
    true
}

/// Whether an instruction with this trap code traps by this kind of fault. Most codes are illegal instructions.
fn fits(code: TrapCode, kind: FaultKind) -> bool {
    match kind {
        FaultKind::Memory => code == TrapCode::MemoryOutOfBounds,
        FaultKind::Division => {
            matches!(code, TrapCode::IntegerDivideByZero | TrapCode::IntegerOverflow)
        }
        FaultKind::Illegal => true,
        FaultKind::Float => false,
    }
}

/// Makes guest code repeat an instruction in the default mode; false if it is already in that mode.
fn mask_exceptions(fault: &mut Fault, at: Position) -> bool {
    // SAFETY: as in `on_fault`; the store is alive while guest code runs in it.
    let store = unsafe { &*entry_of(at).store() };
    let Some(state) = fault.float_state() else { return false };
    let Some(adopted) = float_mode::adopt(store, *state) else { return false };
    *state = adopted;
    true
}
