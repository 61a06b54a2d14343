//! The table of builtin addresses that every vmctx points at.

use super::builtins as b;
use crate::abi::Builtin;
use crate::stubs::thunks::{stack_overflow, trap_thunk};
use crate::{builtin_thunk, builtin_thunk_preserving};
use std::ffi::{c_int, c_void};

builtin_thunk!(memory_grow, b::memory_grow);
builtin_thunk!(memory_fill, b::memory_fill);
builtin_thunk!(memory_copy, b::memory_copy);
builtin_thunk!(memory_init, b::memory_init);
builtin_thunk!(data_drop, b::data_drop);
builtin_thunk!(table_grow, b::table_grow);
builtin_thunk!(table_fill, b::table_fill);
builtin_thunk!(table_copy, b::table_copy);
builtin_thunk!(table_init, b::table_init);
builtin_thunk!(elem_drop, b::elem_drop);
builtin_thunk!(ref_func, b::ref_func);
builtin_thunk!(table_get_func, b::table_get_func);
builtin_thunk!(atomic_notify, b::atomic_notify);
builtin_thunk!(atomic_wait32, b::atomic_wait32);
builtin_thunk!(atomic_wait64, b::atomic_wait64);
builtin_thunk!(memory_out_of_bounds, b::memory_out_of_bounds);

builtin_thunk_preserving!(check_callee, b::check_callee, "", "");
builtin_thunk_preserving!(refuel, b::refuel, "", "");
// In front of a prologue: the return address that has a site is the function's own, above the thunk's,
// and belongs to the frame that rbp points at.
builtin_thunk_preserving!(refuel_at_entry, b::refuel, "push qword ptr [rsp + 8]", "add rsp, 8");

/// A thunk, or a function of the C library.
#[derive(Clone, Copy)]
union Address {
    thunk: unsafe extern "C" fn(),
    copy: unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void,
    fill: unsafe extern "C" fn(*mut c_void, c_int, usize) -> *mut c_void,
}

const fn thunk(thunk: unsafe extern "C" fn()) -> Address {
    Address { thunk }
}

/// In the order of [`Builtin`].
static TABLE: [Address; Builtin::COUNT] = [
    thunk(trap_thunk),
    thunk(stack_overflow),
    thunk(memory_grow),
    thunk(memory_fill),
    thunk(memory_copy),
    thunk(memory_init),
    thunk(data_drop),
    thunk(table_grow),
    thunk(table_fill),
    thunk(table_copy),
    thunk(table_init),
    thunk(elem_drop),
    thunk(ref_func),
    thunk(table_get_func),
    thunk(atomic_notify),
    thunk(atomic_wait32),
    thunk(atomic_wait64),
    thunk(refuel),
    thunk(refuel_at_entry),
    Address { copy: libc::memmove },
    Address { fill: libc::memset },
    thunk(check_callee),
    thunk(memory_out_of_bounds),
];

/// What `VmContext.builtins` points at.
pub fn table() -> *const usize {
    TABLE.as_ptr().cast()
}

/// No thunk is longer.
const THUNK_MAX: usize = 256;

/// Whether an address lies in a thunk, as the return addresses of running builtins do.
pub fn is_return_address(address: usize) -> bool {
    TABLE.iter().any(|entry| {
        // SAFETY: whatever it is, it is an address.
        address.wrapping_sub(unsafe { entry.thunk } as usize) < THUNK_MAX
    })
}
