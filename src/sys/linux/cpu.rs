//! Processor state: instruction fetch after code was written, and the floating-point mode.
//!
//! x86-64 keeps instruction fetch coherent with stores, even through a second address of the same page, so only the
//! compiler must be held back. Other processors need their caches synchronized for exactly the bytes that were
//! written.
//!
//! The C library has asked the processor what it can do. In a virtual machine each `cpuid` instruction costs 4
//! to 70 µs, since the host executes it; asking the C library costs nothing.
//!
//! The floating-point mode of x86-64 is the MXCSR register: rounding, flush-to-zero, exception masks, and in its
//! low bits the flags of past exceptions. Each thread has its own. The x87 control word does not matter, because
//! neither Rust code nor guest code uses that unit.

/// A leaf of `cpuid`, by the C library's number (`sys/platform/x86.h`).
#[derive(Clone, Copy)]
pub enum Leaf {
    L1 = 0,
    L7 = 1,
    L80000001 = 2,
    L7S1 = 6,
}

/// Registers of a leaf.
pub const EAX: usize = 0;
pub const EBX: usize = 1;
pub const ECX: usize = 2;

/// The leaves' registers, by [`Leaf`], with the bits of what programs may use. `None` before glibc 2.33.
pub fn usable_features() -> Option<[[u32; 4]; 7]> {
    /// `struct cpuid_feature`.
    #[repr(C)]
    struct Feature {
        present: [u32; 4],
        active: [u32; 4],
    }
    type Get = unsafe extern "C" fn(u32) -> *const Feature;
    // SAFETY: the name of a function of this type, or null.
    let get = unsafe {
        let get = libc::dlsym(libc::RTLD_DEFAULT, c"__x86_get_cpuid_feature_leaf".as_ptr());
        std::mem::transmute::<*mut libc::c_void, Option<Get>>(get)?
    };
    let mut leaves = [[0; 4]; 7];
    for (number, leaf) in (0..).zip(&mut leaves) {
        // SAFETY: what is returned is null or stays for ever.
        *leaf = unsafe { get(number).as_ref()? }.active;
    }
    Some(leaves)
}

/// Makes `len` bytes of code at `start`, just written through any alias, safe to jump to.
#[cfg(target_arch = "x86_64")]
pub fn synchronize_code(_start: *const u8, _len: usize) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// Makes `len` bytes of code at `start`, just written through any alias, safe to jump to.
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

/// The floating-point mode that IEEE 754 arithmetic needs and that processes start with: round to nearest, no
/// flushing to zero, all exceptions masked.
pub const DEFAULT_FLOAT_MODE: u32 = 0x1f80;

/// The bits of the register that are flags rather than mode.
pub const FLOAT_FLAGS: u32 = 0x3f;

/// Mode and flags of this thread.
#[cfg(target_arch = "x86_64")]
pub fn float_state() -> u32 {
    let mut state = 0u32;
    // SAFETY: stores the register in a variable of ours.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut state, options(nostack, preserves_flags));
    }
    state
}

/// Changes mode and flags of this thread.
///
/// # Safety
/// Compiled code expects the default mode: no floats may be computed until it is restored.
#[cfg(target_arch = "x86_64")]
pub unsafe fn set_float_state(state: u32) {
    // SAFETY: loads the register; the caller answers for what that means.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const state, options(nostack, preserves_flags));
    }
}

/// Runs `f` in the default floating-point mode, and restores the thread's mode.
#[cfg(target_arch = "x86_64")]
pub fn in_default_float_mode<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(u32);
    impl Drop for Restore {
        fn drop(&mut self) {
            // SAFETY: the mode that the thread had before.
            unsafe { set_float_state(self.0) };
        }
    }
    let state = float_state();
    if state & !FLOAT_FLAGS == DEFAULT_FLOAT_MODE {
        return f();
    }
    let _restore = Restore(state);
    // SAFETY: Rust expects this mode, and `Restore` ends it.
    unsafe { set_float_state(DEFAULT_FLOAT_MODE) };
    f()
}

/// Runs `f`; other processors have no such state to save.
#[cfg(not(target_arch = "x86_64"))]
pub fn in_default_float_mode<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn arithmetic_is_as_usual_in_the_default_mode_and_the_former_mode_returns() {
        let add = || black_box(f64::from_bits(1)) + black_box(f64::from_bits(1));
        let before = float_state();
        // SAFETY: the test only looks at what addition does.
        unsafe { set_float_state(before | 0x8040) };
        let flushed = add();
        let inside = in_default_float_mode(add);
        let after = float_state();
        // SAFETY: the mode that this test found.
        unsafe { set_float_state(before) };
        assert_eq!((flushed.to_bits(), inside.to_bits()), (0, 2));
        assert_eq!(after & !FLOAT_FLAGS, (before | 0x8040) & !FLOAT_FLAGS);
    }
}
