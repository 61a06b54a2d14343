//! The instruction side of the processor: when bytes that were written become instructions.
//!
//! x86-64 keeps instruction fetch coherent with stores, also through a second address of the same
//! page, so there is only the compiler to hold back. Other processors need their caches
//! synchronised for exactly the bytes that were written.

/// Makes `len` bytes of code at `start`, just written through whatever alias, safe to jump to.
#[cfg(target_arch = "x86_64")]
pub fn synchronize_code(_start: *const u8, _len: usize) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// Makes `len` bytes of code at `start`, just written through whatever alias, safe to jump to.
#[cfg(not(target_arch = "x86_64"))]
pub fn synchronize_code(start: *const u8, len: usize) {
    unsafe extern "C" {
        fn __clear_cache(start: *mut u8, end: *mut u8);
    }
    let start = start.cast_mut();
    // SAFETY: the callee only performs cache maintenance on the range, which the caller has mapped
    // readable.
    unsafe { __clear_cache(start, start.wrapping_add(len)) }
}
