//! Modules that are compiled while somebody watches.

use super::engine::Engine;
use super::error::Error;
use super::module::Module;
use super::owner;
use super::store::Store;
use std::mem;
use std::ptr;
use std::time::Duration;
use wasmrt::capi::job::*;

owner! {
    /// The compilation of a module, in the background.
    Job of wasmrt_job_t, deleted by wasmrt_job_delete
}

// SAFETY: the library lets any thread use a job at any time.
unsafe impl Sync for Job {}

impl Job {
    pub fn new_in(engine: &Engine) -> Result<Job, Error> {
        // SAFETY: a valid handle, and no options.
        Job::new(unsafe { wasmrt_job_new(engine.handle(), ptr::null()) }).ok_or_else(Error::last)
    }

    /// Hands over all bytes of the module. An engine without threads compiles in this call.
    pub fn feed(&self, bytes: &[u8]) {
        // What is wrong is said when the module is asked for.
        // SAFETY: a valid handle; the bytes are borrowed.
        unsafe {
            let _ = bytes.is_empty()
                || wasmrt_job_feed(self.handle(), bytes.as_ptr().cast(), bytes.len());
            wasmrt_job_feed(self.handle(), ptr::null(), 0);
        }
    }

    /// Whether it is over; waits for that so long.
    pub fn is_over_in(&self, time: Duration) -> bool {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        // SAFETY: a valid handle.
        let state = unsafe { wasmrt_job_wait(self.handle(), nanoseconds) };
        state != wasmrt_job_state_enum::WASMRT_JOB_RUNNING as u32
    }

    /// How many functions are done, and how many there are.
    pub fn progress(&self) -> (u64, u64) {
        // SAFETY: a structure of numbers.
        let mut progress: wasmrt_progress_t = unsafe { mem::zeroed() };
        progress.struct_size = size_of::<wasmrt_progress_t>();
        // SAFETY: a valid handle, and room for the result.
        unsafe { wasmrt_job_poll(self.handle(), &mut progress) };
        (progress.done, progress.functions)
    }

    pub fn cancel(&self) {
        // SAFETY: a valid handle.
        unsafe { wasmrt_job_cancel(self.handle()) };
    }

    /// The module, or why there is none.
    pub fn module(&self, store: &Store) -> Result<Module, Error> {
        // SAFETY: valid handles.
        let module = unsafe { wasmrt_job_module(self.handle(), store.handle()) };
        Module::new(module).ok_or_else(Error::last)
    }
}
