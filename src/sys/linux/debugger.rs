//! Files in memory that debuggers read: the interface that GDB and LLDB share.
//!
//! A debugger finds two symbols in each program and library: the head of a list of files, and a function that does
//! nothing and is called after each change of the list, where it puts a breakpoint. The names are fixed. They are weak
//! because another maker of code in the program may define them as well; then there is one list for both.

use std::arch::global_asm;
use std::ptr;

global_asm!(
    ".pushsection .text.__jit_debug_register_code, \"ax\", @progbits",
    ".weak __jit_debug_register_code",
    ".type __jit_debug_register_code, @function",
    "__jit_debug_register_code:",
    "ret",
    ".size __jit_debug_register_code, 1",
    ".popsection",
    ".pushsection .data.__jit_debug_descriptor, \"aw\", @progbits",
    ".weak __jit_debug_descriptor",
    ".type __jit_debug_descriptor, @object",
    ".p2align 3",
    "__jit_debug_descriptor:",
    ".long 1, 0",
    ".quad 0, 0",
    ".size __jit_debug_descriptor, 24",
    ".popsection",
);

#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    changed: *mut Entry,
    first: *mut Entry,
}

#[repr(C)]
struct Entry {
    next: *mut Entry,
    previous: *mut Entry,
    file: *const u8,
    size: u64,
}

unsafe extern "C" {
    fn __jit_debug_register_code();
    static mut __jit_debug_descriptor: Descriptor;
}

const ADDED: u32 = 1;
const REMOVED: u32 = 2;

/// A file that debuggers see until this is dropped.
pub struct DebuggedFile {
    entry: *mut Entry,
    _file: Box<[u8]>,
}

// SAFETY: whoever adds and drops files holds one lock; see `add`.
unsafe impl Send for DebuggedFile {}
// SAFETY: as above.
unsafe impl Sync for DebuggedFile {}

impl DebuggedFile {
    /// Adds a file to the list.
    ///
    /// # Safety
    /// One thread at a time adds and drops files.
    pub unsafe fn add(file: Box<[u8]>) -> DebuggedFile {
        let (data, size) = (file.as_ptr(), file.len() as u64);
        let entry = Entry { next: ptr::null_mut(), previous: ptr::null_mut(), file: data, size };
        let entry = Box::into_raw(Box::new(entry));
        // SAFETY: nobody else changes the list now; entries on it are alive.
        unsafe {
            let first = __jit_debug_descriptor.first;
            (*entry).next = first;
            if let Some(first) = first.as_mut() {
                first.previous = entry;
            }
            __jit_debug_descriptor.first = entry;
            tell(ADDED, entry);
        }
        DebuggedFile { entry, _file: file }
    }
}

impl Drop for DebuggedFile {
    fn drop(&mut self) {
        // SAFETY: as in `add`; the entry is on the list and came from a box.
        unsafe {
            let Entry { next, previous, .. } = *self.entry;
            match previous.as_mut() {
                Some(previous) => previous.next = next,
                None => __jit_debug_descriptor.first = next,
            }
            if let Some(next) = next.as_mut() {
                next.previous = previous;
            }
            tell(REMOVED, self.entry);
            drop(Box::from_raw(self.entry));
        }
    }
}

/// # Safety
/// As for [`DebuggedFile::add`].
unsafe fn tell(action: u32, entry: *mut Entry) {
    // SAFETY: as promised by the caller.
    unsafe {
        __jit_debug_descriptor.action = action;
        __jit_debug_descriptor.changed = entry;
        __jit_debug_register_code();
        __jit_debug_descriptor.action = 0;
        __jit_debug_descriptor.changed = ptr::null_mut();
    }
}
