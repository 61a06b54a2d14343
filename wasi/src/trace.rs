//! Telling the host about every call of a guest, for tools that show what a program does.
//!
//! Without a function of the host's, a call pays for one comparison.

use crate::host::Env;
use std::ffi::{CStr, c_char, c_void};

/// The host's function: its environment, the name of the call, the arguments, and the result.
pub type Tell = unsafe extern "C" fn(*mut c_void, *const c_char, *const u64, usize, i32);

pub struct Trace {
    tell: Tell,
    env: Env,
}

/// The result of a call that did not return.
pub const STOPPED: i32 = -1;

impl Trace {
    pub fn new(tell: Tell, env: Env) -> Trace {
        Trace { tell, env }
    }

    #[cold]
    pub fn tell(&self, name: &'static CStr, args: &[u64], result: i32) {
        // SAFETY: the host promises that its function may be called with its environment.
        unsafe { (self.tell)(self.env.data(), name.as_ptr(), args.as_ptr(), args.len(), result) };
    }
}
