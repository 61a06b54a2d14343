//! Resolving paths: the sandbox. Nothing else here hands a path of a guest to the system.
//!
//! A path is resolved from an open folder and leads nowhere but below it, whatever `..`, absolute paths, links and other
//! processes that move folders about meanwhile try. `cap_primitives` does the resolving; an attempt to get out is
//! [`Errno::NotCapable`]. Links in `/proc` that the kernel resolves by itself are not followed.
//!
//! Nothing is opened in a way that could block or that could make a terminal ours: a pipe without a partner must not hold
//! up the host.

use super::descriptor::Descriptor;
use super::{FdFlags, LookupFlags, OpenFlags, Result, Rights};
use crate::errno::Errno;
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
use cap_primitives::fs::{Metadata, OpenOptions, OpenOptionsExt};
use rustix::fs::{AtFlags, OFlags, Timestamps};
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How `path_open` opens.
#[derive(Clone, Copy, Default)]
pub struct OpenHow {
    pub lookup: LookupFlags,
    pub open: OpenFlags,
    pub flags: FdFlags,
    /// The rights that the guest wishes; it gets those of them that the folder passes on.
    pub base: u64,
    pub inheriting: u64,
}

impl Descriptor {
    pub fn open(&self, path: &[u8], how: OpenHow) -> Result<Descriptor> {
        let folder = self.folder_with(needed_to_open(how.open))?;
        let base = Rights::wished(how.base);
        let granted = self.inheriting();
        let essential = Rights::FD_READ.with(Rights::FD_WRITE);
        if !granted.contains(base.and(essential)) {
            return Err(Errno::NotCapable);
        }
        let base = base.and(granted);
        let file = open(folder, path, how.lookup, &options(how, base)?)?;
        Descriptor::opened(file, base, Rights::wished(how.inheriting).and(granted), how.flags)
    }
}

fn needed_to_open(flags: OpenFlags) -> Rights {
    let mut needed = Rights::PATH_OPEN;
    if flags.contains(OpenFlags::CREATE) {
        needed = needed.with(Rights::PATH_CREATE_FILE);
    }
    if flags.contains(OpenFlags::TRUNCATE) {
        needed = needed.with(Rights::PATH_FILESTAT_SET_SIZE);
    }
    needed
}

fn options(how: OpenHow, base: Rights) -> Result<OpenOptions> {
    let is_folder = how.open.contains(OpenFlags::DIRECTORY);
    if is_folder && base.contains(Rights::FD_WRITE) {
        return Err(Errno::IsDirectory);
    }
    let changes = OpenFlags::CREATE.with(OpenFlags::TRUNCATE);
    if is_folder && how.open.intersects(changes) {
        return Err(Errno::Invalid);
    }
    let writes = Rights::FD_WRITE.with(Rights::FD_ALLOCATE).with(Rights::FD_FILESTAT_SET_SIZE);
    let write = !is_folder && (base.intersects(writes) || how.open.intersects(changes));
    let exclusive = how.open.contains(OpenFlags::CREATE.with(OpenFlags::EXCLUSIVE));
    let mut options = OpenOptions::new();
    options
        .write(write)
        .read(!write || base.intersects(Rights::FD_READ.with(Rights::FD_READDIR)))
        .create(how.open.contains(OpenFlags::CREATE))
        .create_new(exclusive)
        .truncate(how.open.contains(OpenFlags::TRUNCATE))
        .custom_flags(host_flags(how).bits() as i32);
    Ok(options)
}

fn host_flags(how: OpenHow) -> OFlags {
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    flags.set(OFlags::DIRECTORY, how.open.contains(OpenFlags::DIRECTORY));
    flags.set(OFlags::APPEND, how.flags.contains(FdFlags::APPEND));
    flags.set(OFlags::DSYNC, how.flags.contains(FdFlags::DSYNC));
    flags.set(OFlags::SYNC, how.flags.intersects(FdFlags::SYNC.with(FdFlags::RSYNC)));
    flags
}

/// The path that a guest names.
pub(super) fn path(bytes: &[u8]) -> Result<&Path> {
    match bytes {
        [] => Err(Errno::NoEntry),
        _ if bytes.contains(&0) => Err(Errno::Invalid),
        _ => Ok(Path::new(OsStr::from_bytes(bytes))),
    }
}

fn open(folder: &File, name: &[u8], lookup: LookupFlags, options: &OpenOptions) -> Result<File> {
    let follow =
        if lookup.contains(LookupFlags::FOLLOW) { FollowSymlinks::Yes } else { FollowSymlinks::No };
    Ok(cap_primitives::fs::open(folder, path(name)?, options.clone().follow(follow))?)
}

/// Opens what a path leads to without touching it: for what is neither read nor written.
fn open_to_look(folder: &File, name: &[u8], lookup: LookupFlags) -> Result<File> {
    open(
        folder,
        name,
        lookup,
        OpenOptions::new().read(true).custom_flags(OFlags::PATH.bits() as i32),
    )
}

pub(super) fn stat(folder: &File, name: &[u8], lookup: LookupFlags) -> Result<Metadata> {
    let follow =
        if lookup.contains(LookupFlags::FOLLOW) { FollowSymlinks::Yes } else { FollowSymlinks::No };
    Ok(cap_primitives::fs::stat(folder, path(name)?, follow)?)
}

pub(super) fn set_times(
    folder: &File,
    name: &[u8],
    lookup: LookupFlags,
    times: &Timestamps,
) -> Result<()> {
    let file = open_to_look(folder, name, lookup)?;
    match rustix::fs::utimensat(&file, "", times, AtFlags::EMPTY_PATH) {
        Err(rustix::io::Errno::INVAL) => set_times_before_linux_5_8(&file, times),
        result => Ok(result?),
    }
}

/// Kernels that cannot set times through such a descriptor can do it by its name in /proc.
fn set_times_before_linux_5_8(file: &File, times: &Timestamps) -> Result<()> {
    let name = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::utimensat(rustix::fs::CWD, name, times, AtFlags::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{NewTimes, TimeFlags};

    #[test]
    fn times_can_be_set_on_old_kernels() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("f"), "").unwrap();
        let file =
            open_to_look(&File::open(folder.path()).unwrap(), b"f", LookupFlags::NONE).unwrap();
        let times = NewTimes::new(7_000_000_001, 0, TimeFlags::ACCESSED).unwrap();
        set_times_before_linux_5_8(&file, times.host()).unwrap();
        let stat = rustix::fs::fstat(&file).unwrap();
        assert_eq!((stat.st_atime, stat.st_atime_nsec), (7, 1));
        assert_ne!(stat.st_mtime, 7);
    }
}
