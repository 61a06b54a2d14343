//! Structures as guests see them.

use crate::errno::Errno;
use crate::files::{Fdstat, Filestat};
use crate::guest::Memory;

/// Writes the fields of a structure at their offsets. The widest comes first, so that nothing is written if the address
/// is out of bounds or misaligned.
macro_rules! write_fields {
    ($memory:expr, $address:expr, size $size:literal: $($offset:literal: $type:ty = $value:expr,)*) => {{
        let (memory, address): (Memory, u32) = ($memory, $address);
        memory.check::<u64>(address, $size / 8)?;
        $(memory.write::<$type>(address + $offset, $value)?;)*
        Ok(())
    }};
}

pub fn write_fdstat(memory: Memory, address: u32, fdstat: &Fdstat) -> Result<(), Errno> {
    write_fields!(memory, address, size 24:
        0: u8 = fdstat.file_type as u8,
        2: u16 = fdstat.flags.bits(),
        8: u64 = fdstat.base.bits(),
        16: u64 = fdstat.inheriting.bits(),
    )
}

pub fn write_filestat(memory: Memory, address: u32, stat: &Filestat) -> Result<(), Errno> {
    write_fields!(memory, address, size 64:
        0: u64 = stat.device,
        8: u64 = stat.inode,
        16: u64 = stat.file_type as u64,
        24: u64 = stat.links,
        32: u64 = stat.size,
        40: u64 = stat.accessed,
        48: u64 = stat.modified,
        56: u64 = stat.changed,
    )
}

/// The number of links had 32 bits.
pub fn write_filestat_unstable(memory: Memory, address: u32, stat: &Filestat) -> Result<(), Errno> {
    write_fields!(memory, address, size 56:
        0: u64 = stat.device,
        8: u64 = stat.inode,
        16: u32 = stat.file_type as u32,
        20: u32 = stat.links.min(u64::from(u32::MAX)) as u32,
        24: u64 = stat.size,
        32: u64 = stat.accessed,
        40: u64 = stat.modified,
        48: u64 = stat.changed,
    )
}
