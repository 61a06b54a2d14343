//! `wasmrt_wasi_t`: contexts, their arguments and environment.

use super::{Reason, SHORT, guard, room, text};
use crate::context::{Config, Context};
use crate::files::Table;
use crate::guard::silence;
use crate::room::grow;
use crate::stdio::Stdio;
use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::sync::Arc;
use wasmrt_process::lock::ForkMutex;

/// What programs for WASI have: arguments, environment, streams, clocks, random numbers, folders. It is
/// set up first; `wasmrt_wasi_imports` then binds modules to it. It may be used on any thread, and one of it
/// may serve several stores, each on its own thread. "Last error" in this header means
/// `wasmrt_wasi_last_error`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_wasi_t {
    state: ForkMutex<State>,
}

enum State {
    SettingUp(Box<Config>),
    Bound(Arc<Context>),
    /// While the one becomes the other.
    Broken,
}

impl wasmrt_wasi_t {
    /// The context, which can no longer be set up.
    pub(super) fn context(&self) -> Result<Arc<Context>, Reason> {
        // It has a lock of its own, and so is made before that of the state is taken.
        let files = Table::default();
        let mut state = self.state.lock();
        let streams = match &*state {
            State::Bound(context) => return Ok(context.clone()),
            State::SettingUp(config) => config.streams(),
            State::Broken => return Err("the context could not be made before".into()),
        };
        let streams = streams.map_err(|error| format!("a stream cannot be used: {error:?}"))?;
        if let State::SettingUp(config) = std::mem::replace(&mut *state, State::Broken) {
            *state = State::Bound(Arc::new(Context::new(*config, streams, files)));
        }
        match &*state {
            State::Bound(context) => Ok(context.clone()),
            _ => Err("the context cannot be made".into()),
        }
    }

    /// What one of the three streams is.
    pub(super) fn stream(&self, stream: u32) -> Option<Stdio> {
        let streams = match &*self.state.lock() {
            State::SettingUp(config) => config.stdio.clone(),
            State::Bound(context) => context.stdio.clone(),
            State::Broken => return None,
        };
        streams.get(stream as usize).cloned()
    }
}

/// The context behind a pointer.
///
/// # Safety
/// `wasi` is NULL or a context.
pub(super) unsafe fn live<'a>(wasi: *const wasmrt_wasi_t) -> Result<&'a wasmrt_wasi_t, Reason> {
    // SAFETY: as promised by the caller.
    unsafe { wasi.as_ref() }.ok_or("the context is NULL".into())
}

/// Changes the settings of a context. `change` runs under the lock of the context, so it is brief, and opens and makes
/// nothing that has a lock. What it returns is dropped when the context is free again: finalizers of hosts may use it.
///
/// # Safety
/// `wasi` is NULL or a context.
pub(super) unsafe fn set<T>(
    wasi: *mut wasmrt_wasi_t,
    change: impl FnOnce(&mut Config) -> Result<T, Reason>,
) -> bool {
    guard(|| {
        room()?;
        // SAFETY: as promised by the caller.
        unsafe { try_to_set(wasi, change) }
    })
}

/// As [`set`], for what is guarded already.
///
/// # Safety
/// `wasi` is NULL or a context.
pub(super) unsafe fn try_to_set<T>(
    wasi: *mut wasmrt_wasi_t,
    change: impl FnOnce(&mut Config) -> Result<T, Reason>,
) -> Result<bool, Reason> {
    // SAFETY: as promised by the caller.
    let wasi = unsafe { live(wasi) }?;
    let mut state = wasi.state.lock();
    let former = match &mut *state {
        State::SettingUp(config) => change(config),
        _ => Err("a module was bound to the context: it cannot be set up any more".into()),
    };
    drop(state);
    former.map(|_| true)
}

/// Makes a context with no arguments, environment or folders. Standard input is at its end, and what is
/// written to standard output and error is discarded. Clocks and random numbers are the system's. The
/// caller owns the result. NULL if memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_new() -> *mut wasmrt_wasi_t {
    guard(|| {
        room()?;
        silence();
        let state = ForkMutex::new(State::SettingUp(Box::default()));
        Ok(Box::into_raw(Box::new(wasmrt_wasi_t { state })))
    })
}

/// Deletes a context. Modules that were bound to it keep what they need until their stores are deleted.
/// Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_delete(wasi: *mut wasmrt_wasi_t) {
    guard(|| {
        if !wasi.is_null() {
            // SAFETY: an owned context (C contract).
            drop(unsafe { Box::from_raw(wasi) });
        }
        Ok(())
    });
}

