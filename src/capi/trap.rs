//! `wasm_trap_t`.

use super::bytes::{message, wasm_message_t};
use super::frame::{new_frame, wasm_frame_t, wasm_frame_vec_t};
use super::guard::guard;
use super::objects::{header, live, own};
use super::store::store_of;
use super::types::*;
use super::vec::{collect, elements, output};
use crate::abi::TrapCode;
use crate::error::Error;
use crate::runtime::storeless;
use crate::runtime::trap::{Message, TracedFrame, Trap};
use std::ptr;

/// Makes a trap with a message (borrowed), which may end in a NUL. The caller owns the result. NULL
/// if the store is NULL. When memory is short the result is a trap that says so, because a host
/// function that returned NULL would have succeeded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_new(
    store: *mut wasm_store_t,
    text: *const wasm_message_t,
) -> *mut wasm_trap_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, text) = unsafe { (store_of(store)?, elements(text)?) };
        let text = text.strip_suffix(&[0]).unwrap_or(text);
        let mut bytes = Vec::new();
        let message = match bytes.try_reserve_exact(text.len()) {
            Ok(()) => {
                bytes.extend(text.iter().map(|b| *b as u8));
                Message::Text(bytes.into())
            }
            Err(_) => Message::Code(TrapCode::OutOfMemory),
        };
        let _busy = store.make_room();
        Ok(own(store.trap_or_emergency(message)))
    })
}

/// The trap behind a handle, of a store or of none.
///
/// # Safety
/// `trap` is NULL or a handle that has not been deleted.
unsafe fn trap_of<'a>(trap: *const wasm_trap_t) -> Result<&'a Trap, Error> {
    // SAFETY: as promised by the caller.
    if let Some(trap) = unsafe { header(trap) }.and_then(storeless::find) {
        return Ok(trap);
    }
    // SAFETY: as above; a trap stays as long as its handle and its store.
    unsafe {
        live(trap).map(|(trap, _)| {
            let trap: *const Trap = &**trap;
            &*trap
        })
    }
}

/// Makes `out` the message of the trap, ending in one NUL; owned by the caller. Empty for NULL or
/// when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_message(trap: *const wasm_trap_t, out: *mut wasm_message_t) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let trap = trap_of(trap)?;
            message(&trap.message())
        });
    }
}

/// The reason why guest code stopped, or did not run. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_trap_code_enum {
    /// No code, only a message: the host made the trap.
    WASMRT_TRAP_NONE = 0,
    /// The instruction `unreachable`.
    WASMRT_TRAP_UNREACHABLE = 1,
    /// An access beyond the end of a memory.
    WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
    /// An access beyond the end of a table.
    WASMRT_TRAP_TABLE_OUT_OF_BOUNDS = 3,
    /// An indirect call through an index beyond the table.
    WASMRT_TRAP_UNDEFINED_ELEMENT = 4,
    /// An indirect call of a null element.
    WASMRT_TRAP_UNINITIALIZED_ELEMENT = 5,
    /// An indirect call of a function of another type.
    WASMRT_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 6,
    /// A division or remainder by zero.
    WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
    /// A quotient or conversion that the result type cannot hold.
    WASMRT_TRAP_INTEGER_OVERFLOW = 8,
    /// A conversion of NaN to an integer.
    WASMRT_TRAP_INVALID_CONVERSION_TO_INTEGER = 9,
    /// The stack is exhausted, or the part of it that guest code may use.
    WASMRT_TRAP_STACK_OVERFLOW = 10,
    /// A null reference where an object is required.
    WASMRT_TRAP_NULL_REFERENCE = 11,
    /// A call through a null reference.
    WASMRT_TRAP_NULL_FUNCTION_REFERENCE = 12,
    /// An atomic access at a misaligned address.
    WASMRT_TRAP_UNALIGNED_ATOMIC = 13,
    /// A wait on a memory that is not shared.
    WASMRT_TRAP_EXPECTED_SHARED_MEMORY = 14,
    /// Memory is short.
    WASMRT_TRAP_OUT_OF_MEMORY = 15,
    /// An internal error of the library.
    WASMRT_TRAP_INTERNAL_ERROR = 16,
    /// A host function returned a value of another kind than its type says.
    WASMRT_TRAP_BAD_HOST_RESULT = 17,
    /// Stopped by `wasmrt_interrupt_fire`.
    WASMRT_TRAP_INTERRUPTED = 18,
    /// The store's fuel is exhausted.
    WASMRT_TRAP_OUT_OF_FUEL = 19,
    /// The store's deadline has passed.
    WASMRT_TRAP_DEADLINE = 20,
    /// No guest code ran: arguments or imports do not fit, or a limit does not allow the instance.
    /// The message gives the details.
    WASMRT_TRAP_REFUSED = 21,
    /// An exception that nobody caught; `wasmrt_trap_exception` gives it.
    WASMRT_TRAP_EXCEPTION = 22,
}

