//! Traps: how guest code stops.
//!
//! A trap is raised by a fault that the signal handler recognizes ([`fault`]), by a builtin ([`raise()`]), or by a
//! host function that returned one (`stubs::import`). Each first fills the store's record (`abi::trap_record`),
//! frames included, and then continues at the entry frame, where the entry stub returns to the runtime. Only guest
//! frames and stub frames are ever skipped; no Rust or C frame is.

pub mod fault;
mod raise;

pub use raise::{raise, raise_host};
