//! Frames of guest code for the process's own unwinder: `backtrace`, crash reporters and heap profilers of the host see
//! through guest code.
//!
//! One section is registered for each block of code, whatever the number of functions in it, because older unwinders
//! look through all sections whenever an exception is thrown anywhere in the process.
//!
//! What can walk through frames can also throw through them. That must not happen: an entry frame that is left in this
//! way would stay on its store's list, and the values that guest code keeps in registers would be lost to the host. So every
//! description names [`personality`], which ends the search for a handler, as if there were no description. An
//! exception that a host function throws meets what it always met, the end of the stack: `std::terminate`.

use super::call_frames::FrameTable;
use crate::sys::unwinder::{RegisteredFrames, Unwinder};
use std::ffi::{c_int, c_void};

/// Registers a table's frames; `None` when memory is short.
pub(super) fn register(unwinder: Unwinder, table: &FrameTable) -> Option<RegisteredFrames> {
    let bytes = table.bytes();
    let mut section = Vec::new();
    // A multiple of eight, and the end.
    section.try_reserve_exact(bytes.len() / 8 + 1).ok()?;
    section.extend(bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
    section.push(0);
    // SAFETY: the table is well formed; each piece of code is described once.
    Some(unsafe { unwinder.register(section.into_boxed_slice()) })
}

/// An empty table whose frames end the search for handlers.
pub(super) fn table() -> FrameTable {
    FrameTable::new(Some(personality as *const () as usize))
}

/// The beginning of an exception, as the C++ ABI lays it out.
#[repr(C)]
struct Exception {
    class: u64,
    cleanup: usize,
    /// While a thread is ended: the function that decides at each frame, and its argument.
    stop: Option<Stop>,
    argument: *mut c_void,
}

type Stop = unsafe extern "C" fn(
    version: c_int,
    actions: c_int,
    class: u64,
    exception: *mut Exception,
    context: *mut c_void,
    argument: *mut c_void,
) -> c_int;

const FORCED: c_int = 8;
const END_OF_STACK: c_int = 16;
const FATAL_ERROR: c_int = 3;

/// What the unwinder calls when an exception arrives at guest code. The end of a thread (`pthread_exit`) arrives here
/// too: its function is told that the stack ends, and leaves the thread.
unsafe extern "C" fn personality(
    version: c_int,
    actions: c_int,
    class: u64,
    exception: *mut Exception,
    context: *mut c_void,
) -> c_int {
    if actions & FORCED == 0 {
        return FATAL_ERROR;
    }
    // SAFETY: the unwinder keeps the function and its argument in the exception while it forces the way.
    unsafe {
        let Exception { stop, argument, .. } = *exception;
        stop.map_or(FATAL_ERROR, |stop| {
            stop(version, actions | END_OF_STACK, class, exception, context, argument)
        })
    }
}