/// One of the `WASMRT_TRAP_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_trap_code_t = u32;

fn code_number(code: TrapCode) -> wasmrt_trap_code_t {
    use wasmrt_trap_code_enum::*;
    let number = match code {
        TrapCode::Unreachable => WASMRT_TRAP_UNREACHABLE,
        TrapCode::MemoryOutOfBounds => WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS,
        TrapCode::TableOutOfBounds => WASMRT_TRAP_TABLE_OUT_OF_BOUNDS,
        TrapCode::UndefinedElement => WASMRT_TRAP_UNDEFINED_ELEMENT,
        TrapCode::UninitializedElement => WASMRT_TRAP_UNINITIALIZED_ELEMENT,
        TrapCode::IndirectCallTypeMismatch => WASMRT_TRAP_INDIRECT_CALL_TYPE_MISMATCH,
        TrapCode::IntegerDivideByZero => WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO,
        TrapCode::IntegerOverflow => WASMRT_TRAP_INTEGER_OVERFLOW,
        TrapCode::InvalidConversionToInteger => WASMRT_TRAP_INVALID_CONVERSION_TO_INTEGER,
        TrapCode::StackOverflow => WASMRT_TRAP_STACK_OVERFLOW,
        TrapCode::NullReference => WASMRT_TRAP_NULL_REFERENCE,
        TrapCode::NullFunctionReference => WASMRT_TRAP_NULL_FUNCTION_REFERENCE,
        TrapCode::UnalignedAtomic => WASMRT_TRAP_UNALIGNED_ATOMIC,
        TrapCode::ExpectedSharedMemory => WASMRT_TRAP_EXPECTED_SHARED_MEMORY,
        TrapCode::OutOfMemory => WASMRT_TRAP_OUT_OF_MEMORY,
        TrapCode::InternalError => WASMRT_TRAP_INTERNAL_ERROR,
        TrapCode::BadHostResult => WASMRT_TRAP_BAD_HOST_RESULT,
        TrapCode::Interrupted => WASMRT_TRAP_INTERRUPTED,
        TrapCode::OutOfFuel => WASMRT_TRAP_OUT_OF_FUEL,
        TrapCode::DeadlineExceeded => WASMRT_TRAP_DEADLINE,
        TrapCode::Refused => WASMRT_TRAP_REFUSED,
        TrapCode::Exception => WASMRT_TRAP_EXCEPTION,
    };
    number as u32
}

/// Returns why guest code stopped, one of the `WASMRT_TRAP_...` numbers. `WASMRT_TRAP_NONE` for a
/// trap that has only a message; also, with the last error set, for NULL and after the store has
/// been deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_trap_code(trap: *const wasm_trap_t) -> wasmrt_trap_code_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { trap_of(trap) }?.code().map_or(0, code_number)))
}

/// The guest frames of a trap, innermost first.
///
/// # Safety
/// `trap` is NULL or a handle that has not been deleted.
unsafe fn frames(trap: *const wasm_trap_t) -> Result<std::vec::IntoIter<TracedFrame>, Error> {
    // SAFETY: as promised by the caller.
    let trap = unsafe { trap_of(trap) }?;
    Ok(trap.frames()?.into_iter())
}

/// Returns the innermost guest frame, owned by the caller. NULL if the trap did not come from guest
/// code, for NULL, and when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_origin(trap: *const wasm_trap_t) -> *mut wasm_frame_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        unsafe { frames(trap) }?.next().map_or(Ok(ptr::null_mut()), new_frame)
    })
}

/// Makes `out` the guest frames, innermost first; owned by the caller. Host frames are not
/// included, and of a deep stack only the innermost 256 frames are. Empty for NULL or when memory
/// is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_trace(trap: *const wasm_trap_t, out: *mut wasm_frame_vec_t) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || collect(frames(trap)?.map(|frame| new_frame(frame).ok())));
    }
}
