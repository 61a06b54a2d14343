//! Memory behind C handles.
//!
//! Everything that C owns comes from malloc: an allocation that fails is a NULL result, and leak
//! checkers see what a host forgot. Ownership is fixed by type: a `T` that implements [`Owned`] is
//! handed out by [`give`] and taken back by [`take`], and by nothing else.

use crate::error::Error;
use std::mem::ManuallyDrop;
use std::ptr;

/// A type whose values are owned by C through a pointer.
pub trait Owned: Sized {}

/// Moves a value into memory of its own and hands the pointer to C.
pub fn give<T: Owned>(value: T) -> Result<*mut T, Error> {
    const { assert!(align_of::<T>() <= 16 && size_of::<T>() > 0) };
    // SAFETY: plain allocation of a sized type that malloc's alignment suits.
    let memory = unsafe { libc::malloc(size_of::<T>()) }.cast::<T>();
    if memory.is_null() {
        return Err(Error::OUT_OF_MEMORY);
    }
    // SAFETY: fresh memory of the right size.
    unsafe { memory.write(value) };
    Ok(memory)
}

/// Takes back what `give` handed out; `None` for NULL.
///
/// # Safety
/// `pointer` is NULL or came from `give::<T>` and was not taken before.
pub unsafe fn take<T: Owned>(pointer: *mut T) -> Option<T> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: as promised by the caller.
    unsafe {
        let value = ManuallyDrop::new(pointer.read());
        libc::free(pointer.cast());
        Some(ManuallyDrop::into_inner(value))
    }
}

/// Initialises an output parameter; nothing for NULL. The old content is not looked at.
///
/// # Safety
/// `out` is NULL or valid for writes.
pub unsafe fn write_out<T>(out: *mut T, value: T) {
    if out.is_null() {
        drop(value);
    } else {
        // SAFETY: as promised by the caller.
        unsafe { ptr::write(out, value) };
    }
}

/// Writes a struct whose first field is `struct_size`, which the caller has set and which stays: no more than it has
/// room for, since it may know fewer fields. Nothing for NULL.
///
/// # Safety
/// `out` is NULL, or valid for reading its first word, and for writes of as many bytes as that says. `T` is `repr(C)`
/// and begins with that word.
pub unsafe fn write_sized<T: Copy>(out: *mut T, value: T) {
    if out.is_null() {
        return;
    }
    const WORD: usize = size_of::<usize>();
    // SAFETY: as promised by the caller.
    unsafe {
        let known = out.cast::<usize>().read().min(size_of::<T>());
        let (from, to) = ((&raw const value).cast::<u8>(), out.cast::<u8>());
        ptr::copy_nonoverlapping(from.add(WORD), to.add(WORD), known.saturating_sub(WORD));
    }
}

/// Reads a struct whose first field is `struct_size`, which the caller has set: the fields of the caller's version of
/// the header, the others from `unknown`. All of `unknown` for NULL.
///
/// # Safety
/// `from` is NULL, or valid for reading as many bytes as its first word says, in which the fields have valid values.
/// `T` is `repr(C)` and begins with that word.
pub unsafe fn read_sized<T: Copy>(from: *const T, unknown: T) -> Result<T, Error> {
    if from.is_null() {
        return Ok(unknown);
    }
    const WORD: usize = size_of::<usize>();
    // SAFETY: as promised by the caller.
    let size = unsafe { from.cast::<usize>().read() };
    if size < WORD {
        return Err(Error::argument(
            "struct_size is not set: it must be the size of the structure",
        ));
    }
    // Whole words: half a number is no number.
    let size = size.min(size_of::<T>()) / WORD * WORD;
    let mut known = unknown;
    // SAFETY: as promised by the caller; `known` has room for it.
    unsafe { ptr::copy_nonoverlapping(from.cast::<u8>(), (&raw mut known).cast(), size) };
    Ok(known)
}
