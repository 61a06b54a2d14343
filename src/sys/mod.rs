//! What the engine needs from the operating system: memory, executable memory, stacks, threads, fork.
//!
//! Each system has a folder with the same file names inside; the rest of the crate names only what is re-exported
//! here. Nothing in here panics or prints: what a system refuses is returned as [`OutOfMemory`] or an `io::Error`,
//! and what is merely unknown (the bounds of a foreign stack) as `None`.

use std::collections::TryReserveError;
use std::fmt;

pub mod arriving;
pub mod backtrace;
pub mod claim;
pub mod file_bytes;
pub mod once;
pub mod reserve;
pub mod spare;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::*;

/// Memory or address space that the system refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory {
    /// The size of the request; 0 when it is not known.
    pub bytes: usize,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            0 => f.write_str("out of memory"),
            bytes => write!(f, "out of memory: {bytes} bytes could not be had"),
        }
    }
}

impl std::error::Error for OutOfMemory {}

impl From<TryReserveError> for OutOfMemory {
    fn from(_: TryReserveError) -> Self {
        OutOfMemory { bytes: 0 }
    }
}
