//! What guests have as standard input, output and error.

use super::wasi::{live, set, try_to_set, wasmrt_wasi_t};
use super::{Reason, SHORT, guard, room, text};
use crate::bindings::{finalizer_t, wasm_byte_vec_new, wasm_byte_vec_t};
use crate::context::Config;
use crate::host::Env;
use crate::room::grow;
use crate::stdio::{Captured, Input, Reader, Stdio, Stream, Writer};
use std::ffi::{OsStr, c_char, c_void};
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// The streams that every program has.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_wasi_stream_enum {
    /// Standard input.
    WASMRT_WASI_STDIN = 0,
    /// Standard output.
    WASMRT_WASI_STDOUT = 1,
    /// Standard error.
    WASMRT_WASI_STDERR = 2,
}

/// One of the `WASMRT_WASI_STD...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_stream_t = u32;

/// Reads at most `size` bytes. Returns how many; 0 at the end, a negative number if reading failed.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_read_t =
    Option<unsafe extern "C" fn(env: *mut c_void, data: *mut u8, size: usize) -> isize>;

/// Writes at most `size` bytes. Returns how many; a negative number if writing failed.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_write_t =
    Option<unsafe extern "C" fn(env: *mut c_void, data: *const u8, size: usize) -> isize>;

/// Replaces a stream; the number is checked.
///
/// # Safety
/// `wasi` is NULL or a context.
unsafe fn replace(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
    with: impl FnOnce() -> Result<Stdio, Reason>,
) -> bool {
    guard(|| {
        // Made before the context is locked, and swapped with what was there, which is dropped afterwards.
        room()?;
        let mut with = with()?;
        let swap = |config: &mut Config| {
            let place = config.stdio.get_mut(stream as usize);
            let place = place.ok_or("there is no stream of that number")?;
            std::mem::swap(place, &mut with);
            Ok(())
        };
        // SAFETY: as promised by the caller.
        unsafe { try_to_set(wasi, swap) }
    })
}

fn stream_of(stream: impl Stream + 'static) -> Result<Stdio, Reason> {
    Ok(Stdio::Stream(Arc::new(stream)))
}

/// Makes the standard input, output and error of the host's process those of guests. False, with the
/// reason as last error, if the context is NULL or a module was bound to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_inherit_stdio(wasi: *mut wasmrt_wasi_t) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        set(wasi, |config| {
            Ok(std::mem::replace(&mut config.stdio, [const { Stdio::Inherited }; 3]))
        })
    }
}

/// Makes a stream of the host's process that of guests. False, with the reason as last error, if the
/// context is NULL, there is no such stream, or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_inherit_stream(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe { replace(wasi, stream, || Ok(Stdio::Inherited)) }
}

/// Makes a file (its path is borrowed) a stream of guests: standard input reads it, the others write it
/// from the beginning, and it is made if it is not there. False, with the reason as last error, if it cannot
/// be opened, an argument is NULL, there is no such stream, or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_stream_file(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
    path: *const c_char,
) -> bool {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        replace(wasi, stream, || {
            let path = OsStr::from_bytes(text(path)?.to_bytes());
            let file = if stream == 0 { File::open(path) } else { File::create(path) };
            let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(Stdio::File(Arc::new(file.into())))
        })
    }
}

/// Makes an open descriptor of the host a stream of guests. It is duplicated; the caller keeps its own.
/// False, with the reason as last error, if it cannot be duplicated, the context is NULL, there is no such
/// stream, or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_stream_fd(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
    fd: i32,
) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        replace(wasi, stream, || {
            if fd < 0 {
                return Err("the descriptor is negative".into());
            }
            let own = BorrowedFd::borrow_raw(fd).try_clone_to_owned();
            own.map(|own| Stdio::File(Arc::new(own))).map_err(|error| error.to_string().into())
        })
    }
}

/// Makes bytes (borrowed and copied) the standard input of guests. False, with the reason as last error, if
/// an argument is NULL or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_input(
    wasi: *mut wasmrt_wasi_t,
    bytes: *const wasm_byte_vec_t,
) -> bool {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        replace(wasi, 0, || {
            let bytes = bytes.as_ref().ok_or("the bytes are NULL")?;
            let mut copy = Vec::new();
            grow(&mut copy, bytes.size).map_err(|_| SHORT)?;
            copy.extend_from_slice(bytes.as_slice());
            stream_of(Input::new(copy))
        })
    }
}

/// Keeps what guests write to standard output or error, at most `limit` bytes at a time: beyond that writes
/// fail, until `wasmrt_wasi_take_output` has taken what is there. False, with the reason as last error, if the
/// context is NULL, there is no such stream, or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_capture(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
    limit: usize,
) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        replace(wasi, stream, || match stream {
            0 => Err("only output can be captured".into()),
            _ => stream_of(Captured::new(limit)),
        })
    }
}

/// Makes `out` what guests have written to a captured stream since this was last called; owned by the
/// caller. May be called on any thread. False, with `out` empty and the reason as last error, if the stream
/// is not captured, memory is short, or the context is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_take_output(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
    out: *mut wasm_byte_vec_t,
) -> bool {
    guard(|| {
        if out.is_null() {
            return Err("there is no room for the output".into());
        }
        // SAFETY: valid for writes (C contract).
        unsafe { out.write(wasm_byte_vec_t::EMPTY) };
        room()?;
        // SAFETY: NULL or a context (C contract).
        let stdio = unsafe { live(wasi) }?.stream(stream);
        // SAFETY: as above.
        let mut copy = |bytes: &[u8]| unsafe {
            wasm_byte_vec_new(out, bytes.len(), bytes.as_ptr());
            (*out).size == bytes.len()
        };
        let taken = match stdio {
            Some(Stdio::Stream(stream)) => stream.take(&mut copy),
            _ => None,
        };
        if taken.ok_or("the stream is not captured")? { Ok(true) } else { Err(SHORT) }
    })
}

/// Makes a function the standard input of guests. It is called with `env`, on the threads of the guests,
/// possibly on several at the same time; it may use the store of the guest as a host function may.
///
/// The finalizer, which may be NULL, runs once with `env`: when something else replaces the function, when
/// neither the context nor a guest needs it any more, or immediately if this fails. False, with the reason as
/// last error, if an argument is NULL or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_reader(
    wasi: *mut wasmrt_wasi_t,
    read: wasmrt_wasi_read_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    // SAFETY: promised by the caller (C contract).
    unsafe {
        let env = Env::new(env, finalizer as finalizer_t);
        let mut reader = read.map(|read| Reader(read, env));
        replace(wasi, 0, || stream_of(reader.take().ok_or("the function is NULL")?))
    }
}

/// Makes a function what guests write standard output or error to, as `wasmrt_wasi_set_reader`. It gets a
/// copy of what the guest writes, valid during the call. False also if there is no such stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_writer(
    wasi: *mut wasmrt_wasi_t,
    stream: wasmrt_wasi_stream_t,
    write: wasmrt_wasi_write_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    // SAFETY: promised by the caller (C contract).
    unsafe {
        let env = Env::new(env, finalizer as finalizer_t);
        let mut writer = write.filter(|_| stream != 0).map(|write| Writer(write, env));
        replace(wasi, stream, || {
            let writer = writer.take();
            stream_of(writer.ok_or("the function is NULL, or for no output")?)
        })
    }
}
