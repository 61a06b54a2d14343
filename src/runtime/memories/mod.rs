//! The bytes of linear memories: their address space, initial contents and growth, and the threads that share them
//! and wait on their addresses.

pub mod image;
mod image_file;
pub mod memory;
pub mod parking;
pub mod pool;
pub mod shared;
pub mod unshared;
pub mod zero_pages;
