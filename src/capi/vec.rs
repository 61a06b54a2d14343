//! The thirteen vectors of `wasm.h`: `{size, data}`, the buffer from malloc.
//!
//! The caller's struct is plain memory: an `out` vector is uninitialised on entry and always
//! initialised on return. Deleting resets it to `{0, NULL}`, so that deleting twice is harmless. A
//! client may shrink `size` before deleting. Elements that are pointers may be NULL.

use super::guard::guard;
use super::types::*;
use crate::abi::value::{KIND_EXTERNREF, RawVal, is_lent};
use crate::error::Error;
use std::ptr;

/// A vector struct of C.
pub trait CVec: Copy {
    type Element: Element;
    fn new(size: usize, data: *mut Self::Element) -> Self;
    fn size(&self) -> usize;
    fn data(&self) -> *mut Self::Element;

    const EMPTY: Self;
}

/// What vectors hold: bytes, values, or pointers to owned objects.
pub trait Element: Copy {
    /// What `new_uninitialized` fills in.
    const NEUTRAL: Self;
    /// How many neutral elements follow in the buffer, uncounted.
    const SPARE: usize = 0;
    /// A copy of an element that a vector owns, or `None` when memory is short.
    fn copy(&self) -> Option<Self>;
    /// Deletes an element that a vector owns.
    fn delete(self);
    /// Whether an array is one that host functions are lent, which nobody may free.
    fn is_lent(_: *const Self) -> bool {
        false
    }
}

impl Element for wasm_byte_t {
    const NEUTRAL: wasm_byte_t = 0;
    /// A NUL, for programs that take a name for a C string.
    const SPARE: usize = 1;
    fn copy(&self) -> Option<wasm_byte_t> {
        Some(*self)
    }
    fn delete(self) {}
}

impl Element for wasm_val_t {
    const NEUTRAL: wasm_val_t = wasm_val_t(RawVal { kind: KIND_EXTERNREF, bits: 0 });
    fn copy(&self) -> Option<wasm_val_t> {
        super::val::copy(self)
    }
    fn delete(self) {
        super::val::release(&self.0);
    }
    fn is_lent(values: *const wasm_val_t) -> bool {
        is_lent(values)
    }
}

/// The elements of a vector that the caller passed; a NULL vector is empty, a vector with a size
/// but no data is refused.
///
/// # Safety
/// `vec` is NULL or points at an initialised vector, whose data is valid for its size.
pub unsafe fn elements<'a, V: CVec>(vec: *const V) -> Result<&'a [V::Element], Error> {
    // SAFETY: as promised by the caller.
    let Some(vec) = (unsafe { vec.as_ref() }) else { return Ok(&[]) };
    match (vec.size(), vec.data().is_null()) {
        (0, _) => Ok(&[]),
        (_, true) => Err(Error::argument("a vector with a size but without data")),
        (size, _) if size > isize::MAX as usize / size_of::<V::Element>() => {
            Err(Error::argument("a vector larger than the address space"))
        }
        // SAFETY: as promised by the caller.
        (size, false) => Ok(unsafe { std::slice::from_raw_parts(vec.data(), size) }),
    }
}

/// A buffer for `size` elements, with the spare ones behind; NULL for none.
fn buffer<T: Element>(size: usize) -> Result<*mut T, Error> {
    if size == 0 {
        return Ok(ptr::null_mut());
    }
    let bytes = size.checked_add(T::SPARE).and_then(|n| n.checked_mul(size_of::<T>()));
    // SAFETY: plain allocation.
    let data = unsafe { libc::malloc(bytes.ok_or_else(Error::out_of_memory)?) }.cast::<T>();
    if data.is_null() {
        return Err(Error::out_of_memory());
    }
    for i in 0..T::SPARE {
        // SAFETY: there is room for them.
        unsafe { data.add(size + i).write(T::NEUTRAL) };
    }
    Ok(data)
}

