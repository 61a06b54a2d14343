//! How guest code stops: what is remembered about a trap, and the way back to the entry frame.
//!
//! A trap is raised by a fault that the signal handler recognises ([`fault`]), by a builtin, or by
//! a host function that returned one. Each first fills the store's [`TrapRecord`], frames included,
//! and then continues at the entry frame, where `stubs::enter` returns to the runtime. Only guest
//! frames and stub frames are ever skipped; no Rust or C frame is.

pub mod fault;
pub mod raise;
pub mod record;
pub mod unwind;

pub use raise::{raise, raise_host};
pub use record::{Reason, TrapRecord};

/// Stack kept free below the stack limit: for the frames of small leaf functions, which do not
/// check; for a signal and its handler, which run on the guest's stack unless the thread has an
/// alternate one (the kernel's part is 3.6 KiB with 512-bit registers, 11 KiB with matrix registers
/// in use, ours less than 1 KiB); and for builtins and host functions called close to the limit. A
/// thread with 64 KiB still has most of its stack for guest code.
pub const STACK_RESERVE: usize = 24 << 10;
