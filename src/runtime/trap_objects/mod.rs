//! Traps as objects of the host: their messages, and where guest code was.
//!
//! How a trap is raised and unwinds is in [`crate::traps`]. Exceptions that reach the host belong here as well,
//! since they are reported in the same way.

pub mod callers;
pub mod emergency;
pub mod exception;
pub mod frames;
pub mod storeless;
pub mod taken;
pub mod trap;
