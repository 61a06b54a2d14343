//! Clocks: the system's, or one function of the host for all of them.

use crate::errno::Errno;
use crate::host::Env;
use std::ffi::c_void;

/// The clocks of WASI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum ClockId {
    Realtime = 0,
    Monotonic = 1,
    ProcessTime = 2,
    ThreadTime = 3,
}

impl ClockId {
    pub fn new(id: u32) -> Result<ClockId, Errno> {
        Ok(match id {
            0 => ClockId::Realtime,
            1 => ClockId::Monotonic,
            2 => ClockId::ProcessTime,
            3 => ClockId::ThreadTime,
            _ => return Err(Errno::Invalid),
        })
    }

    fn of_system(self) -> libc::clockid_t {
        match self {
            ClockId::Realtime => libc::CLOCK_REALTIME,
            ClockId::Monotonic => libc::CLOCK_MONOTONIC,
            ClockId::ProcessTime => libc::CLOCK_PROCESS_CPUTIME_ID,
            ClockId::ThreadTime => libc::CLOCK_THREAD_CPUTIME_ID,
        }
    }
}

/// `wasmrt_wasi_clock_t`
pub type ReadClock =
    unsafe extern "C" fn(env: *mut c_void, clock: u32, nanoseconds: *mut u64) -> bool;

/// Where the time comes from.
#[derive(Default)]
pub enum Clock {
    #[default]
    System,
    Host(ReadClock, Env),
}

impl Clock {
    /// Nanoseconds since the epoch of the clock.
    #[inline]
    pub fn now(&self, id: ClockId) -> Result<u64, Errno> {
        match self {
            Clock::System => read(id, libc::clock_gettime),
            Clock::Host(function, env) => {
                let mut now = 0;
                // SAFETY: the host's function, with its environment.
                let known = unsafe { function(env.data(), id as u32, &mut now) };
                if known { Ok(now) } else { Err(Errno::NotSupported) }
            }
        }
    }

    /// Nanoseconds between two readings that differ, at least 1.
    pub fn resolution(&self, id: ClockId) -> Result<u64, Errno> {
        match self {
            Clock::System => read(id, libc::clock_getres).map(|resolution| resolution.max(1)),
            Clock::Host(..) => self.now(id).map(|_| 1),
        }
    }
}

type SystemClock = unsafe extern "C" fn(libc::clockid_t, *mut libc::timespec) -> libc::c_int;

fn read(id: ClockId, function: SystemClock) -> Result<u64, Errno> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the system writes a time.
    if unsafe { function(id.of_system(), &mut time) } != 0 {
        return Err(Errno::last());
    }
    let seconds = u64::try_from(time.tv_sec).map_err(|_| Errno::Overflow)?;
    let nanoseconds = seconds.checked_mul(1_000_000_000).ok_or(Errno::Overflow)?;
    nanoseconds.checked_add(time.tv_nsec as u64).ok_or(Errno::Overflow)
}