/// A vector owning what the iterator yields. When memory is short the elements made so far are
/// deleted.
pub fn collect<V: CVec>(
    items: impl ExactSizeIterator<Item = Option<V::Element>>,
) -> Result<V, Error> {
    let size = items.len();
    let data = buffer::<V::Element>(size)?;
    for (i, item) in items.enumerate() {
        match item {
            // SAFETY: the buffer has room for `size` elements.
            Some(item) => unsafe { data.add(i).write(item) },
            None => {
                // SAFETY: the first `i` elements are initialised and ours.
                unsafe { delete_buffer(i, data) };
                return Err(Error::out_of_memory());
            }
        }
    }
    Ok(V::new(size, data))
}

/// Bytes that are to become a vector, zero at first and with a NUL behind, even if there are none;
/// freed when dropped before that.
pub struct ByteBuffer {
    size: usize,
    data: *mut wasm_byte_t,
}

impl ByteBuffer {
    pub fn zeroed(size: usize) -> Result<ByteBuffer, Error> {
        // SAFETY: plain allocation.
        let data = unsafe { libc::calloc(size.saturating_add(1), 1) }.cast::<wasm_byte_t>();
        if data.is_null() { Err(Error::out_of_memory()) } else { Ok(ByteBuffer { size, data }) }
    }

    pub fn into_vec(self) -> wasm_byte_vec_t {
        let buffer = std::mem::ManuallyDrop::new(self);
        wasm_byte_vec_t { size: buffer.size, data: buffer.data }
    }
}

impl AsMut<[u8]> for ByteBuffer {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: `size` initialised bytes that the buffer owns; `char` and `u8` have one layout.
        unsafe { std::slice::from_raw_parts_mut(self.data.cast(), self.size) }
    }
}

impl Drop for ByteBuffer {
    fn drop(&mut self) {
        // SAFETY: came from `calloc` and was given to nobody.
        unsafe { libc::free(self.data.cast()) };
    }
}

unsafe fn delete_buffer<T: Element>(size: usize, data: *mut T) {
    for i in 0..size {
        // SAFETY: the caller says that `size` elements are initialised.
        unsafe { ptr::replace(data.add(i), T::NEUTRAL) }.delete();
    }
    if !T::is_lent(data) {
        // SAFETY: the buffer came from malloc, or is NULL.
        unsafe { libc::free(data.cast()) };
    }
}

/// Takes an owned input vector: the caller's struct is left empty.
///
/// # Safety
/// `vec` is NULL or points at an initialised vector.
pub unsafe fn take_vec<V: CVec>(vec: *mut V) -> V {
    if vec.is_null() {
        return V::EMPTY;
    }
    // SAFETY: as promised by the caller.
    unsafe { ptr::replace(vec, V::EMPTY) }
}

/// Deletes a vector that nobody else refers to.
///
/// # Safety
/// The vector owns its buffer and elements.
pub unsafe fn delete_vec<V: CVec>(vec: V) {
    if !vec.data().is_null() {
        // SAFETY: as promised by the caller.
        unsafe { delete_buffer(vec.size(), vec.data()) };
    }
}

/// Writes a result vector, or an empty one with the last error set.
pub(super) unsafe fn output<V: CVec>(out: *mut V, make: impl FnOnce() -> Result<V, Error>) {
    if out.is_null() {
        return;
    }
    guard(|| {
        // SAFETY: the caller passes a valid place for the result.
        unsafe { out.write(V::EMPTY) };
        let vec = make()?;
        // SAFETY: as above.
        unsafe { out.write(vec) };
        Ok(())
    });
}

