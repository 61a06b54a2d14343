//! Living in somebody else's process: refused memory and forks, for libwasmrt and the libraries beside it.
//!
//! The host's process is never ours to end, and it may fork at any moment. So there is an allocator that has something
//! left when the system refuses ([`reserve`], [`claim`]), locks that every fork waits for ([`lock`]), and thread-local
//! words that need no memory ([`thread_word`]). And no panic leaves a library ([`panics`]).
//!
//! Each shared library that links this has a copy of its own: one reserve, one set of fork hooks, one list of locks. They
//! know nothing of each other, and need not: whatever a library allocates it frees itself, and whoever holds a lock calls
//! no function of another library that takes one. In a Rust program that is made of several of them there is one copy for all.
//!
//! Nothing in here panics, prints, or ends the process.

use std::collections::TryReserveError;
use std::fmt;

pub mod claim;
pub mod fork;
pub mod futex;
pub mod lock;
pub mod pages;
pub mod panics;
mod pid_lock;
pub mod reserve;
pub mod thread_word;

/// Serves the Rust code of the library; the host keeps its own allocator.
#[global_allocator]
static ALLOCATOR: reserve::Allocator = reserve::Allocator;

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
