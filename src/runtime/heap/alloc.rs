//! Allocations that report failure instead of ending the process. They do not draw on the emergency reserve.

use crate::abi::TrapCode;
use crate::error::Error;
use std::alloc::{GlobalAlloc, Layout, System};

/// Memory ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl From<OutOfMemory> for Error {
    fn from(_: OutOfMemory) -> Error {
        Error::out_of_memory()
    }
}

impl From<OutOfMemory> for TrapCode {
    fn from(_: OutOfMemory) -> TrapCode {
        TrapCode::OutOfMemory
    }
}

/// A box, or `None` when memory is short.
pub fn try_box<T>(value: T) -> Option<Box<T>> {
    let layout = Layout::new::<T>();
    if layout.size() == 0 {
        return Some(Box::new(value));
    }
    // SAFETY: the layout has a size; the box takes over memory that holds a `T`.
    unsafe {
        let memory = System.alloc(layout).cast::<T>();
        if memory.is_null() {
            return None;
        }
        memory.write(value);
        Some(Box::from_raw(memory))
    }
}

/// A boxed slice of the items, or `None` when memory is short.
pub fn try_collect<T>(items: impl ExactSizeIterator<Item = T>) -> Option<Box<[T]>> {
    let mut list = Vec::new();
    list.try_reserve_exact(items.len()).ok()?;
    list.extend(items);
    Some(list.into_boxed_slice())
}
