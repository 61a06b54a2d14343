//! Handlers for the signals of faulting instructions, shared with the rest of the process.
//!
//! The first [`acquire`] installs our handler for SIGSEGV, SIGBUS, SIGFPE and SIGILL; what the engine does not
//! claim goes to the previous handler, as the kernel would have delivered it. The last [`release`] restores the
//! previous handlers, but only where ours is still current: a handler installed after ours may keep ours as its
//! predecessor, so ours then stays and passes signals on. Such a handler must never be put in front of its own
//! successor, or the two would call each other for ever. There are therefore several copies of it (layers), each
//! with its own predecessor, and a copy that was left behind is not used again.
//!
//! The handler uses no lock, no allocation and no thread-local.

use crate::sys::lock::Lock;
use libc::{c_int, c_void, siginfo_t};
use std::io;
use std::mem::{MaybeUninit, transmute, zeroed};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicUsize, Ordering::*};

const SIGNALS: [c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL];
const LAYERS: usize = 3;

/// Decides whether a fault is ours, and if so changes where the thread continues.
pub type OnFault = fn(&mut Fault) -> bool;

static ON_FAULT: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static USERS: Lock<usize> = Lock::new(0);

/// What the instruction did wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// It touched inaccessible memory.
    Memory,
    /// It divided integers by zero, or with overflow.
    Division,
    /// It raised an unmasked floating-point exception.
    Float,
    /// It is not a valid instruction.
    Illegal,
}

impl FaultKind {
    fn new(signal: c_int, code: c_int) -> FaultKind {
        match signal {
            libc::SIGFPE if code == FPE_INTDIV || code == FPE_INTOVF => FaultKind::Division,
            libc::SIGFPE => FaultKind::Float,
            libc::SIGILL => FaultKind::Illegal,
            _ => FaultKind::Memory,
        }
    }
}

const FPE_INTDIV: c_int = 1;
const FPE_INTOVF: c_int = 2;

/// A synchronous fault of the current thread.
pub struct Fault<'a> {
    kind: FaultKind,
    address: usize,
    context: &'a mut libc::ucontext_t,
}

impl Fault<'_> {
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The address that the instruction tried to access.
    pub fn address(&self) -> usize {
        self.address
    }
}

#[cfg(target_arch = "x86_64")]
impl Fault<'_> {
    pub fn pc(&self) -> usize {
        self.context.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
    }

    pub fn fp(&self) -> usize {
        self.context.uc_mcontext.gregs[libc::REG_RBP as usize] as usize
    }

    pub fn rax(&self) -> usize {
        self.context.uc_mcontext.gregs[libc::REG_RAX as usize] as usize
    }

    pub fn r10(&self) -> usize {
        self.context.uc_mcontext.gregs[libc::REG_R10 as usize] as usize
    }

    /// Continues the same code at another instruction.
    pub fn set_pc(&mut self, pc: usize) {
        self.context.uc_mcontext.gregs[libc::REG_RIP as usize] = pc as i64;
    }

    /// Floating-point mode and flags (see `cpu::float_state`), if the kernel saved them.
    pub fn float_state(&mut self) -> Option<&mut u32> {
        // SAFETY: null, or what the kernel has saved in the signal's frame, to restore it when the
        // handler returns; the exclusive reference to the context keeps others away.
        unsafe { self.context.uc_mcontext.fpregs.as_mut() }.map(|saved| &mut saved.mxcsr)
    }

    /// Makes the thread continue there when the handler returns.
    pub fn resume(&mut self, pc: usize, fp: usize, sp: usize) {
        let registers = &mut self.context.uc_mcontext.gregs;
        registers[libc::REG_RIP as usize] = pc as i64;
        registers[libc::REG_RBP as usize] = fp as i64;
        registers[libc::REG_RSP as usize] = sp as i64;
    }
}

/// The handler that a signal had before one layer of ours.
struct Predecessor {
    /// This layer is the current handler, or another handler may call it.
    used: AtomicBool,
    handler: AtomicUsize,
    flags: AtomicI32,
    /// The kernel's part of the mask.
    mask: AtomicUsize,
}

static PREDECESSORS: [[Predecessor; LAYERS]; SIGNALS.len()] =
    [const { [const { Predecessor::new() }; LAYERS] }; SIGNALS.len()];

type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
type PlainHandler = unsafe extern "C" fn(c_int);

fn handler_of(layer: usize) -> usize {
    let handler: Handler = match layer {
        0 => handle::<0>,
        1 => handle::<1>,
        _ => handle::<2>,
    };
    handler as usize
}

/// Installs the handlers, for one more user.
pub fn acquire(on_fault: OnFault) -> io::Result<()> {
    USERS.watch_forks();
    let mut users = USERS.lock();
    if *users == 0 {
        ON_FAULT.store(on_fault as *mut (), Release);
        for index in 0..SIGNALS.len() {
            if let Err(error) = install(index) {
                (0..index).for_each(give_back);
                return Err(error);
            }
        }
    }
    *users += 1;
    Ok(())
}

/// Ends one use; the last one restores the previous handlers.
pub fn release() {
    let mut users = USERS.lock();
    *users = users.saturating_sub(1);
    if *users == 0 {
        ON_FAULT.store(std::ptr::null_mut(), Release);
        (0..SIGNALS.len()).for_each(give_back);
    }
}

