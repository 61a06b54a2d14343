//! Sockets that the host hands to a guest: accepting, receiving, sending, shutting down.

use super::blocking::{Interest, Wait};
use super::descriptor::Descriptor;
use super::{FdFlags, FileType, Result, Rights, raw};
use crate::errno::Errno;
use crate::guest::Bytes;
use rustix::net::{Shutdown, SocketFlags, SocketType, sockopt};
use std::fs::File;

/// Look at what is there without taking it.
pub const PEEK: u16 = 1;
/// Wait until all the room is filled.
pub const WAIT_ALL: u16 = 2;

/// What `sock_recv` returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    pub len: usize,
    /// The datagram was longer than the room for it.
    pub is_cut: bool,
}

/// The type of a socket, and the rights that make sense for it.
pub(super) fn type_of(socket: &File) -> Result<(FileType, Rights)> {
    let file_type = match sockopt::socket_type(socket)? {
        SocketType::DGRAM => FileType::SocketDatagram,
        _ => FileType::SocketStream,
    };
    let listens = sockopt::socket_acceptconn(socket)?;
    Ok((file_type, if listens { Rights::LISTENER } else { Rights::SOCKET }))
}

impl Descriptor {
    pub fn accept(&self, flags: FdFlags, wait: &dyn Wait) -> Result<Descriptor> {
        self.socket_with(Rights::SOCK_ACCEPT)?;
        if !FdFlags::NONBLOCK.contains(flags) {
            return Err(Errno::Invalid);
        }
        let socket = self.when_ready(Interest::Read, wait, |fd| {
            Ok(rustix::net::accept_with(fd, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?)
        })?;
        Descriptor::opened(File::from(socket), self.inheriting(), Rights::NONE, flags)
    }

    pub fn receive(&self, into: &[Bytes], flags: u16, wait: &dyn Wait) -> Result<Received> {
        self.socket_with(Rights::FD_READ)?;
        if flags & !(PEEK | WAIT_ALL) != 0 {
            return Err(Errno::Invalid);
        }
        let peek = if flags & PEEK != 0 { libc::MSG_PEEK } else { 0 };
        if flags & WAIT_ALL != 0 && peek == 0 && self.file_type == FileType::SocketStream {
            return self.receive_all(into, wait);
        }
        let (len, is_cut) =
            self.when_ready(Interest::Read, wait, |fd| raw::receive(fd, into, peek))?;
        Ok(Received { len, is_cut })
    }

    /// The sockets do not block, so the system does not wait for all of it.
    fn receive_all(&self, into: &[Bytes], wait: &dyn Wait) -> Result<Received> {
        let mut len = 0;
        for range in into {
            let mut filled = 0;
            while filled < range.len() {
                let rest = range.part(filled, usize::MAX);
                match self.when_ready(Interest::Read, wait, |fd| raw::receive(fd, &[rest], 0)) {
                    Ok((0, _)) => return Ok(Received { len, is_cut: false }),
                    Err(_) if len > 0 => return Ok(Received { len, is_cut: false }),
                    Err(error) => return Err(error),
                    Ok((received, _)) => {
                        filled += received;
                        len += received;
                    }
                }
            }
        }
        Ok(Received { len, is_cut: false })
    }

    pub fn send(&self, from: &[Bytes], wait: &dyn Wait) -> Result<usize> {
        self.socket_with(Rights::FD_WRITE)?;
        self.when_ready(Interest::Write, wait, |fd| raw::send(fd, from))
    }

    /// Ends receiving (1), sending (2) or both (3).
    pub fn shut_down(&self, how: u32) -> Result<()> {
        let socket = self.socket_with(Rights::SOCK_SHUTDOWN)?;
        let how = match how {
            1 => Shutdown::Read,
            2 => Shutdown::Write,
            3 => Shutdown::Both,
            _ => return Err(Errno::Invalid),
        };
        Ok(rustix::net::shutdown(socket, how)?)
    }

    fn socket_with(&self, rights: Rights) -> Result<&File> {
        if !self.is_socket() {
            return Err(Errno::NotSocket);
        }
        self.need(rights)?;
        self.file()
    }
}
