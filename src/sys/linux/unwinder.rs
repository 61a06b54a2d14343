//! The unwinder that the process uses, which can be told about the frames of code that is made at run time.
//!
//! That is the one in `libgcc_s.so.1`: the C library's `backtrace` loads it, and the C++ library is linked to it. This
//! library may have another one linked in, for its own panics, which nobody else asks. Only a program without shared
//! libraries has no other.

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
