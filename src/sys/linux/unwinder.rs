//! The unwinder that the process uses, which can be told about the frames of code that is made at run time.
//!
//! That is the one in `libgcc_s.so.1`: the C library's `backtrace` loads it, and the C++ library is linked to it. This
//! library may have another one linked in, for its own panics, which nobody else asks. Only a program without shared
//! libraries has no other.
//!
//! What can walk through frames can also throw through them. That must not happen to guest code: the frame of an entry
//! that is left in this way would stay on its store's list. So descriptions name [`refuse`] as what decides about
//! exceptions, and it ends the search for a handler, as if there were no description. An exception that a host function
//! throws meets what it always met there, the end of the stack: `std::terminate`.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::transmute;
use std::ptr;

type Register = unsafe extern "C" fn(section: *const c_void, object: *mut c_void);
type Deregister = unsafe extern "C" fn(section: *const c_void) -> *mut c_void;

/// What libgcc keeps for each section; it needs six to eight words of it.
type Object = [usize; 16];

/// How frames are registered.
#[derive(Clone, Copy)]
pub struct Unwinder {
    register: Register,
    deregister: Deregister,
}

/// Frames that the unwinder knows until this is dropped.
pub struct RegisteredFrames {
    unwinder: Unwinder,
    section: Box<[u64]>,
    _object: Box<Object>,
}

impl Unwinder {
    /// The process's unwinder, if there is one that can be told. May load a library, so no lock is held.
    pub fn of_process() -> Option<Unwinder> {
        type Open = unsafe extern "C" fn(name: *const c_char, mode: c_int) -> *mut c_void;
        // Asked for by name, because programs without shared libraries have no loader.
        let Some(open) = find(libc::RTLD_DEFAULT, c"dlopen") else {
            return Some(Unwinder::linked());
        };
        // SAFETY: the C library's function has this type.
        let library = unsafe {
            transmute::<*mut c_void, Open>(open.as_ptr())(c"libgcc_s.so.1".as_ptr(), libc::RTLD_NOW)
        };
        if library.is_null() {
            return None;
        }
        let register = find(library, c"__register_frame_info")?;
        let deregister = find(library, c"__deregister_frame_info")?;
        // SAFETY: libgcc's functions have these types. The library stays loaded.
        unsafe {
            Some(Unwinder {
                register: transmute::<*mut c_void, Register>(register.as_ptr()),
                deregister: transmute::<*mut c_void, Deregister>(deregister.as_ptr()),
            })
        }
    }

    /// The one that is linked in.
    fn linked() -> Unwinder {
        unsafe extern "C" {
            fn __register_frame_info(section: *const c_void, object: *mut c_void);
            fn __deregister_frame_info(section: *const c_void) -> *mut c_void;
        }
        Unwinder { register: __register_frame_info, deregister: __deregister_frame_info }
    }

    /// The address of a function that lets no exception pass, for the description of frames.
    pub fn refuse_exceptions() -> usize {
        refuse as *const () as usize
    }

    /// Makes frames known that an `.eh_frame` section describes, whose end is marked by a zero word.
    ///
    /// # Safety
    /// The section is well formed, and no code that it describes is in another one.
    pub unsafe fn register(self, section: Box<[u64]>) -> RegisteredFrames {
        let mut object: Box<Object> = Box::new([0; 16]);
        // SAFETY: both stay where they are until they are deregistered; the section is as promised.
        unsafe { (self.register)(section.as_ptr().cast(), ptr::from_mut(&mut *object).cast()) };
        RegisteredFrames { unwinder: self, section, _object: object }
    }
}

impl Drop for RegisteredFrames {
    fn drop(&mut self) {
        // SAFETY: the section was registered.
        unsafe { (self.unwinder.deregister)(self.section.as_ptr().cast()) };
    }
}

fn find(library: *mut c_void, name: &CStr) -> Option<ptr::NonNull<c_void>> {
    // SAFETY: a library that stays loaded, and a string that ends in a zero byte.
    ptr::NonNull::new(unsafe { libc::dlsym(library, name.as_ptr()) })
}

/// The beginning of an exception, as the C++ ABI lays it out.
#[repr(C)]
struct Exception {
    class: u64,
    cleanup: usize,
    /// While a thread is ended: the function that decides at each frame, and its argument.
    stop: Option<Stop>,
    argument: *mut c_void,
}

type Stop = unsafe extern "C" fn(
    version: c_int,
    actions: c_int,
    class: u64,
    exception: *mut Exception,
    context: *mut c_void,
    argument: *mut c_void,
) -> c_int;

const FORCED: c_int = 8;
const END_OF_STACK: c_int = 16;
const FATAL_ERROR: c_int = 3;

/// What the unwinder calls when an exception arrives at guest code. The end of a thread (`pthread_exit`) arrives here
/// too: its function is told that the stack ends, and leaves the thread.
unsafe extern "C" fn refuse(
    version: c_int,
    actions: c_int,
    class: u64,
    exception: *mut Exception,
    context: *mut c_void,
) -> c_int {
    if actions & FORCED == 0 {
        return FATAL_ERROR;
    }
    // SAFETY: the unwinder keeps the function and its argument in the exception while it forces the way.
    unsafe {
        let Exception { stop, argument, .. } = *exception;
        stop.map_or(FATAL_ERROR, |stop| {
            stop(version, actions | END_OF_STACK, class, exception, context, argument)
        })
    }
}
