//! The contents of a file, read into memory of ours.
//!
//! They are not mapped: a mapped file that somebody shortens is a SIGBUS for whoever reads the mapping. Reading into huge
//! pages takes as little time as mapping, since what costs is the first access to each page.

use super::arriving::{Arrivals, ArrivingBytes, LARGE};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::ops::Deref;
use std::sync::Arc;

/// See the top of the file.
pub enum FileBytes {
    Few(Vec<u8>),
    Many(Arc<ArrivingBytes>),
}

impl FileBytes {
    /// The next `len` bytes of a file; less if it ends before.
    pub fn read(file: File, len: u64) -> io::Result<FileBytes> {
        let no_room = |_| io::Error::from(ErrorKind::OutOfMemory);
        let (mut file, len) = (file.take(len), usize::try_from(len).map_err(no_room)?);
        if len < LARGE {
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(len)?;
            file.read_to_end(&mut bytes)?;
            return Ok(FileBytes::Few(bytes));
        }
        let mut bytes = Arrivals::new(len).map_err(|_| io::Error::from(ErrorKind::OutOfMemory))?;
        bytes.append_from(&mut file, len)?;
        Ok(FileBytes::Many(bytes.bytes().clone()))
    }
}

impl Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            FileBytes::Few(bytes) => bytes,
            FileBytes::Many(bytes) => bytes.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    #[test]
    fn contents_are_what_was_written_whatever_their_size() {
        for size in [0, 10, LARGE - 1, LARGE, LARGE + 4097] {
            let path = std::env::temp_dir().join(format!("wasmrt-bytes-{}", std::process::id()));
            let mut file = File::options()
                .create(true)
                .truncate(true)
                .read(true)
                .write(true)
                .open(&path)
                .unwrap();
            std::fs::remove_file(&path).unwrap();
            let written: Vec<u8> = (0..size).map(|i| (i * 7 / 5) as u8).collect();
            file.write_all(&written).unwrap();
            let mut read = |len| {
                file.rewind().unwrap();
                FileBytes::read(file.try_clone().unwrap(), len).unwrap()
            };
            assert!(*read(size as u64) == written[..]);
            // It has become shorter meanwhile.
            assert!(*read(size as u64 + 10_000_000) == written[..]);
        }
    }
}
