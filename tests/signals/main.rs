//! Who gets which signal, when the engine and the embedder both handle them. Handlers belong to the
//! process, so each test runs in a child of its own.

#[allow(dead_code)]
#[path = "../stubs/guest.rs"]
mod guest;

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use guest::{World, compile, func_type, guest_at, user_trap};
use libc::{c_int, c_void, sigaction, siginfo_t};
use std::mem::zeroed;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use wasmrt::abi::TrapCode;
use wasmrt::abi::TrapReason;
use wasmrt::traps::fault::FaultTraps;
use wasmrt::types::FuncType;
use wasmrt::types::ValType::I64;

/// Runs `f` in a child process and returns its wait status; a panic there is exit code 101.
fn status_of(f: impl FnOnce()) -> c_int {
    // SAFETY: the child touches nothing of the parent's other threads and ends without cleaning up.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            reset_handlers();
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
            libc::_exit(if outcome.is_ok() { 0 } else { 101 });
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        status
    }
}

fn in_child(f: impl FnOnce()) {
    assert_eq!(status_of(f), 0);
}

/// As in a program without Rust's own handler.
fn reset_handlers() {
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the default action.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

struct Loader {
    world: World,
    ty: FuncType,
    code: usize,
}

impl Loader {
    fn new() -> Loader {
        let world = World::new(256 << 10);
        let ty = func_type(&[I64], &[I64]);
        let code = compile(&ty, |b, params| {
            let trap = user_trap(TrapCode::MemoryOutOfBounds);
            let flags = MemFlagsData::new().with_trap_code(Some(trap));
            let value = b.ins().load(types::I64, flags, params[1], 0);
            b.ins().return_(&[value]);
        });
        Loader { world, ty, code }
    }

    fn assert_guest_traps(&self) {
        let trap = Err(TrapReason::Code(TrapCode::MemoryOutOfBounds));
        assert_eq!(self.world.call(&self.ty, self.code, &[16]), trap);
    }
}

/// A page that faults until the embedder's handler opens it.
struct Closed(*mut u8);

static CLOSED: AtomicUsize = AtomicUsize::new(0);
static CAUGHT: AtomicUsize = AtomicUsize::new(0);
static WAS_BLOCKED: AtomicBool = AtomicBool::new(false);
static mut BEFORE_EMBEDDER: Option<sigaction> = None;

impl Closed {
    fn new() -> Closed {
        // SAFETY: a fresh mapping.
        let page = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_NONE, flags, -1, 0)
        };
        assert_ne!(page, libc::MAP_FAILED);
        CLOSED.store(page as usize, SeqCst);
        Closed(page.cast())
    }

    /// Touches the page and says how often the embedder's handler ran.
    fn touch(&self) -> usize {
        let before = CAUGHT.load(SeqCst);
        // SAFETY: the page is there; the handler makes it accessible.
        unsafe { self.0.write_volatile(1) };
        CAUGHT.load(SeqCst) - before
    }
}

fn note_and_open() {
    CAUGHT.fetch_add(1, SeqCst);
    // SAFETY: async-signal-safe calls on the test's own page.
    unsafe {
        let mut mask = zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut mask);
        WAS_BLOCKED.store(libc::sigismember(&mask, libc::SIGSEGV) == 1, SeqCst);
        let page = CLOSED.load(SeqCst) as *mut c_void;
        libc::mprotect(page, 4096, libc::PROT_READ | libc::PROT_WRITE);
    }
}

extern "C" fn plain(_: c_int) {
    note_and_open();
}

extern "C" fn with_info(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: filled by the kernel.
    let address = unsafe { (*info).si_addr() } as usize;
    if address == CLOSED.load(SeqCst) {
        note_and_open();
    } else {
        // SAFETY: ends the process.
        unsafe { libc::_exit(3) };
    }
}

/// Takes what is its own, passes on the rest.
extern "C" fn chaining(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: filled by the kernel; the action was stored before this handler was installed.
    unsafe {
        if (*info).si_addr() as usize == CLOSED.load(SeqCst) {
            return note_and_open();
        }
        let before = (&raw const BEFORE_EMBEDDER).read().unwrap();
        let next: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) =
            std::mem::transmute(before.sa_sigaction);
        next(signal, info, context);
    }
}

