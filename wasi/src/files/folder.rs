//! Listing folders.
//!
//! A cookie is the position that the file system itself gives for the place after an entry, so that listing goes on where
//! it stopped whatever was added or removed meanwhile, no listing is kept in memory, and a made-up cookie is the kernel's
//! business, as in any program. 0 is the beginning.

use super::descriptor::Descriptor;
use super::{FileType, Result, Rights};
use crate::errno::Errno;
use rustix::fs::{RawDir, SeekFrom};
use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::sync::PoisonError;

/// How much is asked of the system at once.
const CHUNK: usize = 8192;

/// An entry of a folder.
pub struct Entry<'a> {
    pub next: u64,
    pub inode: u64,
    pub file_type: FileType,
    pub name: &'a [u8],
}

impl Descriptor {
    /// Shows entries from `cookie` on to `each` until it breaks or there are no more.
    pub fn list(&self, cookie: u64, mut each: impl FnMut(Entry) -> ControlFlow<()>) -> Result<()> {
        let folder = self.folder_with(Rights::FD_READDIR)?;
        let cookie = i64::try_from(cookie).map_err(|_| Errno::Invalid)?;
        let _alone = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
        rustix::fs::seek(folder, SeekFrom::Start(cookie as u64))?;
        let mut chunk = [MaybeUninit::<u8>::uninit(); CHUNK];
        let mut entries = RawDir::new(folder, &mut chunk);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let shown = each(Entry {
                next: entry.next_entry_cookie(),
                inode: entry.ino(),
                file_type: entry.file_type().into(),
                name: entry.file_name().to_bytes(),
            });
            if shown.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl From<rustix::fs::FileType> for FileType {
    fn from(file_type: rustix::fs::FileType) -> Self {
        match file_type {
            rustix::fs::FileType::Directory => FileType::Directory,
            rustix::fs::FileType::RegularFile => FileType::RegularFile,
            rustix::fs::FileType::Symlink => FileType::SymbolicLink,
            rustix::fs::FileType::CharacterDevice => FileType::CharacterDevice,
            rustix::fs::FileType::BlockDevice => FileType::BlockDevice,
            rustix::fs::FileType::Socket => FileType::SocketStream,
            rustix::fs::FileType::Fifo | rustix::fs::FileType::Unknown => FileType::Unknown,
        }
    }
}
