//! What programs for WASI have.

use super::instance::Extern;
use super::module::Module;
use super::names::taken_text;
use super::owner;
use super::store::Store;
use super::trap::Trap;
use std::ffi::{CStr, CString, OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use wasmrt::capi::guest_memory::wasmrt_store_caller_bytes;
use wasmrt::capi::reference::{wasm_extern_vec_delete, wasm_extern_vec_t};
use wasmrt::capi::types::wasm_store_t;
use wasmrt_wasi::capi::error::*;
use wasmrt_wasi::capi::files::*;
use wasmrt_wasi::capi::imports::*;
use wasmrt_wasi::capi::program::*;
use wasmrt_wasi::capi::stdio::*;
use wasmrt_wasi::capi::trace::*;
use wasmrt_wasi::capi::wasi::*;

owner! {
    /// Arguments, environment, streams and folders.
    Wasi of wasmrt_wasi_t, deleted by wasmrt_wasi_delete
}

/// What the library of WASI says about a failure.
pub type WasiResult<T = ()> = Result<T, String>;

fn last_error() -> String {
    taken_text(|out| {
        // SAFETY: room for the result; both libraries lay out vectors as `wasm.h` does.
        unsafe { wasmrt_wasi_last_error(out.cast()) }
    })
}

fn done(success: bool) -> WasiResult {
    if success { Ok(()) } else { Err(last_error()) }
}

fn c_string(text: &OsStr) -> WasiResult<CString> {
    CString::new(text.as_bytes()).map_err(|_| "a text contains a NUL".to_owned())
}

impl Wasi {
    /// With the streams of this process.
    pub fn with_stdio() -> WasiResult<Wasi> {
        // SAFETY: no arguments.
        let wasi = Wasi::new(unsafe { wasmrt_wasi_new() }).ok_or_else(last_error)?;
        // SAFETY: a valid handle.
        done(unsafe { wasmrt_wasi_inherit_stdio(wasi.handle()) })?;
        Ok(wasi)
    }

    pub fn add_arg(&self, arg: &OsStr) -> WasiResult {
        let arg = c_string(arg)?;
        // SAFETY: a valid handle; the text is borrowed.
        done(unsafe { wasmrt_wasi_add_args(self.handle(), &arg.as_ptr(), 1) })
    }

    pub fn set_env(&self, name: &OsStr, value: &OsStr) -> WasiResult {
        let (name, value) = (c_string(name)?, c_string(value)?);
        // SAFETY: a valid handle; the texts are borrowed.
        done(unsafe { wasmrt_wasi_set_env(self.handle(), name.as_ptr(), value.as_ptr()) })
    }

    pub fn inherit_env(&self) -> WasiResult {
        // SAFETY: a valid handle; nobody changes the environment.
        done(unsafe { wasmrt_wasi_inherit_env(self.handle()) })
    }

    /// Gives the program a folder.
    pub fn open_folder(&self, host: &OsStr, guest: &OsStr, writable: bool) -> WasiResult {
        use wasmrt_wasi_access_enum::*;
        let (host, guest) = (c_string(host)?, c_string(guest)?);
        let access = if writable { WASMRT_WASI_READ_WRITE } else { WASMRT_WASI_READ_ONLY };
        // SAFETY: a valid handle; the texts are borrowed.
        done(unsafe {
            wasmrt_wasi_preopen_dir(self.handle(), host.as_ptr(), guest.as_ptr(), access as u32)
        })
    }

    /// Has a function learn of every call, with the memory of the program. The store must live as long as the process.
    pub fn trace(&self, store: &Store, tell: Tell) -> WasiResult {
        let tracer = Box::new(Tracer { store: store.handle(), tell });
        let (env, drop) = (Box::into_raw(tracer).cast(), Some(drop_tracer as _));
        // SAFETY: a valid handle; the context owns its environment from now on.
        done(unsafe { wasmrt_wasi_set_trace(self.handle(), Some(trace), env, drop) })
    }

    /// The imports that belong to WASI, each in the place that it has in the module.
    pub fn imports(&self, store: &Store, module: &Module) -> WasiResult<Vec<Option<Extern>>> {
        let mut vec = wasm_extern_vec_t { size: 0, data: ptr::null_mut() };
        let (to, store, module) = (&raw mut vec, store.handle(), module.handle());
        // SAFETY: valid handles, and room for the result. Both libraries mean the types of `wasm.h`.
        done(unsafe {
            wasmrt_wasi_imports(self.handle(), store.cast(), module.cast(), to.cast())
        })?;
        // The elements become ours, and what stays with the vector is nothing.
        // SAFETY: a vector of so many elements.
        let taken = (0..vec.size)
            .map(|i| Extern::new(unsafe { ptr::replace(vec.data.add(i), ptr::null_mut()) }))
            .collect();
        // SAFETY: our own vector.
        unsafe { wasm_extern_vec_delete(&mut vec) };
        Ok(taken)
    }

    /// What a program has passed to `proc_exit`, if the trap is its end.
    pub fn exit_code(trap: &Trap) -> Option<u32> {
        let mut code = 0;
        // SAFETY: a valid handle, and room for the result.
        unsafe { wasmrt_wasi_exit_code(trap.handle().cast(), &mut code) }.then_some(code)
    }
}

/// Learns of a call: name, arguments, result, and how to read the memory of the program.
pub type Tell = fn(&str, &[u64], i32, &dyn Fn(u64, u64) -> Option<Vec<u8>>);

struct Tracer {
    store: *mut wasm_store_t,
    tell: Tell,
}

unsafe extern "C" fn trace(
    env: *mut c_void,
    name: *const c_char,
    args: *const u64,
    n_args: usize,
    result: i32,
) {
    // SAFETY: the environment of the function, a text, and as many arguments as it says. An empty array has an address.
    let (tracer, name, args) = unsafe {
        let args = std::slice::from_raw_parts(args, n_args);
        (&*env.cast::<Tracer>(), CStr::from_ptr(name), args)
    };
    let read = |address, size| {
        // SAFETY: the store is running the call.
        let bytes = unsafe { wasmrt_store_caller_bytes(tracer.store, address, size) };
        // SAFETY: so many bytes of the program, which is not running.
        (!bytes.is_null())
            .then(|| unsafe { std::slice::from_raw_parts(bytes.cast(), size as usize) }.to_vec())
    };
    (tracer.tell)(&name.to_string_lossy(), args, result, &read);
}

unsafe extern "C" fn drop_tracer(env: *mut c_void) {
    // SAFETY: made from a box, and used no more.
    drop(unsafe { Box::from_raw(env.cast::<Tracer>()) });
}
