//! All functions of WASI preview 1: their names, their types, and the C functions that guest code calls.
//!
//! Modules import them from `wasi_snapshot_preview1`. Older modules import from `wasi_unstable`, where some
//! structures and constants differ: these functions have a second version in [`UNSTABLE`]. `sock_accept` did not
//! exist then; nobody is harmed if it is there.

use crate::bindings::wasm_trap_t;
use crate::call::run;
use crate::calls::*;
use crate::trace::Trace;
use std::ffi::{CStr, c_void};

/// The type of a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Param {
    I32,
    I64,
}

/// A function that modules import. Its result is an error number, except for `proc_exit`.
pub struct Function {
    pub name: &'static str,
    pub params: &'static [Param],
    pub has_result: bool,
    /// A function of the matching native prototype.
    pub code: unsafe extern "C" fn(),
}

/// A name as C has it.
fn c_name(name: &'static str) -> &'static CStr {
    CStr::from_bytes_with_nul(name.as_bytes()).unwrap_or_default()
}

macro_rules! param {
    (u32) => {
        Param::I32
    };
    (u64) => {
        Param::I64
    };
}

/// Each line: the name, and the function behind it with its parameters.
macro_rules! functions {
    ($list:ident: $($name:literal = $room:ident :: $call:ident ( $($param:ident),* );)*) => {
        pub const $list: &[Function] = &[$(Function {
            name: $name,
            params: &[$(param!($param)),*],
            has_result: !matches!($name.as_bytes(), b"proc_exit"),
            code: {
                functions!(@define $name $room::$call($($param),*) () (a b c d e f g h i));
                // SAFETY: only a cast between function pointers; the engine calls it with this prototype.
                unsafe {
                    std::mem::transmute::<*const (), unsafe extern "C" fn()>(entry as *const ())
                }
            },
        }),*];
    };
    (@define $label:literal $room:ident::$call:ident($first:ident $(, $param:ident)*) ($($done:tt)*) ($name:ident $($names:ident)*)) => {
        functions!(@define $label $room::$call($($param),*) ($($done)* ($name $first)) ($($names)*));
    };
    (@define $label:literal $room:ident::$call:ident() ($(($name:ident $param:ident))*) ($($names:ident)*)) => {
        unsafe extern "C" fn entry(
            env: *mut c_void,
            trap: *mut *mut wasm_trap_t,
            $($name: $param),*
        ) -> u32 {
            let tell = |trace: &Trace, result| {
                trace.tell(c_name(concat!($label, "\0")), &[$(u64::from($name)),*], result);
            };
            // SAFETY: the engine passes the environment of the function and room for a trap.
            unsafe { run(env, trap, |call| $room::$call(call, $($name),*), tell) }
        }
    };
}

functions! { PREVIEW1:
    "args_get" = args::get(u32, u32);
    "args_sizes_get" = args::sizes_get(u32, u32);
    "environ_get" = environ::get(u32, u32);
    "environ_sizes_get" = environ::sizes_get(u32, u32);
    "clock_res_get" = clock::res_get(u32, u32);
    "clock_time_get" = clock::time_get(u32, u64, u32);
    "fd_advise" = fd::advise(u32, u64, u64, u32);
    "fd_allocate" = fd::allocate(u32, u64, u64);
    "fd_close" = fd::close(u32);
    "fd_datasync" = fd::datasync(u32);
    "fd_fdstat_get" = fd::fdstat_get(u32, u32);
    "fd_fdstat_set_flags" = fd::fdstat_set_flags(u32, u32);
    "fd_fdstat_set_rights" = fd::fdstat_set_rights(u32, u64, u64);
    "fd_filestat_get" = fd::filestat_get(u32, u32);
    "fd_filestat_set_size" = fd::filestat_set_size(u32, u64);
    "fd_filestat_set_times" = fd::filestat_set_times(u32, u64, u64, u32);
    "fd_pread" = transfer::pread(u32, u32, u32, u64, u32);
    "fd_prestat_get" = fd::prestat_get(u32, u32);
    "fd_prestat_dir_name" = fd::prestat_dir_name(u32, u32, u32);
    "fd_pwrite" = transfer::pwrite(u32, u32, u32, u64, u32);
    "fd_read" = transfer::read(u32, u32, u32, u32);
    "fd_readdir" = fd::readdir(u32, u32, u32, u64, u32);
    "fd_renumber" = fd::renumber(u32, u32);
    "fd_seek" = fd::seek(u32, u64, u32, u32);
    "fd_sync" = fd::sync(u32);
    "fd_tell" = fd::tell(u32, u32);
    "fd_write" = transfer::write(u32, u32, u32, u32);
    "path_create_directory" = path::create_directory(u32, u32, u32);
    "path_filestat_get" = path::filestat_get(u32, u32, u32, u32, u32);
    "path_filestat_set_times" = path::filestat_set_times(u32, u32, u32, u32, u64, u64, u32);
    "path_link" = path::link(u32, u32, u32, u32, u32, u32, u32);
    "path_open" = path::open(u32, u32, u32, u32, u32, u64, u64, u32, u32);
    "path_readlink" = path::readlink(u32, u32, u32, u32, u32, u32);
    "path_remove_directory" = path::remove_directory(u32, u32, u32);
    "path_rename" = path::rename(u32, u32, u32, u32, u32, u32);
    "path_symlink" = path::symlink(u32, u32, u32, u32, u32);
    "path_unlink_file" = path::unlink_file(u32, u32, u32);
    "poll_oneoff" = poll::oneoff(u32, u32, u32, u32);
    "proc_exit" = process::exit(u32);
    "proc_raise" = process::raise(u32);
    "sched_yield" = process::sched_yield();
    "random_get" = random::get(u32, u32);
    "sock_accept" = sock::accept(u32, u32, u32);
    "sock_recv" = sock::recv(u32, u32, u32, u32, u32, u32);
    "sock_send" = sock::send(u32, u32, u32, u32, u32);
    "sock_shutdown" = sock::shutdown(u32, u32);
}

functions! { UNSTABLE:
    "fd_filestat_get" = fd::filestat_get_unstable(u32, u32);
    "fd_seek" = fd::seek_unstable(u32, u64, u32, u32);
    "path_filestat_get" = path::filestat_get_unstable(u32, u32, u32, u32, u32);
    "poll_oneoff" = poll::oneoff_unstable(u32, u32, u32, u32);
}

/// The modules that programs import from.
pub const MODULES: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

/// The function that a module imports by these names.
pub fn find(module: &[u8], name: &[u8]) -> Option<&'static Function> {
    let module = MODULES.iter().position(|known| known.as_bytes() == module)?;
    let older = if module == 0 { &[] } else { UNSTABLE };
    older.iter().chain(PREVIEW1).find(|function| function.name.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_module_and_name() {
        assert_eq!(PREVIEW1.len(), 46);
        let old = find(b"wasi_unstable", b"fd_seek").unwrap();
        let new = find(b"wasi_snapshot_preview1", b"fd_seek").unwrap();
        assert!(old.code as usize != new.code as usize && old.params == new.params);
        assert!(find(b"wasi_unstable", b"fd_write").is_some());
        assert!(find(b"env", b"fd_write").is_none() && find(b"wasi_unstable", b"x").is_none());
        assert!(!find(b"wasi_unstable", b"proc_exit").unwrap().has_result);
    }

    #[test]
    fn older_versions_have_the_same_types() {
        for old in UNSTABLE {
            let new = PREVIEW1.iter().find(|new| new.name == old.name).unwrap();
            assert_eq!(old.params, new.params, "{}", old.name);
        }
    }
}
