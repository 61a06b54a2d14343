//! Pipes, terminals and devices.

use super::*;
use std::io::{Read, Write};
use std::os::fd::AsFd;

#[test]
fn an_inherited_pipe_keeps_the_setting_of_the_host() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let stdin = Descriptor::inherited(reader.as_fd(), Rights::STREAM).unwrap();
    writer.write_all(b"text").unwrap();
    assert_eq!(read_all(&stdin).unwrap(), "text");
    stdin.set_flags(FdFlags::NONBLOCK).unwrap();
    assert_eq!(read_all(&stdin), Err(Errno::Again));
    assert!(!rustix::fs::fcntl_getfl(&reader).unwrap().contains(rustix::fs::OFlags::NONBLOCK));
    assert_eq!(stdin.set_flags(FdFlags::APPEND), Err(Errno::NotSupported));
    drop(writer);
    assert_eq!(read_all(&stdin).unwrap(), "");
}

#[test]
fn a_read_that_would_wait_does_not_hold_up_the_host() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let stdin = Descriptor::inherited(reader.as_fd(), Rights::STREAM).unwrap();
    assert!(is_not_ready(stdin.read(&[bytes(&mut [0])])));

    let place = Place::new(Access::ReadWrite);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        place.inside("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    // Opening a pipe without a partner would hold up the host.
    let fifo = place.folder.open(b"fifo", OpenHow { base: READ_WRITE, ..FOLLOW }).unwrap();
    assert!(is_not_ready(fifo.read(&[bytes(&mut [0])])));
    place.folder.open(b"fifo", FOLLOW).unwrap();
    let times = NewTimes::new(1, 1, TimeFlags::ACCESSED).unwrap();
    place.folder.path_set_times(LookupFlags::FOLLOW, b"fifo", &times).unwrap();
}

#[test]
fn writing_to_a_pipe_that_nobody_reads_is_an_error_and_no_signal() {
    let (reader, writer) = std::io::pipe().unwrap();
    let stdout = Descriptor::inherited(writer.as_fd(), Rights::STREAM).unwrap();
    drop(reader);
    assert_eq!(write_all(&stdout, "text"), Err(Errno::Pipe));
    // Rust's test programs ignore the signal; programs in C do not.
    // SAFETY: sets a handler that is defined by the system.
    let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    assert_eq!(write_all(&stdout, "text"), Err(Errno::Pipe));
    // SAFETY: as above.
    unsafe { libc::signal(libc::SIGPIPE, before) };
}

#[test]
fn a_long_write_to_an_inherited_pipe_does_not_block_between_its_parts() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let stdout = Descriptor::inherited(writer.as_fd(), Rights::STREAM).unwrap();
    let mut text = vec![b'x'; 1 << 20];
    let mut written = 0;
    while let Progress::Done(len) = stdout.write(&[bytes(&mut text)]).unwrap() {
        assert!(len > 0);
        written += len;
    }
    drop((writer, stdout));
    let mut all = Vec::new();
    reader.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), written);
}

#[test]
fn devices_are_no_files_with_positions() {
    let dev = preopen(Path::new("/dev"), Access::ReadWrite);
    let null = dev.open(b"null", OpenHow { base: READ_WRITE, ..FOLLOW }).unwrap();
    assert_eq!(null.fdstat().file_type, FileType::CharacterDevice);
    assert_eq!(write_all(&null, "text"), Ok(4));
    assert_eq!(read_all(&null).unwrap(), "");
    assert_eq!(null.seek(0, Whence::Set), Err(Errno::IllegalSeek));
    assert!(!null.fdstat().base.intersects(Rights::FD_SEEK.with(Rights::FD_TELL)));
}
