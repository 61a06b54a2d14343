//! Sockets.

use super::*;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;

#[test]
fn a_listener_gives_connections_that_can_be_used() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let listener = Descriptor::socket(OwnedFd::from(listener)).unwrap();
    assert_eq!(listener.accept(FdFlags::NONE, &Hasty).err(), Some(Errno::TimedOut));
    assert_eq!(listener.accept(FdFlags::APPEND, &Hasty).err(), Some(Errno::Invalid));
    let mut peer = TcpStream::connect(address).unwrap();
    let socket = listener.accept(FdFlags::NONE, &Patient).unwrap();

    assert_eq!(socket.receive(&[bytes(&mut [0])], 0, &Hasty), Err(Errno::TimedOut));
    peer.write_all(b"he").unwrap();
    let mut buffer = [0; 5];
    let peeked =
        socket.receive(&[bytes(&mut buffer)], super::super::sockets::PEEK, &Patient).unwrap();
    assert_eq!(peeked, Received { len: 2, is_cut: false });
    let later = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        peer.write_all(b"llo").unwrap();
        peer
    });
    let (mut first, mut second) = ([0; 3], [0; 2]);
    let ranges = [bytes(&mut first), bytes(&mut second)];
    assert_eq!(socket.receive(&ranges, super::super::sockets::WAIT_ALL, &Patient).unwrap().len, 5);
    assert_eq!((&first, &second), (b"hel", b"lo"));
    let mut peer = later.join().unwrap();

    assert_eq!(socket.send(&[bytes(&mut b"answer".to_vec())], &Patient), Ok(6));
    assert_eq!(write_all(&socket, "!"), Ok(1));
    assert_eq!(socket.shut_down(0), Err(Errno::Invalid));
    assert_eq!(socket.shut_down(4), Err(Errno::Invalid));
    socket.shut_down(2).unwrap();
    let mut answer = String::new();
    peer.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "answer!");
    assert_eq!(write_all(&socket, "x"), Err(Errno::Pipe));
    peer.shutdown(Shutdown::Both).unwrap();
    assert_eq!(read_all(&socket).unwrap(), "");
}

#[test]
fn what_is_no_socket_says_so() {
    let place = Place::new(Access::ReadWrite);
    let file = place.folder.open(b"file", creating()).unwrap();
    assert_eq!(file.shut_down(1), Err(Errno::NotSocket));
    assert_eq!(file.accept(FdFlags::NONE, &Hasty).err(), Some(Errno::NotSocket));
    assert_eq!(file.send(&[], &Hasty), Err(Errno::NotSocket));
    assert_eq!(file.receive(&[], 0, &Hasty), Err(Errno::NotSocket));
    assert_eq!(place.folder.receive(&[], 0, &Hasty), Err(Errno::NotSocket));
}
