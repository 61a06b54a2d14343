//! Nothing is ever printed, not even when the library has a bug: panics are caught, become errors and traps, and
//! reach the log. Panics outside the library go where they always went.

use std::ffi::CStr;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use wasmrt::capi::bytes::*;
use wasmrt::capi::casts::*;
use wasmrt::capi::engine::*;
use wasmrt::capi::func::*;
use wasmrt::capi::instance::*;
use wasmrt::capi::memory::*;
use wasmrt::capi::module::*;
use wasmrt::capi::reference::*;
use wasmrt::capi::store::*;
use wasmrt::capi::trap::*;
use wasmrt::capi::types::*;
use wasmrt::capi::val::*;
use wasmrt::runtime::config::Config;
use wasmrt::runtime::engine::Engine;
use wasmrt::runtime::limits::Growth;
use wasmrt::runtime::store::Store;

/// One child at a time: it must not inherit a lock that another test's thread holds.
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Runs `f` in a child process and returns how it ended and what it printed.
fn output_of(f: impl FnOnce()) -> (i32, String) {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    // SAFETY: the child uses nothing of the parent's other threads and ends without cleaning up.
    unsafe {
        let mut pipe = [0; 2];
        assert_eq!(libc::pipe(pipe.as_mut_ptr()), 0);
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            libc::alarm(100);
            libc::dup2(pipe[1], 1);
            libc::dup2(pipe[1], 2);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
            libc::_exit(if outcome.is_ok() { 0 } else { 101 });
        }
        libc::close(pipe[1]);
        let mut printed = String::new();
        std::fs::File::from_raw_fd(pipe[0]).read_to_string(&mut printed).unwrap();
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        (status, printed)
    }
}

/// A hook that prints past what the test harness captures.
fn plain_hook() {
    std::panic::set_hook(Box::new(|info| {
        let text = format!("PRINTED {info}");
        // SAFETY: writes the text.
        unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
    }));
}

const GROWING: &str = r#"(module (memory (export "memory") 1)
    (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;

fn panicking(_: &Growth<'_>) -> bool {
    panic!("a fault of the library");
}

static TOLD: AtomicUsize = AtomicUsize::new(0);

/// Two exports: a memory, and a function that grows it. Growing is a fault of the library.
fn with_exports(f: impl FnOnce(*mut wasm_memory_t, *mut wasm_func_t)) {
    let binary = wat::parse_str(GROWING).unwrap();
    // SAFETY: handles as the C API gives them, used by this thread alone; the store is a `Store`.
    unsafe {
        let engine = wasm_engine_new();
        let store = wasm_store_new(engine);
        let bytes = wasm_byte_vec_t { size: binary.len(), data: binary.as_ptr() as *mut _ };
        let module = wasm_module_new(store, &bytes);
        let instance = wasm_instance_new(store, module, ptr::null(), ptr::null_mut());
        let mut exports = wasm_extern_vec_t { size: 0, data: ptr::null_mut() };
        wasm_instance_exports(instance, &mut exports);
        let store = &*store.cast::<Store>();
        store.limits.set_limiter(Some(Rc::new(panicking)));
        // The forking thread has another identity in the child; on a known stack calls take the fast path, without
        // any guard.
        let here = wasmrt::sys::stack::stack_pointer();
        store.declare_stack(Some((here - (256 << 10), 512 << 10)));
        let (memory, grow) = (*exports.data, *exports.data.add(1));
        f(wasm_extern_as_memory(memory), wasm_extern_as_func(grow));
    }
}

/// Below `memory.grow`, which guest code calls without an entry point of the C API around it.
fn panic_in_builtin() {
    with_exports(|_, grow| {
        let mut out = wasm_val_t(wasmrt::abi::value::RawVal { kind: 0, bits: 0 });
        let mut results = wasm_val_vec_t { size: 1, data: &mut out };
        let none = wasm_val_vec_t { size: 0, data: ptr::null_mut() };
        for _ in 0..2 {
            // SAFETY: as above.
            unsafe {
                let trap = wasm_func_call(grow, &none, &mut results);
                let mut message = wasm_byte_vec_t { size: 0, data: ptr::null_mut() };
                wasm_trap_message(trap, &mut message);
                assert_eq!(CStr::from_ptr(message.data), c"internal error");
            }
        }
    });
}

fn panic_in_entry_point() {
    with_exports(|memory, _| {
        // SAFETY: as above.
        unsafe {
            assert!(!wasm_memory_grow(memory, 1));
            assert!(!wasmrt::capi::error::wasmrt_last_error().is_null());
        }
    });
}

#[test]
fn panic_below_guest_code_is_a_trap_and_prints_nothing() {
    let (status, printed) = output_of(|| {
        plain_hook();
        panic_in_builtin();
    });
    assert_eq!((status, printed.as_str()), (0, ""));
}

#[test]
fn panic_in_an_entry_point_is_an_error_and_prints_nothing() {
    let (status, printed) = output_of(|| {
        plain_hook();
        panic_in_entry_point();
    });
    assert_eq!((status, printed.as_str()), (0, ""));
}

#[test]
fn log_hears_of_every_fault_once() {
    let (status, printed) = output_of(|| {
        plain_hook();
        let sink = |_, text: &CStr| {
            let text = text.to_str().unwrap();
            TOLD.fetch_add(usize::from(text.contains("a fault of the library")), SeqCst);
        };
        let log = wasmrt::log::Log::new(wasmrt::log::Level::Error, Box::new(sink));
        let listening = Engine::new(Config { log, ..Config::default() });
        panic_in_builtin();
        assert_eq!(TOLD.load(SeqCst), 2);
        panic_in_entry_point();
        assert_eq!(TOLD.load(SeqCst), 3);
        drop(listening);
        panic_in_entry_point();
        assert_eq!(TOLD.load(SeqCst), 3);
    });
    assert_eq!((status, printed.as_str()), (0, ""));
}

#[test]
fn panic_of_the_host_goes_to_the_hosts_hook() {
    let (status, printed) = output_of(|| {
        plain_hook();
        panic_in_builtin();
        panic!("the host's own");
    });
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 101);
    assert!(printed.starts_with("PRINTED") && printed.contains("the host's own"), "{printed}");
    assert!(!printed.contains("a fault of the library"), "{printed}");
}