/// Adds `n` arguments (borrowed). By convention the first one is the name of the program. False, with the
/// reason as last error and none added, if an argument is NULL, memory is short, or a module was bound to
/// the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_add_args(
    wasi: *mut wasmrt_wasi_t,
    args: *const *const c_char,
    n: usize,
) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        set(wasi, |config| {
            let arg = |i| if args.is_null() { ptr::null() } else { args.add(i).read() };
            add_all(&mut config.args, (0..n).map(|i| Ok(text(arg(i))?.to_bytes())))
        })
    }
}

/// Adds the arguments of the host's process. False, with the reason as last error, if they cannot be read
/// or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_inherit_args(wasi: *mut wasmrt_wasi_t) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        set(wasi, |config| {
            // The standard library knows them only in programs that start in it.
            let line = std::fs::read("/proc/self/cmdline")
                .map_err(|error| format!("the arguments cannot be read: {error}"))?;
            let args = line.split_inclusive(|byte| *byte == 0);
            add_all(&mut config.args, args.filter_map(|arg| Some(Ok(arg.strip_suffix(&[0])?))))
        })
    }
}

/// Adds a variable to the environment, or replaces the one of that name. Both texts are borrowed. False,
/// with the reason as last error, if one is NULL, the name is empty or has a `=`, memory is short, or a
/// module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_env(
    wasi: *mut wasmrt_wasi_t,
    name: *const c_char,
    value: *const c_char,
) -> bool {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        set(wasi, |config| {
            let variable = (text(name)?.to_bytes(), text(value)?.to_bytes());
            set_all(config, [variable].into_iter())
        })
    }
}

/// Adds the variables of the host's process, which replace those of the same name. The process must not
/// change its environment meanwhile. False, with the reason as last error, if a module was bound to the
/// context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_inherit_env(wasi: *mut wasmrt_wasi_t) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        set(wasi, |config| {
            // What cannot be set is nothing that programs look for.
            set_all(config, variables().filter(|(name, _)| is_name(name)))
        })
    }
}

/// The variables of the host's process. The standard library would copy them all.
fn variables() -> impl Iterator<Item = (&'static [u8], &'static [u8])> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: NULL, or an array of C strings that ends with NULL. The host does not change it meanwhile.
    let mut next = unsafe { environ };
    let lines = std::iter::from_fn(move || unsafe {
        // SAFETY: as above.
        let line = next.as_ref()?.as_ref()?;
        next = next.add(1);
        Some(CStr::from_ptr(line).to_bytes())
    });
    lines.filter_map(|line| {
        let end = line.iter().position(|byte| *byte == b'=')?;
        Some((&line[..end], &line[end + 1..]))
    })
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'=')
}

/// Adds variables, or replaces those of the same names: all of them or none.
fn set_all<'a>(
    config: &mut Config,
    variables: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> Result<(), Reason> {
    let mut lines = Vec::new();
    for (name, value) in variables {
        if !is_name(name) {
            return Err("the name of a variable is empty or has a =".into());
        }
        push(&mut lines, &[name, b"=", value])?;
    }
    grow(&mut config.env, lines.len()).map_err(|_| SHORT)?;
    for line in lines {
        let end = line.as_bytes().iter().position(|byte| *byte == b'=').unwrap_or(0);
        let start = &line.as_bytes()[..=end];
        config.env.retain(|variable| !variable.as_bytes().starts_with(start));
        config.env.push(line);
    }
    Ok(())
}

/// Adds texts: all of them or none.
fn add_all<'a>(
    list: &mut Vec<CString>,
    texts: impl Iterator<Item = Result<&'a [u8], Reason>>,
) -> Result<(), Reason> {
    let before = list.len();
    let added = { texts }.try_for_each(|text| push(list, &[text?]));
    if added.is_err() {
        list.truncate(before);
    }
    added
}

/// Adds a text, given in parts, to a list.
fn push(list: &mut Vec<CString>, parts: &[&[u8]]) -> Result<(), Reason> {
    let mut text = Vec::new();
    let len = parts.iter().fold(1, |sum: usize, part| sum.saturating_add(part.len()));
    grow(&mut text, len).and_then(|()| grow(list, 1)).map_err(|_| SHORT)?;
    parts.iter().for_each(|part| text.extend_from_slice(part));
    // There is room for the NUL.
    list.push(CString::new(text).map_err(|_| "a text has a NUL")?);
    Ok(())
}