/// The five functions of every vector.
macro_rules! vector {
    ($vec:ident, $element:ty, $empty:ident, $uninitialized:ident, $new:ident, $copy:ident, $delete:ident) => {
        /// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
        /// may lower `size` before deleting, but not raise it.
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $vec {
            /// Number of elements.
            pub size: usize,
            /// The elements, owned by the vector; NULL when there are none.
            pub data: *mut $element,
        }

        impl CVec for $vec {
            type Element = $element;
            const EMPTY: Self = $vec { size: 0, data: ptr::null_mut() };
            fn new(size: usize, data: *mut $element) -> Self {
                $vec { size, data }
            }
            fn size(&self) -> usize {
                self.size
            }
            fn data(&self) -> *mut $element {
                self.data
            }
        }

        /// Makes `out` an empty vector. Nothing for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $empty(out: *mut $vec) {
            // SAFETY: `out` is NULL or valid for writes (C contract).
            unsafe { super::handle::write_out(out, $vec::EMPTY) };
        }

        /// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
        /// later to delete. Empty, with the last error set, when memory is short.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $uninitialized(out: *mut $vec, size: usize) {
            // SAFETY: as above.
            unsafe { output(out, || collect((0..size).map(|_| Some(<$element>::NEUTRAL)))) };
        }

        /// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
        /// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
        /// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
        /// elements are deleted.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $new(out: *mut $vec, size: usize, data: *const $element) {
            // SAFETY: `data` holds `size` elements (C contract).
            unsafe {
                output(out, || {
                    let given = elements(&$vec { size, data: data.cast_mut() })?;
                    collect(given.iter().map(|e| Some(*e))).inspect_err(|_| {
                        given.iter().for_each(|e| e.delete());
                    })
                });
            }
        }

        /// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
        /// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
        /// when memory is short.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $copy(out: *mut $vec, source: *const $vec) {
            // SAFETY: both are NULL or valid (C contract).
            unsafe { output(out, || collect(elements(source)?.iter().map(|e| e.copy()))) };
        }

        /// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
        /// again does nothing. Nothing for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $delete(vec: *mut $vec) {
            // SAFETY: NULL, or a vector that owns its elements (C contract).
            guard(|| Ok(unsafe { delete_vec(take_vec(vec)) }));
        }
    };
}

vector!(
    wasm_byte_vec_t,
    wasm_byte_t,
    wasm_byte_vec_new_empty,
    wasm_byte_vec_new_uninitialized,
    wasm_byte_vec_new,
    wasm_byte_vec_copy,
    wasm_byte_vec_delete
);
vector!(
    wasm_val_vec_t,
    wasm_val_t,
    wasm_val_vec_new_empty,
    wasm_val_vec_new_uninitialized,
    wasm_val_vec_new,
    wasm_val_vec_copy,
    wasm_val_vec_delete
);
vector!(
    wasm_valtype_vec_t,
    *mut wasm_valtype_t,
    wasm_valtype_vec_new_empty,
    wasm_valtype_vec_new_uninitialized,
    wasm_valtype_vec_new,
    wasm_valtype_vec_copy,
    wasm_valtype_vec_delete
);
vector!(
    wasm_functype_vec_t,
    *mut wasm_functype_t,
    wasm_functype_vec_new_empty,
    wasm_functype_vec_new_uninitialized,
    wasm_functype_vec_new,
    wasm_functype_vec_copy,
    wasm_functype_vec_delete
);
vector!(
    wasm_globaltype_vec_t,
    *mut wasm_globaltype_t,
    wasm_globaltype_vec_new_empty,
    wasm_globaltype_vec_new_uninitialized,
    wasm_globaltype_vec_new,
    wasm_globaltype_vec_copy,
    wasm_globaltype_vec_delete
);
vector!(
    wasm_tabletype_vec_t,
    *mut wasm_tabletype_t,
    wasm_tabletype_vec_new_empty,
    wasm_tabletype_vec_new_uninitialized,
    wasm_tabletype_vec_new,
    wasm_tabletype_vec_copy,
    wasm_tabletype_vec_delete
);
vector!(
    wasm_memorytype_vec_t,
    *mut wasm_memorytype_t,
    wasm_memorytype_vec_new_empty,
    wasm_memorytype_vec_new_uninitialized,
    wasm_memorytype_vec_new,
    wasm_memorytype_vec_copy,
    wasm_memorytype_vec_delete
);
vector!(
    wasm_tagtype_vec_t,
    *mut wasm_tagtype_t,
    wasm_tagtype_vec_new_empty,
    wasm_tagtype_vec_new_uninitialized,
    wasm_tagtype_vec_new,
    wasm_tagtype_vec_copy,
    wasm_tagtype_vec_delete
);
vector!(
    wasm_externtype_vec_t,
    *mut wasm_externtype_t,
    wasm_externtype_vec_new_empty,
    wasm_externtype_vec_new_uninitialized,
    wasm_externtype_vec_new,
    wasm_externtype_vec_copy,
    wasm_externtype_vec_delete
);
vector!(
    wasm_importtype_vec_t,
    *mut wasm_importtype_t,
    wasm_importtype_vec_new_empty,
    wasm_importtype_vec_new_uninitialized,
    wasm_importtype_vec_new,
    wasm_importtype_vec_copy,
    wasm_importtype_vec_delete
);
vector!(
    wasm_exporttype_vec_t,
    *mut wasm_exporttype_t,
    wasm_exporttype_vec_new_empty,
    wasm_exporttype_vec_new_uninitialized,
    wasm_exporttype_vec_new,
    wasm_exporttype_vec_copy,
    wasm_exporttype_vec_delete
);
vector!(
    wasm_frame_vec_t,
    *mut wasm_frame_t,
    wasm_frame_vec_new_empty,
    wasm_frame_vec_new_uninitialized,
    wasm_frame_vec_new,
    wasm_frame_vec_copy,
    wasm_frame_vec_delete
);
vector!(
    wasm_extern_vec_t,
    *mut wasm_extern_t,
    wasm_extern_vec_new_empty,
    wasm_extern_vec_new_uninitialized,
    wasm_extern_vec_new,
    wasm_extern_vec_copy,
    wasm_extern_vec_delete
);

