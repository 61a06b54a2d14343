//! `wasmrt_config_set_executor`: background work on threads of the host.

use super::callback::SharedCallback;
use super::config::{config_of, wasm_config_t};
use super::guard::guard;
use super::handle::{Owned, give, take};
use crate::compile::{Executor, Task};
use crate::runtime::environment::Environment;
use std::ffi::c_void;

/// Runs a task. Called once with the task that came with it, on any thread.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_run_t = Option<unsafe extern "C" fn(task: *mut c_void)>;

/// Takes a task, to call `run(task)` once: on any thread, within this call or at any time after it, also when
/// the job, the module and the engine have been deleted; then it returns at once. A task that is never run costs
/// only its memory: nobody waits for it. False refuses the task, which the library frees; the work is then
/// done by the thread that has asked for it, or later.
///
/// It is called on any thread, several at the same time, also while guest code is running, and
/// should return soon unless it runs the task. It must not call other functions of the library.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_submit_t =
    Option<unsafe extern "C" fn(env: *mut c_void, run: wasmrt_run_t, task: *mut c_void) -> bool>;

type Callback =
    SharedCallback<unsafe extern "C" fn(*mut c_void, wasmrt_run_t, *mut c_void) -> bool>;

/// A task on its way through the embedder's hands.
struct OwnedTask(Task);

impl Owned for OwnedTask {}

impl Callback {
    fn submit(&self, task: Task) -> bool {
        let Ok(task) = give(OwnedTask(task)) else { return false };
        // SAFETY: the embedder's function of the declared prototype.
        let accepted = unsafe { (self.code)(self.env.data(), Some(run), task.cast()) };
        if !accepted {
            // SAFETY: refused, so it is ours.
            drop(unsafe { take(task) });
        }
        accepted
    }
}

unsafe extern "C" fn run(task: *mut c_void) {
    guard(|| {
        // SAFETY: given to the embedder, who calls this once (C contract).
        if let Some(OwnedTask(task)) = unsafe { take(task.cast::<OwnedTask>()) } {
            task();
        }
        Ok(())
    });
}

/// Sets where the engine that will be made with this configuration does its background work: `submit` gets tasks,
/// and no threads are started. A task works until nothing is left to do, which may take as long as compiling a
/// module. There are at most as many at a time as `WASMRT_OPTION_WORKERS` says, and one that optimizes hot functions;
/// with 0 there are none. By default, and if `submit` is NULL, the engine has threads of its own.
///
/// The finalizer, which may be NULL, runs once with `env`, on any thread: when another executor replaces this one, when the
/// configuration is deleted, or when the engine no longer exists and no task is running. It runs immediately if
/// `submit` is NULL and, with the last error set, if `config` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set_executor(
    config: *mut wasm_config_t,
    submit: wasmrt_submit_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) {
    let env = Environment::new(env, finalizer);
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config_of(config) }?;
        let executor = submit.map(|code| {
            let callback = Callback { code, env };
            Executor::new(move |task| callback.submit(task))
        });
        // The former one is dropped after the new one is set: its finalizer may call this function.
        drop(std::mem::replace(&mut config.executor, executor));
        Ok(())
    });
}
