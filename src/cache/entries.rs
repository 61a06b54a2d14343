//! The entries of a cache folder: one file each.
//!
//! Several processes use a folder at the same time without knowing of each other. An entry is written to a file with a
//! name of its own, which is renamed when all of it is on the disk; so whoever reads finds a whole entry, the old one
//! or the new one, and a process that ends in between leaves a file that is removed later. An entry that is
//! removed while somebody reads it lives until its file is closed. No lock is needed, and none can be left behind.
//!
//! The names of entries are hashes of everything they depend on, which takes a while for large modules. So there is an
//! empty file for each module that has entries, with a name that is found quickly and need not be right: if it is missing
//! nobody looks for the others.
//!
//! The time of the last use is the file's time of modification. Before an entry is written, the entries that were not
//! used for longest are removed until there is room. Other processes may do the same at that moment: then a little more
//! is removed than necessary.

use crate::log::{Level, Log};
use crate::sys::file_bytes::FileBytes;
use crate::sys::folder::{Folder, use_now};
use std::ffi::{CString, OsStr};
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

/// The ends of the names of entries. Files with other names are left alone.
const CODE: &[u8] = b".wasmrt";
const PROFILE: &[u8] = b".wasmrt-hot";
const MODULE: &[u8] = b".wasmrt-module";
/// The end of the name of a file that is being written.
const UNFINISHED: &[u8] = b".wasmrt-new";
/// A file that is still being written after this time was left behind.
const LEFT_BEHIND: Duration = Duration::from_secs(600);
/// What a small file takes on a disk.
const BLOCK: u64 = 4096;

/// Where entries are kept.
#[derive(Clone, Debug)]
pub struct CacheSettings {
    folder: PathBuf,
    max_bytes: u64,
}

impl CacheSettings {
    /// A folder, which need not exist, for at most this many bytes. The path keeps its meaning when the process goes to
    /// another folder.
    pub fn new(folder: &Path, max_bytes: u64) -> io::Result<CacheSettings> {
        Ok(CacheSettings { folder: std::path::absolute(folder)?, max_bytes })
    }
}

/// The name of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryName {
    pub kind: EntryKind,
    /// Of everything that its contents depend on.
    pub hash: [u8; 32],
}

/// What an entry holds, for people who look into the folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    Code,
    Profile,
    /// Nothing: that the file exists says that there may be others about a module.
    Module,
}

impl EntryName {
    fn file_name(&self) -> CString {
        let mut name = String::new();
        for byte in self.hash {
            let _ = write!(name, "{byte:02x}");
        }
        file_name(
            &name,
            match self.kind {
                EntryKind::Code => CODE,
                EntryKind::Profile => PROFILE,
                EntryKind::Module => MODULE,
            },
        )
    }
}

fn file_name(name: &str, end: &[u8]) -> CString {
    CString::new([name.as_bytes(), end].concat()).unwrap_or_default()
}

/// The entries of a folder.
pub struct Cache {
    settings: CacheSettings,
    log: Log,
    /// The log was told that something does not work.
    told: AtomicBool,
}

impl Cache {
    pub fn new(settings: CacheSettings, log: Log) -> Cache {
        Cache { settings, log, told: AtomicBool::new(false) }
    }

