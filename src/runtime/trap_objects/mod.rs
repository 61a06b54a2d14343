//! Traps as objects of the host: what they say, and where guest code was.
//!
//! How a trap comes about and unwinds is in [`crate::traps`]. Exceptions that reach the host belong
//! here as well, since they are told to it in the same way.

pub mod callers;
pub mod emergency;
pub mod frames;
pub mod storeless;
pub mod taken;
pub mod trap;
