//! A call of a guest, from the C function behind the import to the function in [`crate::calls`] and back.

use crate::bindings::*;
use crate::context::Context;
use crate::errno::Errno;
use crate::guard::catch_in_call;
use crate::guest::Memory;
use crate::trace::{STOPPED, Trace};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::Arc;

/// What the functions of one module are bound to: the environment of each of them.
pub struct Binding {
    pub context: Arc<Context>,
    /// The store that owns the functions, and so outlives this.
    pub store: *mut wasm_store_t,
}

/// What a function in [`crate::calls`] gets.
pub struct Call<'a> {
    pub context: &'a Context,
    pub(crate) store: *mut wasm_store_t,
}

/// Why a call is over without success.
pub enum Stop {
    /// The guest gets an error number.
    Errno(Errno),
    /// The guest ends with this trap, which is owned.
    Trap(*mut wasm_trap_t),
}

pub type Outcome<T = ()> = Result<T, Stop>;

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Stop {
        Stop::Errno(errno)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Errno(error.into())
    }
}

impl Call<'_> {
    /// The memory of the guest, which must be fetched again after code of the host has run.
    #[inline]
    pub fn memory(&self) -> Result<Memory, Errno> {
        let (mut base, mut len) = (ptr::null_mut(), 0);
        // SAFETY: the store is alive, and this is its thread.
        if !unsafe { wasmrt_store_caller_memory(self.store, &mut base, &mut len) } {
            return Err(Errno::Fault);
        }
        // SAFETY: what the engine says; guest code does not run before this call has returned.
        Ok(unsafe { Memory::new(base, len) })
    }

    /// A trap with a message.
    pub fn trap(&self, text: &str) -> *mut wasm_trap_t {
        let text = wasm_message_t { size: text.len(), data: text.as_ptr().cast_mut() };
        // SAFETY: the store is alive; the text is borrowed.
        unsafe { wasm_trap_new(self.store, &text) }
    }
}

/// Runs a call: the error number of the guest, or a trap in `trap`. Called by the functions in [`crate::table`]. If the host
/// wants to know of calls, `tell` tells it what this one has come to.
///
/// # Safety
/// `env` is a [`Binding`], and `trap` valid for writes.
#[inline]
pub unsafe fn run(
    env: *mut c_void,
    trap: *mut *mut wasm_trap_t,
    body: impl FnOnce(&Call) -> Outcome,
    tell: impl FnOnce(&Trace, i32),
) -> u32 {
    // SAFETY: functions have their bindings as environments.
    let binding = unsafe { &*env.cast::<Binding>() };
    let call = Call { context: &binding.context, store: binding.store };
    // Variables, because what a closure returns is copied through memory in ways that processors are slow at.
    let (mut errno, mut stop) = (0, ptr::null_mut());
    let is_whole = catch_in_call(|| match body(&call) {
        Ok(()) => {}
        Err(Stop::Errno(error)) => errno = error as u32,
        Err(Stop::Trap(trap)) => stop = trap,
    });
    if is_whole.is_none() {
        stop = call.trap("internal error in a function of WASI");
    }
    if let Some(trace) = &binding.context.trace {
        tell(trace, if stop.is_null() { errno as i32 } else { STOPPED });
    }
    if !stop.is_null() {
        // SAFETY: as promised by the caller.
        unsafe { trap.write(stop) };
    }
    errno
}
