//! Each way out of a folder that advisories of other engines have named, and the details that programs rely on.

mod escapes;
mod listing;
mod races;
mod rights;
mod sockets;
mod streams;

use super::*;
use crate::guest::{Bytes, Memory};
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;

/// A folder `in` that a guest has, next to a folder `out` with a file `secret`, which it must never reach.
struct Place {
    dir: TempDir,
    folder: Descriptor,
}

impl Place {
    fn new(access: Access) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("in")).unwrap();
        std::fs::create_dir(dir.path().join("out")).unwrap();
        std::fs::write(dir.path().join("out/secret"), "secret").unwrap();
        let folder = preopen(&dir.path().join("in"), access);
        Place { dir, folder }
    }

    fn inside(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join("in").join(name)
    }

    fn outside(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join("out").join(name)
    }

    fn link(&self, leads_to: impl AsRef<Path>, name: &str) {
        std::os::unix::fs::symlink(leads_to, self.inside(name)).unwrap();
    }

    fn write(&self, name: &str, contents: &str) {
        std::fs::write(self.inside(name), contents).unwrap();
    }
}

fn preopen(path: &Path, access: Access) -> Descriptor {
    Descriptor::preopened(File::open(path).unwrap(), b"/", access).unwrap()
}

const FOLLOW: OpenHow = OpenHow {
    lookup: LookupFlags::FOLLOW,
    open: OpenFlags::NONE,
    flags: FdFlags::NONE,
    base: READ,
    inheriting: u64::MAX,
};
const READ: u64 = Rights::FILE.without(Rights::CHANGES).bits();
const READ_WRITE: u64 = Rights::FILE.bits();

fn creating() -> OpenHow {
    OpenHow { open: OpenFlags::CREATE, base: READ_WRITE, ..FOLLOW }
}

fn bytes(slice: &mut [u8]) -> Bytes {
    // SAFETY: tests use it while the slice lives.
    let memory = unsafe { Memory::new(slice.as_mut_ptr(), slice.len()) };
    memory.bytes(0, slice.len() as u32).unwrap()
}

fn read_all(descriptor: &Descriptor) -> Result<String> {
    let mut buffer = [0; 100];
    let len = patiently(descriptor, Interest::Read, || descriptor.read(&[bytes(&mut buffer)]))?;
    Ok(String::from_utf8_lossy(&buffer[..len]).into_owned())
}

fn write_all(descriptor: &Descriptor, text: &str) -> Result<usize> {
    let mut text = text.as_bytes().to_vec();
    patiently(descriptor, Interest::Write, || descriptor.write(&[bytes(&mut text)]))
}

/// Tries again until the descriptor is ready.
fn patiently<T>(
    descriptor: &Descriptor,
    interest: Interest,
    mut attempt: impl FnMut() -> Result<Progress<T>>,
) -> Result<T> {
    use rustix::event::{PollFd, PollFlags, poll};
    let events = if interest == Interest::Read { PollFlags::IN } else { PollFlags::OUT };
    loop {
        if let Progress::Done(result) = attempt()? {
            return Ok(result);
        }
        poll(&mut [PollFd::new(&descriptor.pollable().unwrap(), events)], None)?;
    }
}

fn is_not_ready<T>(result: Result<Progress<T>>) -> bool {
    matches!(result, Ok(Progress::NotReady))
}
