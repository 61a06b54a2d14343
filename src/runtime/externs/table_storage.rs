//! Zeroed memory for the elements of a table.
//!
//! Most elements of most tables are never written, and their pages should not cost anything. The C allocator zeroes
//! some of its memory by writing, so it serves only tables that fit into a page.

use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::memories::zero_pages::ZeroPages;
use crate::sys::memory::{Mapping, page_size};
use std::ptr;

/// Zeroed memory for a number of elements, whose address stays the same.
pub(crate) struct Storage {
    memory: Memory,
    pub count: u64,
}

enum Memory {
    Allocated(Allocated),
    Pages(ZeroPages),
    Mapped(Mapping),
}

/// From calloc, or null.
struct Allocated(*mut u8);

impl Allocated {
    fn new(bytes: usize) -> Result<Allocated, OutOfMemory> {
        // SAFETY: plain allocation.
        let base = unsafe { libc::calloc(bytes, 1) };
        if base.is_null() { Err(OutOfMemory) } else { Ok(Allocated(base.cast())) }
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        // SAFETY: from calloc, or null.
        unsafe { libc::free(self.0.cast()) };
    }
}

impl Storage {
    /// Memory for `count` elements of `size` bytes.
    pub fn new(count: u64, size: usize) -> Result<Storage, OutOfMemory> {
        let elements = usize::try_from(count).map_err(|_| OutOfMemory)?;
        let bytes = elements.checked_mul(size).ok_or(OutOfMemory)?;
        let memory = match bytes {
            0 => Memory::Allocated(Allocated(ptr::null_mut())),
            _ if bytes < page_size() => Memory::Allocated(Allocated::new(bytes)?),
            _ if bytes > ZeroPages::MOST => {
                Memory::Mapped(Mapping::anonymous(bytes).map_err(|_| OutOfMemory)?)
            }
            _ => match ZeroPages::take(bytes) {
                Ok(pages) => Memory::Pages(pages),
                Err(OutOfMemory) => Memory::Allocated(Allocated::new(bytes)?),
            },
        };
        Ok(Storage { memory, count })
    }

    /// The address of the first byte, null if there is none.
    pub fn base(&self) -> *mut u8 {
        match &self.memory {
            Memory::Allocated(base) => base.0,
            Memory::Pages(pages) => pages.as_ptr(),
            Memory::Mapped(mapping) => mapping.as_ptr(),
        }
    }

    /// Frees memory that was never written to.
    pub fn free_clean(self) {
        if let Memory::Pages(pages) = self.memory {
            pages.give_back_clean();
        }
    }
}
