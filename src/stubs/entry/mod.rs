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

/// An entry stub for arrays of values: calls `func` in its store. Returns null with the results written, or the
/// trap (from the hook `trapped`) with `results` untouched.
///
/// Must be called with the stub of the function's type, arrays of the type's lengths and the stub's kind of values,
/// a stack limit of the store that is valid for this stack, and an overflow buffer if the type needs one.
pub type EntryStub = unsafe extern "C" fn(
    func: *const VmFunc,
    args: *const RawVal,
    results: *mut RawVal,
    store: *const StoreContext,
) -> *mut ();
