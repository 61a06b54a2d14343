//! This process, and files that others find by its number.

use super::memory::page_size;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::ptr;
use std::time::{Duration, SystemTime};

/// Opens a file in a folder where everybody may write, for adding to its end; makes it if it does not exist. A link,
/// or a file that belongs to somebody else, is refused.
pub fn append_to(path: &Path) -> io::Result<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let mut options = OpenOptions::new();
    let file =
        options.read(true).append(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    // SAFETY: takes no pointer and always succeeds.
    let owner = unsafe { libc::geteuid() };
    match about.is_file() && about.uid() == owner && about.nlink() == 1 {
        true => Ok(file),
        false => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "not a file of this user's own"))
        }
    }
}

/// Adds bytes to the end of a file that was opened for that. Fails if it may not become so long.
pub fn append(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    may_have_file_of(file.metadata()?.len().saturating_add(bytes.len() as u64))?;
    file.write_all(bytes)
}

/// Fails if a file may not become so long: writing more than the process may would raise a signal that ends it.
pub fn may_have_file_of(len: u64) -> io::Result<()> {
    if limit(libc::RLIMIT_FSIZE).is_none_or(|limit| len > limit) {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    Ok(())
}

/// A limit of the process; `None` if it cannot be read.
pub(super) fn limit(resource: libc::__rlimit_resource_t) -> Option<libc::rlim_t> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the structure.
    (unsafe { libc::getrlimit(resource, &mut limit) } == 0).then_some(limit.rlim_cur)
}

/// Whether a file was last written before this process began.
pub fn is_older(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.modified()? < begin()?)
}

/// When this process began, to a hundredth of a second.
fn begin() -> io::Result<SystemTime> {
    let unknown = || io::Error::from(io::ErrorKind::InvalidData);
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may contain anything; the field after it is the third.
    let fields = stat.rsplit(')').next().ok_or_else(unknown)?;
    let ticks: u64 =
        fields.split_whitespace().nth(19).and_then(|n| n.parse().ok()).ok_or_else(unknown)?;
    // SAFETY: takes no pointer; an answer that is no number of ticks is corrected.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u64;
    let begin = Duration::from_millis(ticks.saturating_mul(1000) / per_second);
    let age = since_boot()?.saturating_sub(begin);
    SystemTime::now().checked_sub(age).ok_or_else(unknown)
}

fn since_boot() -> io::Result<Duration> {
    clock(libc::CLOCK_BOOTTIME)
}

fn clock(clock: libc::clockid_t) -> io::Result<Duration> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the system writes the time into the structure, which is ours.
    match unsafe { libc::clock_gettime(clock, &raw mut now) } {
        0 => Ok(Duration::new(now.tv_sec as u64, now.tv_nsec as u32)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The time of the clock that only goes forward.
pub fn monotonic_nanoseconds() -> u64 {
    clock(libc::CLOCK_MONOTONIC).map_or(0, |time| time.as_nanos() as u64)
}

/// The system's number of the calling thread.
pub fn thread_id() -> u32 {
    // SAFETY: takes no pointer and always succeeds.
    unsafe { libc::gettid() as u32 }
}

/// Maps the first page of a file as if it were code, for as long as the process lives: tools that record what the
/// process maps then know the file.
pub fn map_as_code(file: &File) -> io::Result<()> {
    let (rights, descriptor) = (libc::PROT_READ | libc::PROT_EXEC, file.as_raw_fd());
    // SAFETY: no address is given, so no existing mapping is touched.
    let page = unsafe {
        libc::mmap(ptr::null_mut(), page_size(), rights, libc::MAP_PRIVATE, descriptor, 0)
    };
    if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_older_if_it_was_written_before_this_process() {
        let path = std::env::temp_dir().join(format!("wasmrt-append-{}", std::process::id()));
        let file = append_to(&path).unwrap();
        assert!(!is_older(&file).unwrap());
        file.set_modified(SystemTime::now() - Duration::from_secs(3600 * 24 * 400)).unwrap();
        assert!(is_older(&append_to(&path).unwrap()).unwrap());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn links_and_what_is_no_file_are_refused() {
        let path = std::env::temp_dir().join(format!("wasmrt-link-{}", std::process::id()));
        symlink("/etc/passwd", &path).unwrap();
        assert!(append_to(&path).is_err());
        fs::remove_file(&path).unwrap();
        assert!(append_to("/dev/null".as_ref()).is_err());
        assert!(append_to("/tmp".as_ref()).is_err());
    }
}
