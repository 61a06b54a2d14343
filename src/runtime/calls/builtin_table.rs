//! The table of builtin addresses that every vmctx points to.
//!
//! Made from the list in [`crate::abi::builtins`]: each line becomes a function in the C convention that calls the
//! one of that name in [`super::builtins`], and a stub around it.

use super::builtins as bodies;
use super::builtins::run;
use crate::abi::Builtin;
use crate::abi::builtins::for_each_builtin;
use crate::abi::vmctx::VmContext;
use crate::traps::raise;
use crate::types::{DataIndex, DefinedFuncIndex, ElemIndex, FuncIndex, MemoryIndex, TableIndex};
use crate::{builtin_stub, current_code_stub, preserving_builtin_stub};
use std::ffi::{c_int, c_void};
use std::mem::transmute;

/// An address; the type says nothing about the code there.
type Address = unsafe extern "C" fn();

/// The address of one builtin.
macro_rules! address {
    (Stub $name:ident($($arg:ident: $ty:ty),*) $(-> $result:ty)?) => {{
        extern "C" fn $name(vmctx: *const VmContext, $($arg: $ty),*) $(-> $result)? {
            run(vmctx, |instance| bodies::$name(instance, $($arg),*))
        }
        builtin_stub!(stub, $name);
        stub
    }};
    (Raise $name:ident($($arg:ident: $ty:ty),*)) => {{
        unsafe extern "C" fn $name(vmctx: *const VmContext, $($arg: $ty),*) {
            // SAFETY: guest code passes its own context, whose store is alive.
            raise(unsafe { &*(*vmctx).store }, bodies::$name($($arg),*));
        }
        builtin_stub!(stub, $name);
        stub
    }};
    (Preserving $name:ident($($arg:ident: $ty:ty),*)) => {
        address!(@preserving $name($($arg: $ty),*), "", "")
    };
    // In front of a prologue: the return address that has a site is the function's own, above the
    // stub's, and belongs to the frame that rbp points at.
    (PreservingAtEntry $name:ident()) => {
        address!(@preserving $name(), "push qword ptr [rsp + 8]", "add rsp, 8")
    };
    (@preserving $name:ident($($arg:ident: $ty:ty),*), $open:literal, $close:literal) => {{
        extern "C" fn $name(vmctx: *const VmContext, $($arg: $ty),*) {
            run(vmctx, |instance| bodies::$name(instance, $($arg),*))
        }
        preserving_builtin_stub!(stub, $name, $open, $close);
        stub
    }};
    (Jump $name:ident()) => {
        crate::stubs::builtins::$name
    };
    (Throw $name:ident($($arg:ident: $ty:ty),*)) => {
        crate::stubs::throw::$name
    };
    (InPlace $name:ident($($arg:ident: $ty:ty),*) -> $result:ty) => {{
        extern "C" fn $name(vmctx: *const VmContext, $($arg: $ty),*) -> $result {
            run(vmctx, |instance| bodies::$name(instance, $($arg),*))
        }
        current_code_stub!(stub, $name);
        stub
    }};
    (Library $name:ident($($arg:ident: $ty:ty),*)) => {{
        let function: unsafe extern "C" fn($($ty),*) -> *mut c_void = bodies::$name;
        // SAFETY: an address as good as any.
        unsafe { transmute::<unsafe extern "C" fn($($ty),*) -> *mut c_void, Address>(function) }
    }};
}

macro_rules! define_table {
    ($(
        $(#[$doc:meta])* $linkage:ident $builtin:ident = $name:ident $args:tt $(-> $result:ty)?;
    )*) => {
        static TABLE: [Address; Builtin::COUNT] =
            [$(address!($linkage $name $args $(-> $result)?)),*];
    };
}

for_each_builtin!(define_table);

/// The value of `VmContext.builtins`.
pub fn table() -> *const usize {
    TABLE.as_ptr().cast()
}

/// No stub is longer.
const STUB_MAX: usize = 288;

/// Whether an address is in a builtin stub, as the return addresses of running builtins are.
pub fn is_return_address(address: usize) -> bool {
    TABLE.iter().any(|stub| address.wrapping_sub(*stub as usize) < STUB_MAX)
}
