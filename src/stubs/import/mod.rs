//! Guest code calls the host: the frame of such a call ([`frame`]), the stubs that make one, for arrays of values
//! ([`array`]) or as a C function ([`native`]), and the end with a trap ([`failure`]).

pub(super) mod array;
mod failure;
mod frame;
pub(super) mod native;

use crate::abi::value::{RawVal, RawValVec, Values};
use crate::abi::vmctx::VmImport;
use crate::types::FuncType;

/// Deletes the results of a callback that failed, whether or not it replaced the vector.
pub type ReleaseResults = unsafe extern "C" fn(results: *mut RawValVec);

/// Moves the values of a vector by which a callback replaced its results to the `arity` values at `lent`, and makes
/// `results` the vector of those. Returns null, or a trap that says why not, with the results deleted.
pub type TakeResults = unsafe extern "C" fn(
    context: *const VmImport,
    results: *mut RawValVec,
    lent: *mut RawVal,
    arity: usize,
) -> *mut ();

/// Makes the trap that says why result number `index`, which should be of this kind, is refused. Null if there is only
/// the trap code to say.
pub type RefuseResult = unsafe extern "C" fn(
    context: *const VmImport,
    result: *const RawVal,
    index: u32,
    kind: u32,
) -> *mut ();

/// The runtime functions that import stubs call for vectors of results.
pub struct ResultHooks {
    pub release: ReleaseResults,
    pub take: TakeResults,
    pub refuse: RefuseResult,
}

/// How an import stub calls the host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ImportKind {
    /// `trap* callback(args, results)`, both `wasm_val_vec_t*`.
    Plain = 0,
    /// `trap* callback(env, args, results)`.
    WithEnv = 1,
    /// `trap* callback(host, args, results)`: a function of the runtime, with the `VmHostFunc` and two arrays
    /// of values, in which references are in the form that guest code uses. It must check the kinds of the results,
    /// and release what it does not return.
    Converted = 2,
    /// `R callback(env, trap**, P...)`, a C function of the type's own prototype: numbers only, at
    /// most one result.
    Native = 3,
    /// As `Converted`, with two arrays of wide values.
    Wide = 4,
}

impl ImportKind {
    /// The values in the arrays.
    pub fn values(self) -> Values {
        if self == ImportKind::Wide { Values::Wide } else { Values::Narrow }
    }

    /// Whether the stub calls the runtime rather than the host.
    pub fn is_converted(self) -> bool {
        matches!(self, ImportKind::Converted | ImportKind::Wide)
    }
}

/// Bytes below the saved frame pointer in the frame of a stub that could be made.
pub(super) fn frame_size(ty: &FuncType, kind: ImportKind) -> u32 {
    let frame = match kind {
        ImportKind::Native => native::frame(ty),
        _ => array::frame(ty, kind.values()),
    };
    frame.0 as u32
}
