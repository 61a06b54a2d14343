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
pub const STACK_RESERVE: usize = 24 << 10;
