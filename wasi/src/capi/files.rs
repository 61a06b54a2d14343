//! Folders and sockets that guests find open.

use super::wasi::{try_to_set, wasmrt_wasi_t};
use super::{Reason, guard, room, text};
use crate::context::Config;
use crate::files::{Access, Descriptor};
use std::ffi::{CStr, OsStr, c_char};
use std::fs::OpenOptions;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;

/// What guests may do in a folder.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_wasi_access_enum {
    /// List and read.
    WASMRT_WASI_READ_ONLY = 0,
    /// Also write, create, rename and remove.
    WASMRT_WASI_READ_WRITE = 1,
}

/// One of the `WASMRT_WASI_READ_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_access_t = u32;

/// Gives guests the folder `host_path`, which they see as `guest_path` (both borrowed), for instance
/// "/" or ".". It is opened now. Guests reach what is in it and below it, and nothing else: neither `..` nor absolute
/// paths nor symbolic links lead out, not even while other programs move folders about. With
/// `WASMRT_WASI_READ_ONLY` nothing in it can be changed through it.
///
/// Folders and sockets have the descriptors from 3 on, in the order in which they were added. The C library of
/// guests looks for folders up to the first descriptor that is none: add folders before sockets.
///
/// False, with the reason as last error, if the folder cannot be opened, a text is NULL, `access` is unknown,
/// there are 1021 folders and sockets already, or a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_preopen_dir(
    wasi: *mut wasmrt_wasi_t,
    host_path: *const c_char,
    guest_path: *const c_char,
    access: wasmrt_wasi_access_t,
) -> bool {
    let folder = || {
        let access = match access {
            0 => Access::Read,
            1 => Access::ReadWrite,
            _ => return Err(format!("{access} is no kind of access to a folder").into()),
        };
        // SAFETY: NULL or valid (C contract).
        unsafe { folder(text(host_path)?, text(guest_path)?, access) }
    };
    // SAFETY: NULL or valid (C contract).
    unsafe { add(wasi, folder) }
}

/// Adds a descriptor, which is opened before the context is locked.
///
/// # Safety
/// `wasi` is NULL or a context.
unsafe fn add(wasi: *mut wasmrt_wasi_t, open: impl FnOnce() -> Result<Descriptor, Reason>) -> bool {
    guard(|| {
        room()?;
        let descriptor = open()?;
        let add = |config: &mut Config| {
            let added = config.add(descriptor);
            added.map_err(|error| format!("there are too many folders: {error:?}").into())
        };
        // SAFETY: as promised by the caller.
        unsafe { try_to_set(wasi, add) }
    })
}

fn folder(host_path: &CStr, guest_path: &CStr, access: Access) -> Result<Descriptor, Reason> {
    let path = OsStr::from_bytes(host_path.to_bytes());
    // Not to wait for the partner of a pipe, should it be one.
    let opened =
        OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NONBLOCK).open(path);
    let folder =
        opened.map_err(|error| format!("the folder {path:?} cannot be opened: {error}"))?;
    Descriptor::preopened(folder, guest_path.to_bytes(), access)
        .map_err(|error| format!("the folder {path:?} cannot be used: {error:?}").into())
}

/// Gives guests a socket that listens or is connected, which they use with `sock_accept`, `sock_recv`,
/// `sock_send` and `sock_shutdown`. Its number is as for `wasmrt_wasi_preopen_dir`. The descriptor is borrowed
/// and duplicated; as both are one open socket, it will not block for the host any more either.
///
/// False, with the reason as last error, if it is no such socket, or if a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_preopen_socket(wasi: *mut wasmrt_wasi_t, socket: i32) -> bool {
    let duplicate = || {
        if socket < 0 {
            return Err(format!("{socket} is no descriptor").into());
        }
        // SAFETY: a number that is not open is an error of the system.
        let own = unsafe { BorrowedFd::borrow_raw(socket) }.try_clone_to_owned();
        let own = own.map_err(|error| format!("the socket cannot be duplicated: {error}"))?;
        Descriptor::socket(own)
            .map_err(|error| format!("the socket cannot be used: {error:?}").into())
    };
    // SAFETY: NULL or a context (C contract).
    unsafe { add(wasi, duplicate) }
}
