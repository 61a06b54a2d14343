//! The bytes of linear memories: where they lie, what they begin with, how they grow, which threads
//! share them and wait on their addresses.

pub mod image;
pub mod memory;
pub mod parking;
pub mod pool;
pub mod shared;
pub mod unshared;
