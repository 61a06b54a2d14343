//! What the engine needs from the operating system: memory, executable memory, stacks, threads, fork.
//!
//! Each system has a folder with the same file names inside; the rest of the crate names only what is re-exported
//! here. Nothing in here panics or prints: what a system refuses is returned as [`OutOfMemory`] or an `io::Error`,
//! and what is merely unknown (the bounds of a foreign stack) as `None`.

pub mod arriving;
pub mod backtrace;
pub mod file_bytes;
pub mod once;
pub mod spare;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::*;

// What the companions need as well.
pub use wasmrt_process::{OutOfMemory, claim, fork, futex, lock, pages, reserve, thread_word};
