//! Reading and writing, seeking and telling.
//!
//! Bytes go straight between the system and the guest's memory. Positions are those of the host's open file, so nothing
//! is kept twice.

use super::blocking::{Blocking, Interest, Progress};
use super::descriptor::{Descriptor, Kind};
use super::signals::{without_pipe_signal, without_size_signal};
use super::{FileType, Result, Rights, Whence, raw};
use crate::errno::Errno;
use crate::guest::Bytes;
use crate::stdio::Stream;
use rustix::fs::SeekFrom;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

/// A pipe that can be written holds at least that much without blocking.
const PIPE_ROOM: usize = 4096;

impl Descriptor {
    #[inline]
    pub fn read(&self, into: &[Bytes]) -> Result<Progress<usize>> {
        self.may_transfer(Rights::FD_READ)?;
        match self.always_ready() {
            Some(file) => raw::read(file.as_fd(), into).map(Progress::Done),
            None => self.read_if_ready(into),
        }
    }

    #[inline(never)]
    fn read_if_ready(&self, into: &[Bytes]) -> Result<Progress<usize>> {
        self.if_ready(Interest::Read, |fd| raw::read(fd, into))
    }

    #[inline]
    pub fn write(&self, from: &[Bytes]) -> Result<Progress<usize>> {
        self.may_transfer(Rights::FD_WRITE)?;
        match self.always_ready() {
            Some(file) if self.file_type != FileType::RegularFile => {
                raw::write(file.as_fd(), from).map(Progress::Done)
            }
            _ => self.write_if_ready(from),
        }
    }

    #[inline(never)]
    fn write_if_ready(&self, from: &[Bytes]) -> Result<Progress<usize>> {
        self.if_ready(Interest::Write, |fd| self.write_once(fd, from))
    }

    /// The file, if the system moves its bytes without ever waiting for somebody.
    #[inline]
    fn always_ready(&self) -> Option<&File> {
        match &self.kind {
            Kind::Host(file) if self.blocking == Blocking::Never => Some(file),
            _ => None,
        }
    }

    /// The stream to read from or to write to instead, if this is one. The caller moves the bytes: a stream may run code
    /// of the host's, after which ranges of a guest's memory are out of date.
    pub fn stream_with(&self, right: Rights) -> Result<Option<&dyn Stream>> {
        match &self.kind {
            Kind::Host(_) => Ok(None),
            Kind::Stream(stream) => self.need(right).map(|()| Some(&**stream)),
        }
    }

    pub fn read_at(&self, into: &[Bytes], offset: u64) -> Result<usize> {
        let file = self.positioned(Rights::FD_READ.with(Rights::FD_SEEK))?;
        raw::read_at(file, into, signed(offset)?)
    }

    pub fn write_at(&self, from: &[Bytes], offset: u64) -> Result<usize> {
        let file = self.positioned(Rights::FD_WRITE.with(Rights::FD_SEEK))?;
        let offset = signed(offset)?;
        without_size_signal(|| raw::write_at(file, from, offset))
    }

    pub fn seek(&self, offset: i64, whence: Whence) -> Result<u64> {
        let rights = match (offset, whence) {
            (0, Whence::Current) => Rights::FD_TELL,
            _ => Rights::FD_SEEK.with(Rights::FD_TELL),
        };
        let file = self.positioned(rights)?;
        let target = match whence {
            Whence::Set => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Invalid)?),
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        Ok(rustix::fs::seek(file, target)?)
    }

    pub fn tell(&self) -> Result<u64> {
        self.seek(0, Whence::Current)
    }

    fn may_transfer(&self, right: Rights) -> Result<()> {
        match self.file_type {
            FileType::Directory => Err(Errno::IsDirectory),
            _ => self.need(right),
        }
    }

    /// The file of something with positions. Pipes and the like say that they have none before they speak of rights.
    fn positioned(&self, rights: Rights) -> Result<BorrowedFd<'_>> {
        match self.file_type {
            FileType::RegularFile | FileType::BlockDevice | FileType::Directory => {
                Ok(self.file_with(rights)?.as_fd())
            }
            _ => Err(Errno::IllegalSeek),
        }
    }

    fn write_once(&self, fd: BorrowedFd, from: &[Bytes]) -> Result<usize> {
        if self.file_type == FileType::RegularFile {
            return without_size_signal(|| raw::write(fd, from));
        }
        if self.is_socket() {
            return raw::send(fd, from);
        }
        let first = from.iter().find(|range| range.len() != 0);
        let part = first.map(|range| range.part(0, PIPE_ROOM));
        match part {
            // The host's own pipe would block for the rest.
            Some(part) if self.blocking == Blocking::Shared && total(from) > PIPE_ROOM => {
                without_pipe_signal(|| raw::write(fd, &[part]))
            }
            _ => without_pipe_signal(|| raw::write(fd, from)),
        }
    }
}

fn total(ranges: &[Bytes]) -> usize {
    ranges.iter().fold(0, |sum, range| sum.saturating_add(range.len()))
}

/// The system counts positions in 63 bits.
fn signed(offset: u64) -> Result<i64> {
    i64::try_from(offset).map_err(|_| Errno::Invalid)
}
