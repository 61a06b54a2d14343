//! Random numbers: the system's, or the host's.

use crate::errno::Errno;
use crate::guest::Bytes;
use crate::host::Env;
use std::ffi::c_void;

/// `wasmrt_wasi_random_t`
pub type FillRandom = unsafe extern "C" fn(env: *mut c_void, data: *mut u8, size: usize) -> bool;

/// Where random numbers come from.
#[derive(Default)]
pub enum Random {
    #[default]
    System,
    Host(FillRandom, Env),
}

impl Random {
    /// Fills bytes of a guest with random numbers of the system.
    pub fn fill_from_system(bytes: Bytes) -> Result<(), Errno> {
        let mut done = 0;
        while done < bytes.len() {
            let part = bytes.part(done, usize::MAX);
            // SAFETY: the range is within the guest's memory.
            let n = unsafe { libc::getrandom(part.as_ptr().cast(), part.len(), 0) };
            match usize::try_from(n) {
                Ok(n) => done += n,
                Err(_) => match Errno::last() {
                    Errno::Interrupted => {}
                    errno => return Err(errno),
                },
            }
        }
        Ok(())
    }
}
