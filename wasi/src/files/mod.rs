//! Files, folders, streams and sockets as preview 1 sees them: descriptors with rights, and paths that lead nowhere but
//! below the folder that they start from.
//!
//! Nothing here decodes what guests pass: memory comes as [`Bytes`] that were checked, results are numbers and
//! [`Errno`]s. `table` holds the descriptors; `descriptor` says what one is; `transfer` moves bytes, `folder` lists
//! folders, `paths` opens what names lead to, `names` makes, moves and removes names, `meta` reads and sets sizes and
//! times, `sockets` does what its name says.
//!
//! The sandbox is made of two rules. Every path is resolved by `cap_primitives` (openat2 with RESOLVE_BENEATH where the
//! kernel has it, component by component elsewhere), from an open folder that the host handed in or that was reached
//! from one; this code never joins, cleans or walks paths. And every call states the rights that it needs before it acts.

mod blocking;
mod descriptor;
mod flags;
mod folder;
mod meta;
mod names;
mod paths;
mod raw;
mod signals;
mod sockets;
mod table;
mod transfer;

#[cfg(test)]
mod tests;

pub use blocking::{Interest, Progress};
pub use descriptor::{Access, Descriptor, Fdstat};
pub use flags::{FdFlags, FileType, LookupFlags, OpenFlags, Rights, TimeFlags, Whence};
pub use folder::Entry;
pub use meta::{Filestat, NewTimes};
pub use paths::OpenHow;
pub use rustix::fs::Advice;
pub use sockets::Received;
pub use table::{InUse, MOST_DESCRIPTORS, Table};

use crate::errno::Errno;

pub type Result<T> = std::result::Result<T, Errno>;

impl From<rustix::io::Errno> for Errno {
    fn from(error: rustix::io::Errno) -> Errno {
        Errno::from_system(error.raw_os_error())
    }
}
