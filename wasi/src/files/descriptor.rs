//! One open file, folder, stream or socket: what a guest's descriptor stands for.
//!
//! A descriptor is shared by reference count: a thread that is inside a call keeps it, so that another thread may close
//! its number at any time. Rights only ever shrink. Flags that the guest sees are kept here, and `APPEND` on the host's
//! side as well. `NONBLOCK` is for the guest only: on the host's side every open file that is ours alone has it, so that
//! waiting can be left to the caller.

use super::Result;
use super::blocking::Blocking;
use super::flags::{FdFlags, FileType, Rights};
use super::folder::Listing;
use crate::errno::Errno;
use crate::stdio::{Stdio, Stream};
use rustix::fs::OFlags;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering::Relaxed};

/// What a guest may do below a preopened folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Read,
    ReadWrite,
}

/// What `fd_fdstat_get` tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fdstat {
    pub file_type: FileType,
    pub flags: FdFlags,
    pub base: Rights,
    pub inheriting: Rights,
}

pub(super) enum Kind {
    /// Anything that the host has a descriptor for.
    Host(File),
    Stream(Arc<dyn Stream>),
}

/// Always at its end; takes everything.
struct Null;

impl Stream for Null {
    fn read(&self, _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        Ok(bytes.len())
    }
}

pub struct Descriptor {
    pub(super) kind: Kind,
    pub(super) file_type: FileType,
    pub(super) blocking: Blocking,
    /// The open file is shared with the host.
    is_shared: bool,
    base: AtomicU64,
    inheriting: AtomicU64,
    pub(super) flags: AtomicU16,
    preopen: Option<Box<[u8]>>,
    pub(super) listing: Listing,
}

impl Descriptor {
    /// A folder that the guest finds open, under the name by which it knows it.
    pub fn preopened(folder: File, name: &[u8], access: Access) -> Result<Self> {
        let (base, inheriting) = match access {
            Access::Read => {
                (Rights::FOLDER.without(Rights::CHANGES), Rights::ALL.without(Rights::CHANGES))
            }
            Access::ReadWrite => (Rights::FOLDER, Rights::ALL),
        };
        let mut descriptor = Self::opened(folder, base, inheriting, FdFlags::NONE)?;
        if descriptor.file_type != FileType::Directory {
            return Err(Errno::NotDirectory);
        }
        descriptor.preopen = Some(name.into());
        Ok(descriptor)
    }

    /// A stream of the host's, for standard input, output and error. Its open file stays shared with the host, except for
    /// pipes and terminals, which can be opened once more.
    pub fn inherited(stream: BorrowedFd<'_>, rights: Rights) -> Result<Self> {
        let (file, blocking) = match super::blocking::opened_again(stream) {
            Some(file) => (file, Blocking::Refuses),
            None => (File::from(rustix::io::fcntl_dupfd_cloexec(stream, 3)?), Blocking::Shared),
        };
        let mut descriptor = Self::opened(file, rights, Rights::NONE, FdFlags::NONE)?;
        descriptor.is_shared = true;
        if descriptor.blocking == Blocking::Refuses {
            descriptor.blocking = blocking;
        }
        Ok(descriptor)
    }

    /// Standard input (0), output (1) or error (2).
    pub fn from_stdio(stream: Stdio, number: u32) -> Result<Self> {
        let rights =
            Rights::ALL.without(if number == 0 { Rights::CHANGES } else { Rights::FD_READ });
        match stream {
            Stdio::Null => Ok(Self::stream(Arc::new(Null), rights)),
            Stdio::Stream(stream) => Ok(Self::stream(stream, rights)),
            Stdio::File(file) => Self::inherited(file.as_fd(), rights),
            Stdio::Inherited => {
                let own =
                    [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
                Self::inherited(own[number as usize], rights)
            }
        }
    }

    /// A callback or a buffer.
    pub fn stream(stream: Arc<dyn Stream>, rights: Rights) -> Self {
        let rights = rights.and(Rights::STREAM);
        Self::new(Kind::Stream(stream), FileType::Unknown, Blocking::Never, rights, Rights::NONE)
    }

    /// A socket that listens or is connected. It will not block any more.
    pub fn socket(socket: OwnedFd) -> Result<Self> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        let inheriting = Rights::SOCKET;
        let descriptor = Self::opened(File::from(socket), Rights::ALL, inheriting, FdFlags::NONE)?;
        match descriptor.file_type {
            FileType::SocketStream | FileType::SocketDatagram => Ok(descriptor),
            _ => Err(Errno::NotSocket),
        }
    }

