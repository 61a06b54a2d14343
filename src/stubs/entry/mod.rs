//! Host code calls guest code: the frame of such a call ([`frame`]), and the stubs that make one, for
//! arrays of values ([`array`]) or as a C function ([`native`]).

pub(super) mod array;
pub(super) mod frame;
pub(super) mod native;
mod overflow;

pub use frame::{enter_trap, unlink};
pub(super) use overflow::record_stack_overflow;

use crate::abi::value::RawVal;
use crate::abi::vmctx::{StoreContext, VmFunc};

/// An entry stub for arrays of values: calls `func` in its store. Null with the results written, or
/// the trap (what the hook `trapped` returned) with `results` untouched.
///
/// To be called with the stub of the function's type, arrays of as many values as the type says, of
/// the sort that the stub is for, a stack limit of the store that is right for this stack, and an
/// overflow buffer if the type needs one.
pub type EntryStub = unsafe extern "C" fn(
    func: *const VmFunc,
    args: *const RawVal,
    results: *mut RawVal,
    store: *const StoreContext,
) -> *mut ();