fn current(index: usize) -> io::Result<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: asks only; the call fills the structure.
    match unsafe { libc::sigaction(SIGNALS[index], std::ptr::null(), action.as_mut_ptr()) } {
        // SAFETY: the call has succeeded, so it has filled the structure.
        0 => Ok(unsafe { action.assume_init() }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn set_current(index: usize, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: the handler in `action` is ours, which keeps to what handlers may do, or one that was
    // in force before.
    match unsafe { libc::sigaction(SIGNALS[index], action, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn layer_of(action: &libc::sigaction) -> Option<usize> {
    (0..LAYERS).find(|layer| action.sa_sigaction == handler_of(*layer))
}

fn install(index: usize) -> io::Result<()> {
    let before = current(index)?;
    if layer_of(&before).is_some() {
        return Ok(());
    }
    let layers = &PREDECESSORS[index];
    let free = (0..LAYERS).find(|layer| !layers[*layer].used.load(Relaxed));
    // Without a free layer, ours is somewhere behind the current handler, which passes signals on to it.
    let Some(layer) = free else { return Ok(()) };
    layers[layer].remember(&before);
    // SAFETY: all-zero is a valid action.
    let mut ours: libc::sigaction = unsafe { zeroed() };
    ours.sa_sigaction = handler_of(layer);
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
    set_current(index, &ours)?;
    layers[layer].used.store(true, Relaxed);
    Ok(())
}

fn give_back(index: usize) {
    let Some(layer) = current(index).ok().as_ref().and_then(layer_of) else { return };
    let predecessor = &PREDECESSORS[index][layer];
    if set_current(index, &predecessor.action()).is_ok() {
        predecessor.used.store(false, Relaxed);
    }
}

impl Predecessor {
    const fn new() -> Predecessor {
        Predecessor {
            used: AtomicBool::new(false),
            handler: AtomicUsize::new(libc::SIG_DFL),
            flags: AtomicI32::new(0),
            mask: AtomicUsize::new(0),
        }
    }

    fn remember(&self, action: &libc::sigaction) {
        // SAFETY: a signal set starts with a word of bits.
        let mask = unsafe { (&raw const action.sa_mask).cast::<usize>().read() };
        self.mask.store(mask, Relaxed);
        self.flags.store(action.sa_flags, Relaxed);
        self.handler.store(action.sa_sigaction, Release);
    }

    fn action(&self) -> libc::sigaction {
        // SAFETY: all-zero is a valid action.
        let mut action: libc::sigaction = unsafe { zeroed() };
        action.sa_sigaction = self.handler.load(Acquire);
        action.sa_flags = self.flags.load(Relaxed);
        // SAFETY: as in `remember`.
        unsafe { (&raw mut action.sa_mask).cast::<usize>().write(self.mask.load(Relaxed)) };
        action
    }

    /// Delivers a signal as the kernel would have done.
    ///
    /// # Safety
    /// Called by a handler with the kernel's arguments.
    unsafe fn deliver(&self, signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        let action = self.action();
        match action.sa_sigaction {
            libc::SIG_DFL => deliver_default(signal, info),
            // The kernel ignores only signals that were sent; a fault ends the process.
            libc::SIG_IGN if is_fault(info) => deliver_default(signal, info),
            libc::SIG_IGN => {}
            handler => {
                if action.sa_flags & libc::SA_RESETHAND != 0 {
                    self.handler.store(libc::SIG_DFL, Release);
                }
                block_for(signal, &action);
                // SAFETY: the address was installed as a handler of the sort that the flags say.
                unsafe {
                    if action.sa_flags & libc::SA_SIGINFO != 0 {
                        transmute::<usize, Handler>(handler)(signal, info, context);
                    } else {
                        transmute::<usize, PlainHandler>(handler)(signal);
                    }
                }
            }
        }
    }
}

/// Blocks the signals that the predecessor expects to be blocked while it runs; returning from the signal restores
/// the thread's mask.
fn block_for(signal: c_int, action: &libc::sigaction) {
    let mut mask = action.sa_mask;
    // SAFETY: both calls are allowed in handlers and get valid sets.
    unsafe {
        if action.sa_flags & libc::SA_NODEFER == 0 {
            libc::sigaddset(&mut mask, signal);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &mask, std::ptr::null_mut());
    }
}

/// Resets the signal to its default action and lets it come again: a faulting instruction faults again at once, a
/// signal that was sent is sent again.
fn deliver_default(signal: c_int, info: *mut siginfo_t) {
    // SAFETY: allowed in handlers; the default action is valid.
    unsafe {
        let action: libc::sigaction = zeroed();
        libc::sigaction(signal, &action, std::ptr::null_mut());
        if !is_fault(info) {
            libc::raise(signal);
        }
    }
}

/// Raised by an instruction rather than sent.
fn is_fault(info: *mut siginfo_t) -> bool {
    // SAFETY: the kernel passes a filled structure.
    unsafe { (*info).si_code > 0 }
}

unsafe extern "C" fn handle<const LAYER: usize>(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
) {
    let on_fault = ON_FAULT.load(Acquire);
    if !on_fault.is_null() && is_fault(info) {
        // SAFETY: only `acquire` stores here, an `OnFault`; the kernel passes a filled structure
        // and the context that it restores when this handler returns.
        let ours = unsafe {
            let on_fault = transmute::<*mut (), OnFault>(on_fault);
            let kind = FaultKind::new(signal, (*info).si_code);
            let address = (*info).si_addr() as usize;
            on_fault(&mut Fault { kind, address, context: &mut *context.cast() })
        };
        if ours {
            return;
        }
    }
    if let Some(index) = SIGNALS.iter().position(|s| *s == signal) {
        // SAFETY: passed on as received.
        unsafe { PREDECESSORS[index][LAYER].deliver(signal, info, context) };
    }
}
