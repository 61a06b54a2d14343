//! Exit codes, as the manual lists them.
//!
//! A guest may end with any code from 0 to 255; ours are those that shells and `timeout` have for the same cases.

/// Done.
pub const SUCCESS: u8 = 0;
/// A file, a module or an import is not what it should be.
pub const FAILURE: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// `--timeout` or `--fuel` stopped the guest.
pub const STOPPED: u8 = 124;
/// The guest trapped: 128 and the number of SIGABRT, as for a program that aborts.
pub const TRAP: u8 = 134;
