//! Why guest code stopped, and where.

use super::names::taken_text;
use super::owner;
use std::ptr;
use wasmrt::capi::frame::*;
use wasmrt::capi::reference::wasm_trap_delete;
use wasmrt::capi::trap::*;
use wasmrt::capi::types::*;

owner! {
    /// A trap.
    Trap of wasm_trap_t, deleted by wasm_trap_delete
}

/// A function that was running, innermost first.
pub struct Frame {
    /// For people to read; empty if the module does not name the function.
    pub function: String,
    pub index: u32,
    /// Of the instruction, in the module.
    pub offset: usize,
    /// In the source, of inlined functions first; empty without debug information.
    pub sources: Vec<Source>,
}

/// A place in the source.
pub struct Source {
    pub function: String,
    pub file: String,
    pub line: u32,
    /// 0 if it is unknown.
    pub column: u32,
}

impl Trap {
    pub fn message(&self) -> String {
        // SAFETY: a valid handle, and room for the result.
        taken_text(|out| unsafe { wasm_trap_message(self.handle(), out) })
    }

    /// One of the numbers of `wasmrt_trap_code_enum`.
    pub fn code(&self) -> u32 {
        // SAFETY: a valid handle.
        unsafe { wasmrt_trap_code(self.handle()) }
    }

    pub fn frames(&self) -> Vec<Frame> {
        let mut vec = wasm_frame_vec_t { size: 0, data: ptr::null_mut() };
        // SAFETY: a valid handle, and room for the result.
        unsafe { wasm_trap_trace(self.handle(), &mut vec) };
        // SAFETY: the vector has so many frames.
        let frames = (0..vec.size).map(|i| unsafe { Frame::of(*vec.data.add(i)) }).collect();
        // SAFETY: our own vector.
        unsafe { wasm_frame_vec_delete(&mut vec) };
        frames
    }
}

impl Frame {
    /// # Safety
    /// A valid handle.
    unsafe fn of(frame: *const wasm_frame_t) -> Frame {
        // SAFETY: as promised by the caller.
        unsafe {
            Frame {
                function: taken_text(|out| wasmrt_frame_func_display_name(frame, out)),
                index: wasm_frame_func_index(frame),
                offset: wasm_frame_module_offset(frame),
                sources: (0..).map_while(|depth| Source::of(frame, depth)).collect(),
            }
        }
    }
}

impl Source {
    /// # Safety
    /// A valid handle.
    unsafe fn of(frame: *const wasm_frame_t, depth: usize) -> Option<Source> {
        let mut source =
            Source { function: String::new(), file: String::new(), line: 0, column: 0 };
        let mut found = false;
        let (line, column) = (&mut source.line, &mut source.column);
        source.function = taken_text(|function| {
            source.file = taken_text(|file| {
                // SAFETY: as promised by the caller; room for the results.
                found = unsafe { wasmrt_frame_source(frame, depth, function, file, line, column) };
            });
        });
        found.then_some(source)
    }
}
