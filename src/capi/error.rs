//! `wasmrt_error_t`: what an error says (see [`super::last_error`]).

use super::bytes::{message, wasm_message_t};
use super::guard::guard;
use super::handle::write_sized;
use super::last_error::{self, wasmrt_error_t};
use super::vec::{CVec, output};
use crate::error::{ErrorKind, Phase};

/// What is wrong. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_error_kind_enum {
    /// The bytes are not a WebAssembly module.
    WASMRT_ERROR_MALFORMED = 1,
    /// The module violates a rule of validation.
    WASMRT_ERROR_INVALID = 2,
    /// The module needs a proposal that the engine does not support; the message names it.
    WASMRT_ERROR_UNSUPPORTED = 3,
    /// A limit of the engine or of a store is exceeded.
    WASMRT_ERROR_LIMIT = 4,
    /// Memory is short.
    WASMRT_ERROR_OUT_OF_MEMORY = 5,
    /// Imports are missing or do not fit.
    WASMRT_ERROR_LINK = 6,
    /// The function does not accept an argument.
    WASMRT_ERROR_ARGUMENT = 7,
    /// An internal error of the library.
    WASMRT_ERROR_INTERNAL = 8,
    /// The operating system or the processor refused something.
    WASMRT_ERROR_SYSTEM = 9,
    /// Serialized data is damaged, outdated, or not sealed with the engine's key. The original
    /// binary can be compiled again.
    WASMRT_ERROR_SERIALIZED = 10,
}

/// What the library was doing. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_phase_enum {
    /// None of the others.
    WASMRT_PHASE_OTHER = 0,
    /// Reading a module's bytes.
    WASMRT_PHASE_DECODE = 1,
    /// Validating a module.
    WASMRT_PHASE_VALIDATE = 2,
    /// Compiling to machine code.
    WASMRT_PHASE_COMPILE = 3,
    /// Comparing imports with what the module requires.
    WASMRT_PHASE_LINK = 4,
    /// Making an instance.
    WASMRT_PHASE_INSTANTIATE = 5,
    /// Calling a function.
    WASMRT_PHASE_CALL = 6,
}

fn kind_number(kind: ErrorKind) -> u32 {
    use wasmrt_error_kind_enum::*;
    let number = match kind {
        ErrorKind::Malformed => WASMRT_ERROR_MALFORMED,
        ErrorKind::Invalid => WASMRT_ERROR_INVALID,
        ErrorKind::Unsupported => WASMRT_ERROR_UNSUPPORTED,
        ErrorKind::Limit => WASMRT_ERROR_LIMIT,
        ErrorKind::OutOfMemory => WASMRT_ERROR_OUT_OF_MEMORY,
        ErrorKind::Link => WASMRT_ERROR_LINK,
        ErrorKind::Argument => WASMRT_ERROR_ARGUMENT,
        ErrorKind::Internal => WASMRT_ERROR_INTERNAL,
        ErrorKind::System => WASMRT_ERROR_SYSTEM,
        ErrorKind::Serialized => WASMRT_ERROR_SERIALIZED,
    };
    number as u32
}

fn phase_number(phase: Phase) -> u32 {
    use wasmrt_phase_enum::*;
    let number = match phase {
        Phase::Other => WASMRT_PHASE_OTHER,
        Phase::Decode => WASMRT_PHASE_DECODE,
        Phase::Validate => WASMRT_PHASE_VALIDATE,
        Phase::Compile => WASMRT_PHASE_COMPILE,
        Phase::Link => WASMRT_PHASE_LINK,
        Phase::Instantiate => WASMRT_PHASE_INSTANTIATE,
        Phase::Call => WASMRT_PHASE_CALL,
    };
    number as u32
}

/// Kind, phase and place of an error. The caller sets `struct_size` to the size of the struct in
/// its version of the header; no more than that is written.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_error_info_t {
    /// `sizeof(wasmrt_error_info_t)`, set by the caller.
    pub struct_size: usize,
    /// One of the numbers of `wasmrt_error_kind_enum`.
    pub kind: u32,
    /// One of the numbers of `wasmrt_phase_enum`.
    pub phase: u32,
    /// Byte offset in the module; `UINT64_MAX` if there is none.
    pub offset: u64,
    /// Function index; `UINT32_MAX` if there is none.
    pub function: u32,
}

/// Returns the last error of the calling thread and clears it. The caller owns the result and
/// deletes it with `wasmrt_error_delete`. NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmrt_last_error() -> *mut wasmrt_error_t {
    last_error::take_last()
}

/// Deletes an error. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_error_delete(error: *mut wasmrt_error_t) {
    // SAFETY: NULL or an owned handle (C contract).
    unsafe { last_error::delete(error) };
}

/// Writes kind, phase and place of an error (borrowed) to `out`, at most `out->struct_size` bytes.
/// Does nothing if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_error_info(
    error: *const wasmrt_error_t,
    out: *mut wasmrt_error_info_t,
) {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let Some(error) = (unsafe { error.as_ref() }) else { return Ok(()) };
        let error = &error.error;
        let info = wasmrt_error_info_t {
            struct_size: 0,
            kind: kind_number(error.kind()),
            phase: phase_number(error.phase()),
            offset: error.byte_offset().unwrap_or(u64::MAX),
            function: error.function().map_or(u32::MAX, |f| f.0),
        };
        // SAFETY: NULL, or the caller set the size of what it passed (C contract).
        unsafe { write_sized(out, info) };
        Ok(())
    });
}

/// Makes `out` the text of an error (borrowed), ending in a NUL. The caller owns `out` and deletes
/// it with `wasm_name_delete`. It is empty if `error` is NULL or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_error_message(
    error: *const wasmrt_error_t,
    out: *mut wasm_message_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || match error.as_ref() {
            Some(error) => message(error.error.to_string().as_bytes()),
            None => Ok(wasm_message_t::EMPTY),
        });
    }
}

/// Writes the indices of the imports that were missing or did not fit to `out`, at most `capacity`
/// of them, and returns how many there are. `error` is borrowed; `out` may be NULL. 0 for other
/// errors and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_error_imports(
    error: *const wasmrt_error_t,
    out: *mut u32,
    capacity: usize,
) -> usize {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let Some(error) = (unsafe { error.as_ref() }) else { return Ok(0) };
        let imports = error.error.imports();
        if !out.is_null() {
            let count = capacity.min(imports.len());
            // SAFETY: the caller has room for `capacity` numbers.
            unsafe { std::ptr::copy_nonoverlapping(imports.as_ptr(), out, count) };
        }
        Ok(imports.len())
    })
}
