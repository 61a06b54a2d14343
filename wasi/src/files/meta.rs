//! Sizes, times, and what else is known of a file; and the calls that tell the system about its contents.

use super::descriptor::{Descriptor, Kind};
use super::signals::without_size_signal;
use super::{FileType, LookupFlags, Result, Rights, TimeFlags, paths};
use crate::errno::Errno;
use cap_primitives::fs::{Metadata, MetadataExt};
use rustix::fs::{Advice, FallocateFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};

/// What `fd_filestat_get` tells. Times are nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filestat {
    pub device: u64,
    pub inode: u64,
    pub file_type: FileType,
    pub links: u64,
    pub size: u64,
    pub accessed: u64,
    pub modified: u64,
    pub changed: u64,
}

impl From<Metadata> for Filestat {
    fn from(metadata: Metadata) -> Self {
        Filestat {
            device: metadata.dev(),
            inode: metadata.ino(),
            file_type: rustix::fs::FileType::from_raw_mode(metadata.mode()).into(),
            links: metadata.nlink(),
            size: metadata.size(),
            accessed: nanoseconds(metadata.atime(), metadata.atime_nsec()),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Times before 1970 have no number; they become 0, and those that are too late the latest.
fn nanoseconds(seconds: i64, nanoseconds: i64) -> u64 {
    match u64::try_from(seconds) {
        Ok(seconds) => {
            seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds.max(0) as u64)
        }
        Err(_) => 0,
    }
}

/// The times that a guest wants a file to have.
pub struct NewTimes(Timestamps);

impl NewTimes {
    /// Times in nanoseconds, as far as `flags` says that they count.
    pub fn new(accessed: u64, modified: u64, flags: TimeFlags) -> Result<Self> {
        Ok(NewTimes(Timestamps {
            last_access: new_time(accessed, flags, TimeFlags::ACCESSED, TimeFlags::ACCESSED_NOW)?,
            last_modification: new_time(
                modified,
                flags,
                TimeFlags::MODIFIED,
                TimeFlags::MODIFIED_NOW,
            )?,
        }))
    }

    pub(super) fn host(&self) -> &Timestamps {
        &self.0
    }
}

fn new_time(time: u64, flags: TimeFlags, given: TimeFlags, now: TimeFlags) -> Result<Timespec> {
    match (flags.contains(given), flags.contains(now)) {
        (true, true) => Err(Errno::Invalid),
        (true, false) => Ok(Timespec {
            tv_sec: (time / 1_000_000_000) as i64,
            tv_nsec: (time % 1_000_000_000) as i64,
        }),
        (false, true) => Ok(Timespec { tv_sec: 0, tv_nsec: UTIME_NOW }),
        (false, false) => Ok(Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }),
    }
}

impl Descriptor {
    pub fn filestat(&self) -> Result<Filestat> {
        self.need(Rights::FD_FILESTAT_GET)?;
        match &self.kind {
            Kind::Host(file) => {
                Ok(Filestat { file_type: self.file_type, ..Metadata::from_file(file)?.into() })
            }
            Kind::Stream(_) => Ok(Filestat {
                device: 0,
                inode: 0,
                file_type: self.file_type,
                links: 1,
                size: 0,
                accessed: 0,
                modified: 0,
                changed: 0,
            }),
        }
    }

    pub fn set_size(&self, size: u64) -> Result<()> {
        let file = self.file_with(Rights::FD_FILESTAT_SET_SIZE)?;
        let size = within_limit(size)?;
        without_size_signal(|| Ok(rustix::fs::ftruncate(file, size)?))
    }

    pub fn set_times(&self, times: &NewTimes) -> Result<()> {
        let file = self.file_with(Rights::FD_FILESTAT_SET_TIMES)?;
        Ok(rustix::fs::futimens(file, times.host())?)
    }

    pub fn allocate(&self, offset: u64, len: u64) -> Result<()> {
        let file = self.file_with(Rights::FD_ALLOCATE)?;
        if len == 0 {
            return Err(Errno::Invalid);
        }
        let (offset, len) = (within_limit(offset)?, within_limit(len)?);
        without_size_signal(|| {
            Ok(rustix::fs::fallocate(file, FallocateFlags::empty(), offset, len)?)
        })
    }

    pub fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        let file = self.file_with(Rights::FD_ADVISE)?;
        if self.file_type == FileType::Directory {
            return Err(Errno::BadDescriptor);
        }
        // No length means up to the end, as it does here.
        let len = std::num::NonZeroU64::new(within_limit(len)?);
        Ok(rustix::fs::fadvise(file, within_limit(offset)?, len, advice)?)
    }

    pub fn sync(&self) -> Result<()> {
        Ok(rustix::fs::fsync(self.file_with(Rights::FD_SYNC)?)?)
    }

    pub fn sync_data(&self) -> Result<()> {
        Ok(rustix::fs::fdatasync(self.file_with(Rights::FD_DATASYNC)?)?)
    }

    pub fn path_filestat(&self, lookup: LookupFlags, path: &[u8]) -> Result<Filestat> {
        let folder = self.folder_with(Rights::PATH_FILESTAT_GET)?;
        paths::stat(folder, path, lookup).map(Filestat::from)
    }

    pub fn path_set_times(&self, lookup: LookupFlags, path: &[u8], times: &NewTimes) -> Result<()> {
        let folder = self.folder_with(Rights::PATH_FILESTAT_SET_TIMES)?;
        paths::set_times(folder, path, lookup, times.host())
    }
}

/// The system counts sizes in 63 bits.
fn within_limit(size: u64) -> Result<u64> {
    if i64::try_from(size).is_ok() { Ok(size) } else { Err(Errno::FileTooBig) }
}
