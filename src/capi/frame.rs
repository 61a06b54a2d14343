//! `wasm_frame_t`.

use super::bytes::{copy_for, name, wasm_name_t};
use super::guard::guard;
use super::handle::{Owned, give, take, write_out};
use super::objects::{copy, delete, live, share};
use super::types::wasm_instance_t;
use super::vec::{CVec, delete_vec, output, pointer_vector};
use crate::error::Error;
use crate::runtime::trap::{Frame, TracedFrame};
use std::ptr;

/// A guest frame of a backtrace, independent of the trap it came from. It belongs to a store like
/// the objects of that store, because it keeps its instance alive.
#[allow(non_camel_case_types, reason = "published name")]
pub struct wasm_frame_t {
    frame: Frame,
    /// A handle that the frame owns, or null.
    instance: *mut wasm_instance_t,
}

impl Owned for wasm_frame_t {}

impl Drop for wasm_frame_t {
    fn drop(&mut self) {
        // SAFETY: the frame's own handle.
        unsafe { delete(self.instance) };
    }
}

/// A handle for a frame of a trap.
pub fn new_frame(TracedFrame { frame, instance }: TracedFrame) -> Result<*mut wasm_frame_t, Error> {
    let instance = instance.map_or(ptr::null_mut(), share);
    give(wasm_frame_t { frame, instance })
}

unsafe fn frame_of<'a>(handle: *const wasm_frame_t) -> Result<&'a Frame, Error> {
    // SAFETY: NULL or a handle (C contract).
    let frame = unsafe { handle.as_ref() }.ok_or_else(|| Error::argument("a frame is NULL"))?;
    Ok(&frame.frame)
}

/// Returns a copy, owned by the caller. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_copy(frame: *const wasm_frame_t) -> *mut wasm_frame_t {
    // SAFETY: NULL or a handle (C contract).
    let Some(frame) = (unsafe { frame.as_ref() }) else { return ptr::null_mut() };
    // SAFETY: NULL or the frame's own handle.
    let instance = unsafe { copy(frame.instance) };
    guard(|| give(wasm_frame_t { frame: frame.frame.clone(), instance }))
}

/// Deletes a frame. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_delete(frame: *mut wasm_frame_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(frame) })));
}

/// Returns the instance whose function the frame runs, borrowed: valid as long as the frame. NULL
/// for NULL, after the store has been deleted, and if the instance is unknown: the store has
/// several instances of the module, and a function was called through a table or a reference, or
/// possibly by a tail call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_instance(frame: *const wasm_frame_t) -> *mut wasm_instance_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let frame = unsafe { frame.as_ref() }.ok_or_else(|| Error::argument("a frame is NULL"))?;
        if !frame.instance.is_null() {
            // SAFETY: the frame's own handle.
            unsafe { live(frame.instance) }?;
        }
        Ok(frame.instance)
    })
}

/// Returns the index of the frame's function in its module, imported functions included; 0 for
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_func_index(frame: *const wasm_frame_t) -> u32 {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { frame_of(frame) }?.func.0))
}

/// Returns the byte offset of the frame's instruction in the body of its function, counted from the
/// declarations of locals; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_func_offset(frame: *const wasm_frame_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { frame_of(frame) }?.func_offset() as usize))
}

/// Returns the byte offset of the frame's instruction in the module; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_module_offset(frame: *const wasm_frame_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { frame_of(frame) }?.module_offset as usize))
}

/// Makes `out` the name of the frame's function as the module has it: from the name section, or
/// else from an export; owned by the caller. Empty if there is neither, for NULL, and when memory
/// is short. The name may be mangled and may contain any character;
/// `wasmrt_frame_func_display_name` is meant for printing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_frame_func_name(frame: *const wasm_frame_t, out: *mut wasm_name_t) {
    // SAFETY: NULL or valid (C contract).
    unsafe { output(out, || name(&frame_of(frame)?.func_name().unwrap_or_default())) };
}

/// Makes `out` the name of the frame's function for people to read; owned by the caller. As
/// `wasmrt_frame_func_name`, but mangled names of Rust and C++ are written as in the source
/// (without the hash of Rust's), and control characters as escapes such as `\u{1b}`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_frame_func_display_name(
    frame: *const wasm_frame_t,
    out: *mut wasm_name_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe { output(out, || name(&frame_of(frame)?.display_name().unwrap_or_default())) };
}

/// Makes `out` the name of the frame's module as `wasmrt_module_name` does; owned by the caller. Empty
/// if there is none, for NULL, and when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_frame_module_name(
    frame: *const wasm_frame_t,
    out: *mut wasm_name_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe { output(out, || name(&frame_of(frame)?.module_name().unwrap_or_default())) };
}

/// Tells the place in the source of the frame's instruction, and returns true, if the module has
/// debug information (DWARF in custom sections: compile it with `-g`). False, with all results zero
/// or empty, if there is none, for NULL, and when memory is short.
///
/// A compiler may have inlined functions into the frame's. `depth` 0 asks for the innermost of them
/// and the place of the instruction, 1 for the function that called it and the place of that call,
/// and so on up to the frame's own function; the result is false for greater depths:
///
///     for (size_t depth = 0; wasmrt_frame_source(frame, depth, &func, &file, &line, &column); ++depth)
///
/// `func` becomes the name of the function, and `file` the path of the file, joined with the folder
/// in which the compiler ran; both are owned by the caller and printable as
/// `wasmrt_frame_func_display_name` says. Lines and columns count from 1; a column is 0 if it is
/// unknown. An instruction without a line has the place of those before it. Any of the four results may
/// be NULL if it is not needed.
///
/// The first question about a module reads its tables of lines, which may take some milliseconds
/// per megabyte of them. Damaged debug information gives wrong or no places, and does no harm.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_frame_source(
    frame: *const wasm_frame_t,
    depth: usize,
    func: *mut wasm_name_t,
    file: *mut wasm_name_t,
    line: *mut u32,
    column: *mut u32,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid for writes (C contract).
        unsafe {
            write_out(func, wasm_name_t::EMPTY);
            write_out(file, wasm_name_t::EMPTY);
            write_out(line, 0);
            write_out(column, 0);
        }
        // SAFETY: NULL or a handle (C contract).
        let Some(place) = unsafe { frame_of(frame) }?.source(depth) else { return Ok(false) };
        let file_copy = copy_for(file, place.file.as_bytes())?;
        let func_name = place.func.unwrap_or_default();
        let func_copy = copy_for(func, func_name.as_bytes()).inspect_err(|_| {
            // SAFETY: just made, and nobody else's.
            unsafe { delete_vec(file_copy) };
        })?;
        // SAFETY: NULL or valid for writes (C contract).
        unsafe {
            write_out(func, func_copy);
            write_out(file, file_copy);
            write_out(line, place.line);
            write_out(column, place.column);
        }
        Ok(true)
    })
}

pointer_vector! {
    wasm_frame_t: wasm_frame_copy wasm_frame_delete;
    wasm_frame_vec_t: wasm_frame_vec_new_empty wasm_frame_vec_new_uninitialized wasm_frame_vec_new
    wasm_frame_vec_copy wasm_frame_vec_delete
}
