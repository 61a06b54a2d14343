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
use std::sync::atomic::{AtomicU32, Ordering::*};

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
        let _alone = self.listing.begin();
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

/// Listing a folder moves the position of its open file: one thread at a time. This is the number of the process that
/// lists, or 0. What it does may take long, so forks do not wait; a child takes no notice of a thread that it does not
/// have.
#[derive(Default)]
pub(super) struct Listing(AtomicU32);

struct Alone<'a>(&'a Listing);

impl Listing {
    fn begin(&self) -> Alone<'_> {
        let process = std::process::id();
        let enter = |lister| (lister != process).then_some(process);
        while self.0.fetch_update(Acquire, Relaxed, enter).is_err() {
            std::thread::yield_now();
        }
        Alone(self)
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.0.store(0, Release);
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