    /// Whether there may be entries about a module. Then the file that says so counts as used.
    pub fn knows(&self, module: &EntryName) -> bool {
        let path = self.settings.folder.join(OsStr::from_bytes(module.file_name().to_bytes()));
        let Ok(path) = CString::new(path.into_os_string().into_vec()) else { return true };
        // If something is wrong with the folder, that is found out when it is read.
        !use_now(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
    }

    /// The contents of an entry, which then counts as used.
    pub fn get(&self, name: &EntryName) -> Option<FileBytes> {
        match self.read(name) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                self.tell(&error);
                None
            }
        }
    }

    fn read(&self, name: &EntryName) -> io::Result<FileBytes> {
        let name = name.file_name();
        // Most entries that are not there are found to be missing without opening the folder.
        let path = self.settings.folder.join(OsStr::from_bytes(name.to_bytes()));
        std::fs::symlink_metadata(path)?;
        let file = Folder::open(&self.settings.folder)?.use_file(&name)?;
        let len = file.metadata()?.len();
        if len > self.settings.max_bytes {
            return Err(too_large());
        }
        FileBytes::read(file, len)
    }

    /// Writes an entry about a module, in place of the one that has its name. Others are removed to make room.
    pub fn put(&self, name: &EntryName, bytes: &[u8], module: &EntryName) -> io::Result<()> {
        let written = self.write(name, bytes, module);
        written.inspect_err(|error| self.tell(error))
    }

    fn write(&self, name: &EntryName, bytes: &[u8], module: &EntryName) -> io::Result<()> {
        let room = self.settings.max_bytes.checked_sub(on_disk(bytes.len() as u64));
        let room = room.ok_or_else(too_large)?;
        let folder = Folder::open_or_make(&self.settings.folder)?;
        self.make_room(&folder, room)?;
        let unfinished = unfinished_name();
        let mut file = folder.make_file(&unfinished, bytes.len())?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        // Before the entry is there: whoever ends this process in between leaves none that is not found.
        let noted = written.and_then(|()| note(&folder, module));
        let renamed = noted.and_then(|()| folder.rename(&unfinished, &name.file_name()));
        renamed.inspect_err(|_| drop(folder.remove(&unfinished)))
    }

    /// Says again that there are entries about a module, if the file that did has gone.
    pub fn note(&self, module: &EntryName) {
        if !self.knows(module) {
            let _ = Folder::open(&self.settings.folder).and_then(|folder| note(&folder, module));
        }
    }

    /// Removes what was left behind, and entries until the others take at most `room` bytes.
    fn make_room(&self, folder: &Folder, room: u64) -> io::Result<()> {
        let mut files = Vec::new();
        let mut sum = 0u64;
        for entry in std::fs::read_dir(&self.settings.folder)? {
            let Ok(entry) = entry else { break };
            let name = entry.file_name();
            // It may have been removed meanwhile.
            let Some((is_entry, metadata)) = kind(&name).zip(entry.metadata().ok()) else {
                continue;
            };
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let is_old = used.elapsed().is_ok_and(|age| age > LEFT_BEHIND);
            if is_entry || is_old {
                let used = if is_entry { used } else { SystemTime::UNIX_EPOCH };
                files.try_reserve(1)?;
                files.push((used, on_disk(metadata.size()), name, is_entry));
            }
            sum = sum.saturating_add(on_disk(metadata.size()));
        }
        files.sort_unstable();
        for (_, len, name, is_entry) in files {
            if is_entry && sum <= room {
                break;
            }
            // Another process may have done it.
            let _ = folder.remove(&CString::new(name.as_bytes())?);
            sum = sum.saturating_sub(len);
        }
        Ok(())
    }

    /// Logs the first thing that does not work.
    fn tell(&self, error: &io::Error) {
        if !self.told.swap(true, Relaxed) {
            let folder = self.settings.folder.display();
            self.log.say(Level::Warning, || format!("the cache {folder} cannot be used: {error}"));
        }
    }

    /// Logs that the bytes of an entry are not used.
    pub fn refuse(&self, why: &dyn std::fmt::Display) {
        let folder = self.settings.folder.display();
        self.log
            .say(Level::Warning, || format!("an entry of the cache {folder} is not used: {why}"));
    }
}

/// Makes the file that says that there are entries about a module.
fn note(folder: &Folder, module: &EntryName) -> io::Result<()> {
    match folder.make_file(&module.file_name(), 0) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether a file is an entry, or else not finished. None if it is neither.
fn kind(name: &OsStr) -> Option<bool> {
    let name = name.as_bytes();
    if [CODE, PROFILE, MODULE].iter().any(|end| name.ends_with(end)) {
        return Some(true);
    }
    name.ends_with(UNFINISHED).then_some(false)
}

fn on_disk(len: u64) -> u64 {
    len.max(1).div_ceil(BLOCK).saturating_mul(BLOCK)
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, "an entry is larger than all may be")
}

/// A name that no other thread or process uses now.
fn unfinished_name() -> CString {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Relaxed);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let name = format!("{:x}-{count:x}-{:x}", std::process::id(), now.as_nanos());
    file_name(&name, UNFINISHED)
}
