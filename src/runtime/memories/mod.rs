//! The bytes of linear memories: where they lie, what they begin with, how they grow.
//!
//! Shared memories belong here: a length that several threads read, and the queues of those who wait
//! on an address.

pub mod image;
pub mod memory;
pub mod pool;
