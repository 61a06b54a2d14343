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
    assert!(is_not_ready(listener.accept(FdFlags::NONE)));
    assert_eq!(listener.accept(FdFlags::APPEND).err(), Some(Errno::Invalid));
    let mut peer = TcpStream::connect(address).unwrap();
    let socket = patiently(&listener, Interest::Read, || listener.accept(FdFlags::NONE)).unwrap();

    assert!(is_not_ready(socket.receive(&[bytes(&mut [0])], false)));
    peer.write_all(b"hello").unwrap();
    let (mut first, mut second) = ([0; 3], [0; 4]);
    for peek in [true, false] {
        let ranges = [bytes(&mut first), bytes(&mut second)];
        let received = patiently(&socket, Interest::Read, || socket.receive(&ranges, peek));
        assert_eq!(received, Ok(Received { len: 5, is_cut: false }));
        assert_eq!((&first, &second), (b"hel", b"lo\0\0"));
    }

    let sent =
        patiently(&socket, Interest::Write, || socket.send(&[bytes(&mut b"answer".to_vec())]));
    assert_eq!(sent, Ok(6));
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
    assert_eq!(file.accept(FdFlags::NONE).err(), Some(Errno::NotSocket));
    assert_eq!(file.send(&[]), Err(Errno::NotSocket));
    assert_eq!(file.receive(&[], false), Err(Errno::NotSocket));
    assert_eq!(place.folder.receive(&[], false), Err(Errno::NotSocket));
}