fn install(handler: usize, flags: c_int) {
    // SAFETY: handlers of the sort that the flags say.
    unsafe {
        let mut action: sigaction = zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        let mut before = zeroed();
        assert_eq!(libc::sigaction(libc::SIGSEGV, &action, &mut before), 0);
        BEFORE_EMBEDDER = Some(before);
    }
}

fn current_handler() -> usize {
    // SAFETY: asks only.
    unsafe {
        let mut action: sigaction = zeroed();
        libc::sigaction(libc::SIGSEGV, std::ptr::null(), &mut action);
        action.sa_sigaction
    }
}

#[test]
fn an_earlier_handler_gets_the_hosts_faults() {
    in_child(|| {
        for (handler, flags) in
            [(plain as *const () as usize, 0), (with_info as *const () as usize, libc::SA_SIGINFO)]
        {
            install(handler, flags);
            let loader = Loader::new();
            assert_eq!(Closed::new().touch(), 1);
            assert!(WAS_BLOCKED.load(SeqCst), "the kernel would have blocked the signal");
            loader.assert_guest_traps();
            assert_eq!(Closed::new().touch(), 1);
        }
    });
}

#[test]
fn the_former_handler_is_back_when_the_last_engine_goes() {
    in_child(|| {
        let handler = with_info as *const () as usize;
        install(handler, libc::SA_SIGINFO);
        let first = Loader::new();
        let second = FaultTraps::install(guest_at).unwrap();
        drop(first);
        assert_ne!(current_handler(), handler);
        drop(second);
        assert_eq!(current_handler(), handler);
        Loader::new().assert_guest_traps();
        assert_eq!(current_handler(), handler);
    });
}

#[test]
fn a_later_handler_may_chain_to_ours_and_outlive_us() {
    in_child(|| {
        let loader = Loader::new();
        let handler = chaining as *const () as usize;
        install(handler, libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK);
        loader.assert_guest_traps();
        assert_eq!(Closed::new().touch(), 1);
        // Ours must stay behind it, and neither may call the other for ever.
        for _ in 0..5 {
            drop(Loader::new());
        }
        drop(loader);
        assert_eq!(current_handler(), handler);
        assert_eq!(Closed::new().touch(), 1);
        let loader = Loader::new();
        loader.assert_guest_traps();
        assert_eq!(Closed::new().touch(), 1);
        drop(loader);
        assert_eq!(current_handler(), handler);
    });
}

#[test]
fn a_passed_on_fault_still_ends_the_process_by_default() {
    let status = status_of(|| {
        let loader = Loader::new();
        install(chaining as *const () as usize, libc::SA_SIGINFO);
        drop(loader);
        CLOSED.store(1, SeqCst);
        // SAFETY: faults, which is the point.
        unsafe { std::ptr::without_provenance_mut::<u8>(64).write_volatile(1) };
    });
    // The chaining handler remains installed, but its predecessor has reset the signal.
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status}");
}

#[test]
fn nobodys_fault_ends_the_process() {
    for action in [libc::SIG_DFL, libc::SIG_IGN] {
        let status = status_of(|| {
            install(action, 0);
            let loader = Loader::new();
            loader.assert_guest_traps();
            // SAFETY: faults, which is the point.
            unsafe { std::ptr::without_provenance_mut::<u8>(64).write_volatile(1) };
        });
        assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status}");
    }
}

#[test]
fn sent_signals_do_what_they_would_have_done() {
    let send = || {
        let _loader = Loader::new();
        // SAFETY: a signal to this process.
        unsafe { libc::raise(libc::SIGSEGV) };
    };
    let status = status_of(send);
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status}");
    in_child(|| {
        install(libc::SIG_IGN, 0);
        send();
    });
    in_child(|| {
        Closed::new();
        install(plain as *const () as usize, 0);
        send();
        assert_eq!(CAUGHT.load(SeqCst), 1);
    });
}

#[test]
fn a_handler_for_one_signal_is_used_once() {
    let status = status_of(|| {
        install(plain as *const () as usize, libc::SA_RESETHAND);
        let _loader = Loader::new();
        assert_eq!(Closed::new().touch(), 1);
        Closed::new().touch();
    });
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status}");
}