/// Elements that are pointers to owned objects, with the type's own copy and delete.
macro_rules! pointer_elements {
    ($($ty:ident: $copy:path, $delete:path;)*) => {$(
        impl Element for *mut $ty {
            const NEUTRAL: *mut $ty = ptr::null_mut();
            fn copy(&self) -> Option<*mut $ty> {
                if self.is_null() {
                    return Some(ptr::null_mut());
                }
                // SAFETY: a vector's elements are NULL or handles it owns.
                let copy = unsafe { $copy(*self) };
                (!copy.is_null()).then_some(copy)
            }
            fn delete(self) {
                // SAFETY: as above.
                unsafe { $delete(self) };
            }
        }
    )*};
}

pointer_elements! {
    wasm_valtype_t: super::valtype::wasm_valtype_copy, super::valtype::wasm_valtype_delete;
    wasm_functype_t: super::externtype::wasm_functype_copy, super::externtype::wasm_functype_delete;
    wasm_globaltype_t: super::externtype::wasm_globaltype_copy, super::externtype::wasm_globaltype_delete;
    wasm_tabletype_t: super::externtype::wasm_tabletype_copy, super::externtype::wasm_tabletype_delete;
    wasm_memorytype_t: super::externtype::wasm_memorytype_copy, super::externtype::wasm_memorytype_delete;
    wasm_tagtype_t: super::externtype::wasm_tagtype_copy, super::externtype::wasm_tagtype_delete;
    wasm_externtype_t: super::externtype::wasm_externtype_copy, super::externtype::wasm_externtype_delete;
    wasm_importtype_t: super::importtype::wasm_importtype_copy, super::importtype::wasm_importtype_delete;
    wasm_exporttype_t: super::importtype::wasm_exporttype_copy, super::importtype::wasm_exporttype_delete;
    wasm_frame_t: super::trap::wasm_frame_copy, super::trap::wasm_frame_delete;
    wasm_extern_t: super::reference::wasm_extern_copy, super::reference::wasm_extern_delete;
}
