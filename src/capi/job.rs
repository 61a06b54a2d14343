//! `wasmrt_job_t`: modules that are compiled in the background, also from bytes that are still arriving.

use super::bytes::wasm_byte_t;
use super::callback::SharedCallback;
use super::engine::wasm_engine_t;
use super::guard::guard;
use super::handle::{Owned, give, read_sized, take, write_sized};
use super::last_error::wasmrt_error_t;
use super::objects::own;
use super::stats::{tier_of, wasmrt_tier_stats_t, wasmrt_tier_t};
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::environment::Environment;
use crate::runtime::job::{Job, JobOptions, JobState};
use std::ffi::c_void;
use std::sync::Arc;
use std::time::Duration;

/// A module that is being compiled in the background. Any thread may use it, several at the same time.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_job_t {
    /// Functions that are called with the job keep it: its callback may delete the job within them.
    job: Arc<Job>,
}

impl Owned for wasmrt_job_t {}

impl Drop for wasmrt_job_t {
    fn drop(&mut self) {
        self.job.abandon();
    }
}

const _: () = {
    const fn may_be_shared<T: Send + Sync>() {}
    may_be_shared::<wasmrt_job_t>();
};

/// How a job stands. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_job_state_enum {
    /// It waits for bytes, or is compiling.
    WASMRT_JOB_RUNNING = 1,
    /// `wasmrt_job_module` gives the module.
    WASMRT_JOB_DONE = 2,
    /// `wasmrt_job_error` gives the reason.
    WASMRT_JOB_FAILED = 3,
    /// It was ended by `wasmrt_job_cancel`.
    WASMRT_JOB_CANCELLED = 4,
}

/// One of the `WASMRT_JOB_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_job_state_t = u32;

/// Called when a job is over, with its last state; `wasmrt_job_module` gives the module then. It runs on the thread
/// that finished the work: one of the engine's, one of the executor, or one that feeds, waits for or cancels the job.
/// It may call any function, and delete the job.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_job_done_t =
    Option<unsafe extern "C" fn(env: *mut c_void, state: wasmrt_job_state_t)>;

/// How a job is done. The caller sets `struct_size`, and clears the rest.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_job_options_t {
    /// `sizeof(wasmrt_job_options_t)`, set by the caller.
    pub struct_size: usize,
    /// Of the jobs of an engine, those with higher numbers come first.
    pub priority: i32,
    /// One of the `WASMRT_TIER_...` numbers: all functions are compiled in this tier. 0: what the engine's setting says
    /// (`WASMRT_OPTION_COMPILE`); bodies are only validated where that compiles functions at their first call.
    pub tier: wasmrt_tier_t,
    /// Called once when the job is over, unless it is deleted first. May be NULL.
    pub done: wasmrt_job_done_t,
    /// Passed to `done`.
    pub env: *mut c_void,
    /// Called once with `env`, when `done` will not be called any more. May be NULL.
    pub finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
}

/// How far a job is. The caller sets `struct_size`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_progress_t {
    /// `sizeof(wasmrt_progress_t)`, set by the caller; no more than that is written.
    pub struct_size: usize,
    /// Bytes that have arrived.
    pub bytes: u64,
    /// Functions that the module defines; 0 until that is known.
    pub functions: u64,
    /// Functions that are done: validated, and compiled if the job compiles.
    pub done: u64,
    /// What was compiled fast, with little optimization.
    pub baseline: wasmrt_tier_stats_t,
    /// What was compiled with all optimizations.
    pub optimized: wasmrt_tier_stats_t,
}

type Done = SharedCallback<unsafe extern "C" fn(*mut c_void, wasmrt_job_state_t)>;

impl Done {
    fn call(self, state: JobState) {
        // SAFETY: the embedder's function of the declared prototype.
        unsafe { (self.code)(self.env.data(), state as u32) };
    }
}

const NO_OPTIONS: wasmrt_job_options_t = wasmrt_job_options_t {
    struct_size: 0,
    priority: 0,
    tier: 0,
    done: None,
    env: std::ptr::null_mut(),
    finalizer: None,
};

/// Makes a job that waits for the bytes of a module. `options` (borrowed) may be NULL. The caller owns the result;
/// NULL on failure, with the last error set, and then the finalizer has run, unless `struct_size` is not set.
///
/// The module is compiled for stores without fuel, deadline, interrupt and profile, unless `WASMRT_OPTION_METERED` says
/// otherwise. The engine may be deleted before the job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_new(
    engine: *mut wasm_engine_t,
    options: *const wasmrt_job_options_t,
) -> *mut wasmrt_job_t {
    guard(|| {
        // SAFETY: NULL or valid as far as its first field says (C contract).
        let options = unsafe { read_sized(options, NO_OPTIONS) }?;
        let env = Environment::new(options.env, options.finalizer);
        // SAFETY: NULL or a handle (C contract).
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| Error::argument("engine is NULL"))?;
        let tier = if options.tier == 0 { None } else { Some(tier_of(options.tier)?) };
        let done = options.done.map(|code| -> Box<dyn FnOnce(JobState) + Send> {
            let done = Done { code, env };
            Box::new(move |state| done.call(state))
        });
        let options = JobOptions { priority: options.priority, tier, done };
        give(wasmrt_job_t { job: Arc::new(Job::new(&engine.engine, options)?) })
    })
}