    /// A file of any type that is ours, opened not to block; it gets of the rights what makes sense for its type.
    pub fn opened(file: File, base: Rights, inheriting: Rights, flags: FdFlags) -> Result<Self> {
        let stat = rustix::fs::fstat(&file)?;
        let mut inheriting = inheriting;
        let (file_type, blocking, sensible) =
            match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
                rustix::fs::FileType::Directory => {
                    (FileType::Directory, Blocking::Never, Rights::FOLDER)
                }
                rustix::fs::FileType::RegularFile => {
                    (FileType::RegularFile, Blocking::Never, Rights::FILE)
                }
                rustix::fs::FileType::BlockDevice => {
                    (FileType::BlockDevice, Blocking::Never, Rights::FILE)
                }
                rustix::fs::FileType::CharacterDevice => {
                    (FileType::CharacterDevice, device_blocking(stat.st_rdev), Rights::STREAM)
                }
                rustix::fs::FileType::Socket => {
                    let (file_type, sensible) = super::sockets::type_of(&file)?;
                    if sensible == Rights::SOCKET {
                        inheriting = Rights::NONE;
                    }
                    (file_type, Blocking::Refuses, sensible)
                }
                _ => (FileType::Unknown, Blocking::Refuses, Rights::STREAM),
            };
        let mut descriptor =
            Self::new(Kind::Host(file), file_type, blocking, base.and(sensible), inheriting);
        descriptor.flags = AtomicU16::new(flags.bits());
        Ok(descriptor)
    }

    fn new(
        kind: Kind,
        file_type: FileType,
        blocking: Blocking,
        base: Rights,
        inheriting: Rights,
    ) -> Self {
        Descriptor {
            kind,
            file_type,
            blocking,
            is_shared: false,
            base: AtomicU64::new(base.bits()),
            inheriting: AtomicU64::new(inheriting.bits()),
            flags: AtomicU16::new(0),
            preopen: None,
            listing: Listing::default(),
        }
    }

    /// The guest's name of a preopened folder.
    pub fn preopen_name(&self) -> Option<&[u8]> {
        self.preopen.as_deref()
    }

    pub fn is_socket(&self) -> bool {
        matches!(self.file_type, FileType::SocketStream | FileType::SocketDatagram)
    }

    /// What the host can poll; nothing for streams of the host's own and for what is always ready.
    pub fn pollable(&self) -> Option<BorrowedFd<'_>> {
        match &self.kind {
            Kind::Host(file) if self.blocking != Blocking::Never => Some(file.as_fd()),
            _ => None,
        }
    }

    pub fn fdstat(&self) -> Fdstat {
        Fdstat {
            file_type: self.file_type,
            flags: self.flags(),
            base: self.base(),
            inheriting: self.inheriting(),
        }
    }

    pub(super) fn base(&self) -> Rights {
        Rights::wished(self.base.load(Relaxed))
    }

    pub(super) fn inheriting(&self) -> Rights {
        Rights::wished(self.inheriting.load(Relaxed))
    }

    pub(super) fn flags(&self) -> FdFlags {
        FdFlags::from_guest(self.flags.load(Relaxed)).unwrap_or_default()
    }

    /// Refuses the call unless the descriptor has all these rights.
    pub fn need(&self, rights: Rights) -> Result<()> {
        if self.base().contains(rights) { Ok(()) } else { Err(Errno::NotCapable) }
    }

    /// The host's file, for calls that only files know.
    pub(super) fn file(&self) -> Result<&File> {
        match &self.kind {
            Kind::Host(file) => Ok(file),
            Kind::Stream(_) => Err(Errno::IllegalSeek),
        }
    }

    /// The file to act on if the descriptor has the rights; folders answer with an error of their own.
    pub(super) fn file_with(&self, rights: Rights) -> Result<&File> {
        if self.file_type == FileType::Directory && !Rights::FOLDER.contains(rights) {
            return Err(Errno::IsDirectory);
        }
        self.need(rights)?;
        self.file()
    }

    /// The folder to resolve paths from.
    pub(super) fn folder_with(&self, rights: Rights) -> Result<&File> {
        if self.file_type != FileType::Directory {
            return Err(Errno::NotDirectory);
        }
        self.need(rights)?;
        self.file()
    }

    /// Gives up rights. They never come back.
    pub fn set_rights(&self, base: u64, inheriting: u64) -> Result<()> {
        if base & !self.base.load(Relaxed) != 0 || inheriting & !self.inheriting.load(Relaxed) != 0
        {
            return Err(Errno::NotCapable);
        }
        // Not a store: another thread may have given up other rights since.
        self.base.fetch_and(base, Relaxed);
        self.inheriting.fetch_and(inheriting, Relaxed);
        Ok(())
    }

    /// Sets `APPEND` and `NONBLOCK`; the others are fixed when a file is opened.
    pub fn set_flags(&self, flags: FdFlags) -> Result<()> {
        self.need(Rights::FD_FDSTAT_SET_FLAGS)?;
        let now = self.flags();
        let changed = flags.without(now).with(now.without(flags));
        if changed.intersects(FdFlags::DSYNC.with(FdFlags::RSYNC).with(FdFlags::SYNC)) {
            return Err(Errno::NotSupported);
        }
        if changed.intersects(FdFlags::APPEND) {
            self.set_append(flags.contains(FdFlags::APPEND))?;
        }
        self.flags.store(flags.bits(), Relaxed);
        Ok(())
    }

    /// Only for files that are ours alone: the host's own writes to a shared one would move, too.
    fn set_append(&self, append: bool) -> Result<()> {
        let file = self.file()?;
        if self.file_type != FileType::RegularFile || self.is_shared {
            return Err(Errno::NotSupported);
        }
        let mut flags = rustix::fs::fcntl_getfl(file)?;
        flags.set(OFlags::APPEND, append);
        Ok(rustix::fs::fcntl_setfl(file, flags)?)
    }
}

/// Some devices always answer at once: /dev/null, /dev/zero, /dev/full and /dev/urandom.
fn device_blocking(device: rustix::fs::Dev) -> Blocking {
    match (rustix::fs::major(device), rustix::fs::minor(device)) {
        (1, 3 | 5 | 7 | 9) => Blocking::Never,
        _ => Blocking::Refuses,
    }
}
