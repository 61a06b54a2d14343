//! Standard input, output and error: what a host puts in their place.
//!
//! Whatever is not a descriptor of the system is a [`Stream`]. Streams may call functions of the host, which may use
//! the store; so nothing is locked while a stream is used, except what the stream itself locks.

use crate::errno::Errno;
use crate::host::Env;
use crate::room;
use std::ffi::c_void;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use wasmrt_process::lock::ForkMutex;

/// What a guest reads or writes that is no descriptor of the system.
pub trait Stream: Send + Sync {
    /// Reads at most as many bytes as there is room for; 0 at the end.
    fn read(&self, _into: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::BadDescriptor)
    }

    /// Writes at most all bytes, and says how many.
    fn write(&self, _bytes: &[u8]) -> Result<usize, Errno> {
        Err(Errno::BadDescriptor)
    }

    /// Shows what was written since the last time, if the stream keeps it, and forgets it if `copy` says that it has it;
    /// whether it did. Nobody can write meanwhile: `copy` runs no code of the host's.
    fn take(&self, _copy: &mut dyn FnMut(&[u8]) -> bool) -> Option<bool> {
        None
    }
}

/// What one of the three streams is.
#[derive(Clone, Default)]
pub enum Stdio {
    /// Always at its end; takes everything and keeps nothing.
    #[default]
    Null,
    /// The host's own stream of the same number.
    Inherited,
    File(Arc<OwnedFd>),
    Stream(Arc<dyn Stream>),
}

/// Bytes to read, which the host gave.
pub struct Input(ForkMutex<Rest>);

struct Rest {
    bytes: Vec<u8>,
    done: usize,
}

impl Input {
    pub fn new(bytes: Vec<u8>) -> Input {
        Input(ForkMutex::new(Rest { bytes, done: 0 }))
    }
}

impl Stream for Input {
    fn read(&self, into: &mut [u8]) -> Result<usize, Errno> {
        let mut rest = self.0.lock();
        let bytes = &rest.bytes[rest.done..];
        let n = bytes.len().min(into.len());
        into[..n].copy_from_slice(&bytes[..n]);
        rest.done += n;
        Ok(n)
    }
}

/// Keeps what is written until the host takes it, up to a limit; whatever is beyond does not fit.
pub struct Captured {
    bytes: ForkMutex<Vec<u8>>,
    limit: usize,
}

impl Captured {
    pub fn new(limit: usize) -> Captured {
        Captured { bytes: ForkMutex::default(), limit }
    }
}

impl Stream for Captured {
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let mut kept = self.bytes.lock();
        let n = bytes.len().min(self.limit.saturating_sub(kept.len()));
        if n == 0 && !bytes.is_empty() {
            return Err(Errno::NoSpace);
        }
        room::grow(&mut kept, n)?;
        kept.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn take(&self, copy: &mut dyn FnMut(&[u8]) -> bool) -> Option<bool> {
        let mut kept = self.bytes.lock();
        let is_copied = copy(&kept);
        if is_copied {
            *kept = Vec::new();
        }
        Some(is_copied)
    }
}

/// `wasmrt_wasi_read_t`
pub type Read = unsafe extern "C" fn(env: *mut c_void, data: *mut u8, size: usize) -> isize;

/// `wasmrt_wasi_write_t`
pub type Write = unsafe extern "C" fn(env: *mut c_void, data: *const u8, size: usize) -> isize;

/// A function of the host that reads.
pub struct Reader(pub Read, pub Env);

impl Stream for Reader {
    fn read(&self, into: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: the host's function, with its environment and room for as many bytes as said.
        answer(unsafe { self.0(self.1.data(), into.as_mut_ptr(), into.len()) }, into.len())
    }
}

/// A function of the host that writes.
pub struct Writer(pub Write, pub Env);

impl Stream for Writer {
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: the host's function, with its environment and as many bytes as said.
        answer(unsafe { self.0(self.1.data(), bytes.as_ptr(), bytes.len()) }, bytes.len())
    }
}

/// A host's answer: how many bytes, or a negative number.
fn answer(n: isize, most: usize) -> Result<usize, Errno> {
    usize::try_from(n).ok().filter(|n| *n <= most).ok_or(Errno::Io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_ends_after_its_last_byte() {
        let input = Input::new(b"abc".to_vec());
        let mut room = [0; 2];
        assert_eq!((input.read(&mut room), room), (Ok(2), *b"ab"));
        assert_eq!((input.read(&mut room), room[0]), (Ok(1), b'c'));
        assert_eq!(input.read(&mut room), Ok(0));
        assert_eq!(input.write(b"x"), Err(Errno::BadDescriptor));
    }

    #[test]
    fn captured_output_has_a_limit_until_it_is_taken() {
        let output = Captured::new(4);
        assert_eq!(output.write(b"abc"), Ok(3));
        assert_eq!(output.write(b"de"), Ok(1));
        assert_eq!(output.write(b"e"), Err(Errno::NoSpace));
        assert_eq!(output.write(b""), Ok(0));
        assert_eq!(output.take(&mut |_| false), Some(false));
        assert_eq!(output.take(&mut |bytes| bytes == b"abcd"), Some(true));
        assert_eq!(output.write(b"e"), Ok(1));
        assert_eq!(output.take(&mut |bytes| bytes == b"e"), Some(true));
    }
}
