//! A frame that is larger than the address of its stack overflows that stack, and nothing else is
//! written: a stack pointer less such a frame wraps around.

use super::*;
use std::ffi::c_void;
use std::ptr;

/// Where the system never puts a thread's stack, but a host may put one.
const LOW: usize = 128 << 10;
const SIZE: usize = 256 << 10;
/// Bytes of a frame that reaches below address zero from there.
const FRAME: usize = LOW + SIZE + 4096;

/// Maps the stack, unless the system keeps low addresses for itself.
fn low_stack() -> Option<*mut c_void> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the flags keep the kernel from replacing a mapping.
    let at = unsafe { libc::mmap(ptr::without_provenance_mut(LOW), SIZE, access, flags, -1, 0) };
    (at.addr() == LOW).then_some(at)
}

struct Work {
    function: *const wasm_func_t,
    outcome: Option<Result<i32, String>>,
}

extern "C" fn work(work: *mut c_void) -> *mut c_void {
    // SAFETY: the one that the test passes, which waits for this thread.
    let work = unsafe { &mut *work.cast::<Work>() };
    work.outcome = Some(call(work.function, 1));
    ptr::null_mut()
}

/// Calls the function on a thread with that stack.
fn call_on(stack: *mut c_void, function: *const wasm_func_t) -> Result<i32, String> {
    let mut work_item = Work { function, outcome: None };
    // SAFETY: the stack is mapped and nobody else's; the thread is joined before the item goes.
    unsafe {
        let mut attributes = std::mem::zeroed();
        assert_eq!(libc::pthread_attr_init(&mut attributes), 0);
        assert_eq!(libc::pthread_attr_setstack(&mut attributes, stack, SIZE), 0);
        let mut thread = std::mem::zeroed();
        let item = (&raw mut work_item).cast();
        assert_eq!(libc::pthread_create(&mut thread, &attributes, work, item), 0);
        libc::pthread_attr_destroy(&mut attributes);
        assert_eq!(libc::pthread_join(thread, ptr::null_mut()), 0);
    }
    work_item.outcome.expect("the thread has run")
}

#[test]
fn a_frame_larger_than_the_address_of_its_stack_overflows_it() {
    if is_foreign() {
        return skip("another library may treat such a stack otherwise");
    }
    let Some(stack) = low_stack() else {
        skip(&format!("the system maps nothing at {LOW:#x}"));
        return;
    };
    let locals = "i64 ".repeat(FRAME / 8);
    let text = format!(
        "(module (func (export \"large\") (param $x i32) (result i32) (local {locals})
           (local.set 7 (i64.extend_i32_s (local.get $x))) (i32.wrap_i64 (local.get 7))))"
    );
    let engine = modes::MODES[0].new_engine().unwrap();
    let store = modes::MODES[0].new_store(&engine).unwrap();
    let module = new_module(&store, &wat::parse_str(text).unwrap()).unwrap();
    let instance = new_instance(&store, &module, &[]).unwrap();
    let exports = instance_exports(&instance);
    // SAFETY: the export is alive, and a function.
    let large = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
    assert_eq!(call(large, 5), Ok(5), "there is room on the usual stack");
    let outcome = call_on(stack, large);
    assert!(outcome.as_ref().is_err_and(|text| text.contains("exhausted")), "{outcome:?}");
    // SAFETY: the thread that used it is gone.
    unsafe { libc::munmap(stack, SIZE) };
}
