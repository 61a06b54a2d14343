//! Sockets that the host hands to a guest: accepting, receiving, sending, shutting down.

use super::blocking::{Interest, Progress};
use super::descriptor::Descriptor;
use super::{FdFlags, FileType, Result, Rights, raw};
use crate::errno::Errno;
use crate::guest::Bytes;
use rustix::net::{Shutdown, SocketFlags, SocketType, sockopt};
use std::fs::File;

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
    pub fn accept(&self, flags: FdFlags) -> Result<Progress<Descriptor>> {
        self.socket_with(Rights::SOCK_ACCEPT)?;
        if !FdFlags::NONBLOCK.contains(flags) {
            return Err(Errno::Invalid);
        }
        self.if_ready(Interest::Read, |fd| {
            let flags_of_host = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let socket = rustix::net::accept_with(fd, flags_of_host)?;
            Descriptor::opened(File::from(socket), self.inheriting(), Rights::NONE, flags)
        })
    }

    pub fn receive(&self, into: &[Bytes], peek: bool) -> Result<Progress<Received>> {
        self.socket_with(Rights::FD_READ)?;
        let flags = if peek { libc::MSG_PEEK } else { 0 };
        self.if_ready(Interest::Read, |fd| {
            let (len, is_cut) = raw::receive(fd, into, flags)?;
            Ok(Received { len, is_cut })
        })
    }

    pub fn send(&self, from: &[Bytes]) -> Result<Progress<usize>> {
        self.socket_with(Rights::FD_WRITE)?;
        self.if_ready(Interest::Write, |fd| raw::send(fd, from))
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
