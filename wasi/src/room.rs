//! Asking for memory before it is needed.
//!
//! Rust ends the process when a small allocation fails, and resolving a path makes many. So whatever allocates for a
//! guest or a host begins only if there is room for all of it. Not covered: what other threads take in between.

use crate::errno::Errno;
use std::hint::black_box;

/// More than one function of a guest, or one call of a host, needs beside what is allocated fallibly.
const NEEDED: usize = 64 << 10;

pub fn check() -> Result<(), Errno> {
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(NEEDED)?;
    // Otherwise the compiler would see that nobody uses it.
    black_box(room.as_mut_ptr());
    Ok(())
}
