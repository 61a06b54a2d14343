//! Memory, for when the system has none.
//!
//! Resolving a path makes many small allocations that cannot fail. So whatever allocates for a guest or a host begins only
//! if the system has room for all of it ([`check`]). What other threads take in between, the reserve of the allocator
//! makes up for. What has a size that guests or hosts choose, and stays, is kept away from that ([`grow`]).

use crate::errno::Errno;
use std::hint::black_box;
use wasmrt_process::reserve;

/// More than one function of a guest, or one call of a host, needs beside what is allocated fallibly.
const NEEDED: usize = 64 << 10;

pub fn check() -> Result<(), Errno> {
    reserve::begin().map_err(|_| Errno::NoMemory)?;
    let mut room = Vec::<u8>::new();
    grow(&mut room, NEEDED)?;
    // Otherwise the compiler would see that nobody uses it.
    black_box(room.as_mut_ptr());
    Ok(())
}

/// Makes room for so many more elements, if the system has it.
pub fn grow<T>(vec: &mut Vec<T>, count: usize) -> Result<(), Errno> {
    reserve::grow(vec, count).map_err(|_| Errno::NoMemory)
}
