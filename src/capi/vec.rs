//! What the thirteen vectors of `wasm.h` have in common: `{size, data}`, the buffer from malloc.
//!
//! Each vector is declared beside its elements, by [`vector`] or [`pointer_vector`]. The caller's struct is
//! plain memory: an `out` vector is uninitialised on entry and always initialised on return. Deleting resets it
//! to `{0, NULL}`, so that deleting twice is harmless. A client may shrink `size` before deleting. Elements that
//! are pointers may be NULL.

use super::guard::guard;
use super::handle::write_out;
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
    /// How many neutral elements follow in the buffer, not counted in the size.
    const SPARE: usize = 0;
    /// A copy of an element that a vector owns, or `None` when memory is short.
    fn copy(&self) -> Option<Self>;
    /// Deletes an element that a vector owns.
    fn delete(self);
    /// Whether an array belongs to a running call of a host function, so that it must not be freed.
    fn is_lent(_: *const Self) -> bool {
        false
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
        // SAFETY: the caller passes a valid place for the result.
        unsafe { out.write(vec) };
        Ok(())
    });
}

/// # Safety
/// `out` is NULL or valid for writes.
pub unsafe fn new_empty<V: CVec>(out: *mut V) {
    // SAFETY: as promised by the caller.
    unsafe { write_out(out, V::EMPTY) };
}

/// # Safety
/// `out` is NULL or valid for writes.
pub unsafe fn new_neutral<V: CVec>(out: *mut V, size: usize) {
    // SAFETY: as promised by the caller.
    unsafe { output(out, || collect((0..size).map(|_| Some(V::Element::NEUTRAL)))) };
}

/// A vector of given elements, which are taken over even if it cannot be made.
///
/// # Safety
/// `out` is NULL or valid for writes, `data` NULL or an array of `size` elements.
pub unsafe fn new<V: CVec>(out: *mut V, size: usize, data: *const V::Element) {
    // SAFETY: as promised by the caller.
    unsafe {
        output(out, || {
            let given = elements(&V::new(size, data.cast_mut()))?;
            collect(given.iter().map(|e| Some(*e))).inspect_err(|_| {
                given.iter().for_each(|e| e.delete());
            })
        });
    }
}

/// # Safety
/// `out` is NULL or valid for writes, `source` NULL or an initialised vector.
pub unsafe fn copy<V: CVec>(out: *mut V, source: *const V) {
    // SAFETY: as promised by the caller.
    unsafe { output(out, || collect(elements(source)?.iter().map(|e| e.copy()))) };
}

/// # Safety
/// `vec` is NULL or a vector that owns its elements.
pub unsafe fn delete<V: CVec>(vec: *mut V) {
    // SAFETY: as promised by the caller.
    guard(|| Ok(unsafe { delete_vec(take_vec(vec)) }));
}

/// Declares a vector and its five functions.
macro_rules! vector {
    ($vec:ident of $element:ty:
        $empty:ident $uninitialized:ident $new:ident $copy:ident $delete:ident) => {
        /// A vector. It owns its elements and their buffer. The struct itself belongs to the
        /// caller, who may lower `size` before deleting the vector, but not raise it.
        #[allow(non_camel_case_types, reason = "published name")]
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $vec {
            /// Number of elements.
            pub size: usize,
            /// The elements, owned by the vector; NULL when there are none.
            pub data: *mut $element,
        }

        impl $crate::capi::vec::CVec for $vec {
            type Element = $element;
            const EMPTY: Self = $vec { size: 0, data: std::ptr::null_mut() };
            fn new(size: usize, data: *mut $element) -> Self {
                $vec { size, data }
            }
            /// Number of elements.
            fn size(&self) -> usize {
                self.size
            }
            /// The elements, owned by the vector; NULL if there are none.
            fn data(&self) -> *mut $element {
                self.data
            }
        }

        /// Makes `out` an empty vector. Does nothing for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $empty(out: *mut $vec) {
            // SAFETY: NULL or valid for writes (C contract).
            unsafe { $crate::capi::vec::new_empty(out) };
        }

        /// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
        /// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
        /// set.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $uninitialized(out: *mut $vec, size: usize) {
            // SAFETY: NULL or valid for writes (C contract).
            unsafe { $crate::capi::vec::new_neutral(out, size) };
        }

        /// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
        /// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
        /// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
        /// the last error is set.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $new(out: *mut $vec, size: usize, data: *const $element) {
            // SAFETY: valid, and `data` holds `size` elements (C contract).
            unsafe { $crate::capi::vec::new(out, size, data) };
        }

        /// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
        /// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
        /// short, or `source` has a size but no data) `out` is empty and the last error is set.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $copy(out: *mut $vec, source: *const $vec) {
            // SAFETY: NULL or valid (C contract).
            unsafe { $crate::capi::vec::copy(out, source) };
        }

        /// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
        /// again does nothing. Does nothing for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $delete(vec: *mut $vec) {
            // SAFETY: NULL or a vector that owns its elements (C contract).
            unsafe { $crate::capi::vec::delete(vec) };
        }
    };
}

/// What a vector of pointers does with what its elements point at.
pub trait Pointee {
    /// A copy, or NULL when memory is short.
    ///
    /// # Safety
    /// `object` is a handle.
    unsafe fn copy(object: *const Self) -> *mut Self;

    /// # Safety
    /// `object` is NULL or an owned handle.
    unsafe fn delete(object: *mut Self);
}

impl<T: Pointee> Element for *mut T {
    const NEUTRAL: *mut T = ptr::null_mut();

    fn copy(&self) -> Option<*mut T> {
        if self.is_null() {
            return Some(ptr::null_mut());
        }
        // SAFETY: a vector's elements are NULL or handles that it owns.
        let copy = unsafe { T::copy(*self) };
        (!copy.is_null()).then_some(copy)
    }

    fn delete(self) {
        // SAFETY: the vector gives up the handle that it owned, or NULL.
        unsafe { T::delete(self) };
    }
}

/// A vector of pointers, with the C functions that copy and delete one element.
macro_rules! pointer_vector {
    ($element:ident: $element_copy:ident $element_delete:ident; $vec:ident: $($functions:ident)*) => {
        impl $crate::capi::vec::Pointee for $element {
            unsafe fn copy(object: *const Self) -> *mut Self {
                // SAFETY: as promised by the caller.
                unsafe { $element_copy(object) }
            }
            unsafe fn delete(object: *mut Self) {
                // SAFETY: as promised by the caller.
                unsafe { $element_delete(object) };
            }
        }

        $crate::capi::vec::vector! { $vec of *mut $element: $($functions)* }
    };
}

pub(super) use {pointer_vector, vector};
