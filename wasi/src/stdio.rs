//! Standard input, output and error: what a host puts in their place.
//!
//! Whatever is not a descriptor of the system is a [`Stream`]. Streams may call functions of the host, which may use
//! the store; so nothing is locked while a stream is used, except what the stream itself locks.

use crate::errno::Errno;
use std::os::fd::OwnedFd;
use std::sync::Arc;

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
