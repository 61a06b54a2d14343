//! The table of builtin addresses that every vmctx points at.

use super::builtins as b;
use crate::abi::Builtin;
use crate::builtin_thunk;
use crate::stubs::thunks::{stack_overflow, trap_thunk};

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

type Address = unsafe extern "C" fn();

/// In the order of [`Builtin`].
static TABLE: [Address; Builtin::COUNT] = [
    trap_thunk,
    stack_overflow,
    memory_grow,
    memory_fill,
    memory_copy,
    memory_init,
    data_drop,
    table_grow,
    table_fill,
    table_copy,
    table_init,
    elem_drop,
    ref_func,
    table_get_func,
    atomic_notify,
    atomic_wait32,
    atomic_wait64,
];

/// What `VmContext.builtins` points at.
pub fn table() -> *const usize {
    TABLE.as_ptr().cast()
}
