//! A folder for files that no other user can change.
//!
//! The folder is opened once and its files by their names in it, so that nothing changes hands between a check and a
//! use. The owner must be the user whose rights the process has, and nobody else may write, neither to the folder nor
//! to a file. Links are not followed, except on the way to the folder, and nothing is opened that could block.

use super::process::may_have_file_of;
use std::ffi::CStr;
use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// An open folder that only this user can change.
pub struct Folder(File);

impl Folder {
    /// Opens a folder.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let mut options = File::options();
        let folder = options.read(true).custom_flags(libc::O_DIRECTORY | libc::O_CLOEXEC);
        let folder = folder.open(path)?;
        check_owner(&folder.metadata()?)?;
        Ok(Folder(folder))
    }

    /// Opens a folder, and makes it if it does not exist.
    pub fn open_or_make(path: &Path) -> io::Result<Folder> {
        match Folder::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                Folder::open(path)
            }
            result => result,
        }
    }

    /// Opens a file to read it, and marks it as used now.
    pub fn use_file(&self, name: &CStr) -> io::Result<File> {
        let file = self.open_at(name, libc::O_RDONLY | libc::O_NONBLOCK)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidData, "not a regular file"));
        }
        check_owner(&metadata)?;
        // SAFETY: null means now. Where times cannot be changed the file only seems to be unused.
        unsafe { libc::futimens(file.as_raw_fd(), std::ptr::null()) };
        Ok(file)
    }

    /// Makes a file that will have this many bytes. Fails if it exists, or may not become so large: writing more than
    /// the process may would raise a signal.
    pub fn make_file(&self, name: &CStr, len: usize) -> io::Result<File> {
        may_have_file_of(len as u64)?;
        self.open_at(name, libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL)
    }

    /// Gives a file another name, in place of the file that has it.
    pub fn rename(&self, from: &CStr, to: &CStr) -> io::Result<()> {
        let folder = self.0.as_raw_fd();
        // SAFETY: two strings that end in a NUL, and a descriptor that `self` keeps open.
        check(unsafe { libc::renameat(folder, from.as_ptr(), folder, to.as_ptr()) }).map(drop)
    }

    /// Removes a file.
    pub fn remove(&self, name: &CStr) -> io::Result<()> {
        // SAFETY: a string that ends in a NUL, and a descriptor that `self` keeps open.
        check(unsafe { libc::unlinkat(self.0.as_raw_fd(), name.as_ptr(), 0) }).map(drop)
    }

    fn open_at(&self, name: &CStr, flags: i32) -> io::Result<File> {
        let flags = flags | libc::O_CLOEXEC | libc::O_NOFOLLOW;
        // SAFETY: a name in an open folder; the descriptor is owned here only.
        unsafe {
            let file = check(libc::openat(self.0.as_raw_fd(), name.as_ptr(), flags, 0o600))?;
            Ok(File::from_raw_fd(file))
        }
    }
}

/// Marks a file as used now. Where times cannot be changed it only seems to be unused; the error says whether it is
/// missing.
pub fn use_now(path: &CStr) -> io::Result<()> {
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: a string that ends in a NUL; null means now.
    check(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), std::ptr::null(), flags) })
        .map(drop)
}

fn check(result: i32) -> io::Result<i32> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Whether only this user can write.
fn check_owner(metadata: &Metadata) -> io::Result<()> {
    // SAFETY: takes no pointer and always succeeds.
    let user = unsafe { libc::geteuid() };
    let why = if metadata.uid() != user {
        "it belongs to another user"
    } else if metadata.mode() & 0o022 != 0 {
        "others can write to it"
    } else {
        return Ok(());
    };
    Err(io::Error::new(ErrorKind::PermissionDenied, why))
}