/// Takes the next `size` bytes (borrowed) of the module; `size` 0 is its end. Pieces may have any size: the module,
/// its code and the error, if there is one, are always the same.
///
/// Sections are read on the calling thread, at some hundred megabytes per second; bodies are validated and
/// compiled in the background as they arrive. With `WASMRT_OPTION_WORKERS` 0 the calling thread does everything.
///
/// False, with the last error set, if the job is NULL, has failed, was cancelled, or had its end already. The job
/// may also fail later because of these bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_feed(
    job: *mut wasmrt_job_t,
    bytes: *const wasm_byte_t,
    size: usize,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let job = unsafe { job_of(job) }?;
        if size > 0 && bytes.is_null() {
            return Err(Error::argument("bytes is NULL"));
        }
        // SAFETY: so many bytes (C contract).
        let piece = (size > 0).then(|| unsafe { std::slice::from_raw_parts(bytes.cast(), size) });
        job.feed(piece)?;
        Ok(true)
    })
}

/// Returns how the job stands and makes `out`, which may be NULL, how far it is. Never waits for the job. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_poll(
    job: *const wasmrt_job_t,
    out: *mut wasmrt_progress_t,
) -> wasmrt_job_state_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let job = unsafe { job_of(job) }?;
        let state = job.state();
        if !out.is_null() {
            // SAFETY: the caller set the size of what it passed (C contract).
            unsafe { write_sized(out, progress_of(&job)) };
        }
        Ok(state as u32)
    })
}

fn progress_of(job: &Job) -> wasmrt_progress_t {
    let progress = job.progress();
    wasmrt_progress_t {
        struct_size: 0,
        bytes: progress.bytes,
        functions: progress.functions.into(),
        done: progress.done.into(),
        baseline: progress.stats.baseline.into(),
        optimized: progress.stats.optimized.into(),
    }
}

/// Waits until the job is over, at most for `timeout` nanoseconds (`UINT64_MAX`: without limit), and returns how it
/// stands. A job whose module has no end yet is not over. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_wait(
    job: *mut wasmrt_job_t,
    timeout: u64,
) -> wasmrt_job_state_t {
    guard(|| {
        let timeout = (timeout != u64::MAX).then(|| Duration::from_nanos(timeout));
        // SAFETY: NULL or a handle (C contract).
        Ok(unsafe { job_of(job) }?.wait(timeout) as u32)
    })
}

/// Ends a job that is not over. It waits for nothing: functions that are being compiled are finished by
/// their threads, which then free what belonged to the job. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_cancel(job: *mut wasmrt_job_t) {
    guard(|| {
        if !job.is_null() {
            // SAFETY: a handle (C contract).
            unsafe { job_of(job) }?.cancel();
        }
        Ok(())
    });
}

/// Makes a module of the store from a job that is done. The caller owns the result. May be called again, also for
/// other stores: the modules share their code. NULL, with the last error set, if an argument is NULL, the job is
/// not done (the last error is the job's if it has failed), the store belongs to another engine, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_module(
    job: *mut wasmrt_job_t,
    store: *mut wasm_store_t,
) -> *mut wasm_module_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (job, store) = unsafe { (job_of(job)?, store_of(store)?) };
        if !Arc::ptr_eq(job.engine(), &store.engine) {
            return Err(Error::argument("the job belongs to another engine"));
        }
        let compiled = job.module()?;
        let _busy = store.make_room();
        Ok(own(store.new_module(compiled)?))
    })
}

/// Returns why the job has failed. The caller owns the result and deletes it with `wasmrt_error_delete`. NULL if the
/// job is NULL or has not failed, and, with the last error set, when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_error(job: *const wasmrt_job_t) -> *mut wasmrt_error_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        match unsafe { job.as_ref() }.and_then(|job| job.job.error()) {
            Some(error) => give(wasmrt_error_t { error }),
            None => Ok(std::ptr::null_mut()),
        }
    })
}

/// Deletes a job. If it is not over, it is cancelled, and `done` is not called any more, though a call that has begun
/// may still run. Modules made from the job remain. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_job_delete(job: *mut wasmrt_job_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(job) })));
}

/// # Safety
/// `job` is NULL or a handle that has not been deleted.
unsafe fn job_of(job: *const wasmrt_job_t) -> Result<Arc<Job>, Error> {
    // SAFETY: as promised by the caller.
    let job = unsafe { job.as_ref() }.ok_or_else(|| Error::argument("the job is NULL"))?;
    Ok(job.job.clone())
}
