//! The return addresses on the stack of the calling thread, found by the unwinder.
//!
//! This is slow, and only correct while every frame has unwind information: good enough for panics, but not for
//! guest code, whose frames `traps` walks itself.

use std::ffi::{c_int, c_void};

/// The number of frames that are looked at.
const MAX_DEPTH: usize = 256;

/// Whether `wanted` holds for any return address on the stack.
pub fn is_called_from(wanted: fn(usize) -> bool) -> bool {
    let mut search = Search { wanted, depth: 0, found: false };
    // SAFETY: the visitor gets the search back, which outlives the walk.
    unsafe { _Unwind_Backtrace(visit, (&raw mut search).cast()) };
    search.found
}

struct Search {
    wanted: fn(usize) -> bool,
    depth: usize,
    found: bool,
}

unsafe extern "C" {
    /// Part of the unwinder that the standard library links.
    fn _Unwind_Backtrace(
        visit: unsafe extern "C" fn(frame: *mut c_void, search: *mut c_void) -> c_int,
        search: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(frame: *mut c_void) -> usize;
}

unsafe extern "C" fn visit(frame: *mut c_void, search: *mut c_void) -> c_int {
    // SAFETY: what `is_called_from` passed, and the frame that the unwinder is at.
    let (search, address) = unsafe { (&mut *search.cast::<Search>(), _Unwind_GetIP(frame)) };
    search.depth += 1;
    search.found = (search.wanted)(address);
    // Zero continues the walk; anything else ends it.
    c_int::from(search.found || search.depth == MAX_DEPTH)
}
