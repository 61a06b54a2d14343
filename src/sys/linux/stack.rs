//! The bounds of this thread's stack, and running code on a larger one.
//!
//! Hosts have small threads and fibers, so work that needs a deep stack (a compiler, a validator) asks
//! [`with_room`], which moves the work to a stack of our own unless enough is known to be left. The bounds of a
//! thread's stack come from the thread library, except for the first thread, where that library needs
//! `/proc/self/maps` and memory. There, the strings that the kernel puts at the top of the stack and the resource
//! limit say how large it may become, and [`super::maps`] says what is in the way, if it can. Nothing unwinds
//! across a switch: a panic is caught on the stack where it happens and resumes after the switch back. The
//! thread-locals are plain data, since a destructor would tie the library to its threads.

use super::maps::stack_floor;
use super::memory::{Mapping, page_size};
use super::stack_growth::reach;
use super::valgrind::KnownStack;
use crate::sys::OutOfMemory;
use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// The first thread's stack counts no further than this: it grows on demand, and mappings may lie below.
const MAIN_STACK_MAX: usize = 64 << 20;

/// Stacks up to this size are kept for the next use, one per process.
const SPARE_MAX: usize = 8 << 20;

/// An address in the caller's frame.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads a register and changes nothing.
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags))
    };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads a register and changes nothing.
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags))
    };
    sp
}

thread_local! {
    /// Bounds of this thread's stack: (0, 0) not known yet, (1, 1) unknown.
    static BOUNDS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    /// From this address on, the thread's stack is not free down to its end: see [`set_apart`].
    static SET_APART: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The stack that the system gave this thread, without guard pages; `None` when that cannot be found cheaply. The
/// caller may be on a fiber or a signal stack: only a range that contains [`stack_pointer`] says how much is left.
pub fn current_thread_stack() -> Option<Range<usize>> {
    BOUNDS.with(|bounds| {
        if bounds.get() == (0, 0) {
            let found = if is_first_thread() { first_thread_stack() } else { library_stack() };
            bounds.set(found.map_or((1, 1), |range| (range.start, range.end)));
        }
        let (start, end) = bounds.get();
        (start < end).then_some(start..end)
    })
}

/// In a forked child this is also true of a thread that was not the first; its stack pointer is then outside the
/// range found.
pub(super) fn is_first_thread() -> bool {
    // SAFETY: both calls only report numbers.
    unsafe { libc::syscall(libc::SYS_gettid) == i64::from(libc::getpid()) }
}

/// The kernel puts the program's file name at the very top of the stack, and applies the limit from there.
fn first_thread_stack() -> Option<Range<usize>> {
    // SAFETY: the auxiliary vector's entry, when there is one, is a string that lives as long as
    // the process.
    let name = unsafe {
        let name = libc::getauxval(libc::AT_EXECFN);
        if name == 0 {
            return None;
        }
        CStr::from_ptr(std::ptr::with_exposed_provenance(name as usize))
    };
    let last = name.as_ptr() as usize + name.to_bytes_with_nul().len();
    let top = last.checked_next_multiple_of(page_size())?;
    let size = stack_limit()?.min(MAIN_STACK_MAX);
    // One page less, because the kernel also rounds down.
    let low = top.checked_sub(size)?.checked_add(page_size())?;
    let used = Some(stack_pointer()).filter(|sp| (low..top).contains(sp)).unwrap_or(last);
    Some(low.max(stack_floor(low, used).unwrap_or(0))..top)
}

fn stack_limit() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the structure.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } != 0;
    (!failed).then(|| usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX))
}

fn library_stack() -> Option<Range<usize>> {
    // SAFETY: the attributes are filled by the first call, read by the next two, released by the
    // last.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let (mut low, mut size, mut guard) = (std::ptr::null_mut::<c_void>(), 0usize, 0usize);
        let found = libc::pthread_attr_getstack(&attributes, &mut low, &mut size) == 0
            && libc::pthread_attr_getguardsize(&attributes, &mut guard) == 0;
        libc::pthread_attr_destroy(&mut attributes);
        if !found {
            return None;
        }
        let start = low as usize;
        // Whether the guard counts as part of the stack differs between versions; excluding it is safe for all.
        let range = start.checked_add(guard)?..start.checked_add(size)?;
        (range.start < range.end).then_some(range)
    }
}

/// The stack of a fiber begins at `low`. If that lies in this thread's stack (in an array of a function that is being
/// executed), there may be frames of the thread below. This holds for the rest of the thread's life; work that needs room then moves
/// to another stack more often than it must.
pub fn set_apart(low: usize) {
    if current_thread_stack().is_some_and(|range| range.contains(&low)) {
        SET_APART.set(SET_APART.get().min(low));
    }
}

/// Bytes left on this thread's stack, `None` on a stack that is not the thread's own, or has frames in between.
fn stack_left() -> Option<usize> {
    let sp = stack_pointer();
    let is_free = |range: &Range<usize>| range.contains(&sp) && sp < SET_APART.get();
    current_thread_stack().filter(is_free).map(|range| sp - range.start)
}

/// Whether so much of the thread's stack is or can be mapped.
fn reaches(bytes: usize) -> bool {
    let low = stack_pointer() - bytes;
    reach(low) == low
}

/// Runs `f` with at least `bytes` of stack: here if that is certain, else on a stack of that size.
pub fn with_room<R>(bytes: usize, f: impl FnOnce() -> R) -> Result<R, OutOfMemory> {
    match stack_left() {
        Some(left) if left >= bytes && reaches(bytes) => Ok(f()),
        _ => on_own_stack(bytes, f),
    }
}

/// Runs `f` on a stack of our own of at least `size` bytes. A panic of `f` continues in the caller.
pub fn on_own_stack<R>(size: usize, f: impl FnOnce() -> R) -> Result<R, OutOfMemory> {
    struct PendingCall<F, R> {
        f: Option<F>,
        result: Option<std::thread::Result<R>>,
    }
    unsafe extern "C" fn run<F: FnOnce() -> R, R>(call: *mut c_void) {
        // SAFETY: `call` is the structure below, which nothing else touches until the switch
        // returns.
        let call = unsafe { &mut *call.cast::<PendingCall<F, R>>() };
        if let Some(f) = call.f.take() {
            call.result = Some(catch_unwind(AssertUnwindSafe(f)));
        }
    }
    fn entry_of<F: FnOnce() -> R, R>(_: &PendingCall<F, R>) -> unsafe extern "C" fn(*mut c_void) {
        run::<F, R>
    }

    let stack = Stack::take(size)?;
    let mut call = PendingCall { f: Some(f), result: None };
    let entry = entry_of(&call);
    let known = KnownStack::new(stack.mapping.range());
    // SAFETY: the stack is mapped, page aligned at its top and used by nobody else; the entry
    // returns and never unwinds.
    unsafe { switch_stack((&raw mut call).cast(), entry, stack.top()) };
    drop(known);
    drop(stack);
    match call.result {
        Some(Ok(result)) => Ok(result),
        Some(Err(panic)) => resume_unwind(panic),
        None => Err(OutOfMemory { bytes: size }), // not reachable: the entry always stores a result
    }
}

/// Calls `entry(data)` with the stack pointer at `top`. The frame pointer links both stacks, and
/// the unwind information says so, so that debuggers and panic backtraces walk across.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn switch_stack(
    data: *mut c_void,
    entry: unsafe extern "C" fn(*mut c_void),
    top: *mut u8,
) {
    std::arch::naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbp, 0",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "mov rsp, rdx",
        "call rsi",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C" fn switch_stack(
    data: *mut c_void,
    entry: unsafe extern "C" fn(*mut c_void),
    top: *mut u8,
) {
    std::arch::naked_asm!(
        ".cfi_startproc",
        "stp x29, x30, [sp, #-16]!",
        ".cfi_adjust_cfa_offset 16",
        ".cfi_rel_offset x29, 0",
        ".cfi_rel_offset x30, 8",
        "mov x29, sp",
        ".cfi_def_cfa_register x29",
        "mov sp, x2",
        "blr x1",
        "mov sp, x29",
        "ldp x29, x30, [sp], #16",
        ".cfi_def_cfa sp, 0",
        "ret",
        ".cfi_endproc",
    )
}

/// A mapped stack with a guard page at its low end.
struct Stack {
    mapping: Mapping,
}

/// A stack that waits for its next user: length and address of its mapping in pages, packed into one word so that
/// one atomic exchange hands it over, which a fork cannot split. 0 means none.
static SPARE: AtomicUsize = AtomicUsize::new(0);
const SPARE_LEN_BITS: u32 = 12;

impl Stack {
    fn take(size: usize) -> Result<Stack, OutOfMemory> {
        let out = OutOfMemory { bytes: size };
        if let Some(stack) = Self::unpack(SPARE.swap(0, Acquire))
            && stack.mapping.len() - page_size() >= size
        {
            return Ok(stack);
        }
        let guard = page_size();
        let mapping = Mapping::reserve(size.checked_add(guard).ok_or(out)?)?;
        mapping.commit(guard, mapping.len() - guard)?;
        Ok(Stack { mapping })
    }

    fn top(&self) -> *mut u8 {
        self.mapping.as_ptr().wrapping_add(self.mapping.len())
    }

    fn pack(&self) -> Option<usize> {
        let pages = self.mapping.len() / page_size();
        let address = self.mapping.as_ptr() as usize / page_size();
        let fits = self.mapping.len() <= SPARE_MAX + page_size() && pages < 1 << SPARE_LEN_BITS;
        (fits && address < 1 << (usize::BITS - SPARE_LEN_BITS))
            .then_some(address << SPARE_LEN_BITS | pages)
    }

    fn unpack(word: usize) -> Option<Stack> {
        if word == 0 {
            return None;
        }
        let len = (word & ((1 << SPARE_LEN_BITS) - 1)) * page_size();
        let base = std::ptr::with_exposed_provenance_mut((word >> SPARE_LEN_BITS) * page_size());
        // SAFETY: the word was made by `pack` from a mapping that was then forgotten, and the
        // exchange gave it to us alone.
        unsafe { Mapping::from_raw(base, len) }.map(|mapping| Stack { mapping })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let Some(word) = self.pack() else { return };
        if SPARE.compare_exchange(0, word, Release, Relaxed).is_ok() {
            self.mapping.let_go();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_finds_its_own_stack() {
        let worker = super::super::thread::spawn_worker("small", 64 << 10, || {
            let range = current_thread_stack().unwrap();
            (range.contains(&stack_pointer()), range.len(), stack_left().unwrap() < range.len())
        });
        let (inside, len, less) = worker.unwrap().join().unwrap();
        assert!(inside && less);
        assert!((16 << 10..1 << 20).contains(&len), "{len}");
    }

    #[test]
    fn a_borrowed_stack_is_elsewhere_and_as_big_as_asked() {
        let here = stack_pointer();
        let there = on_own_stack(1 << 20, || {
            assert_eq!(stack_left(), None);
            stack_pointer()
        });
        assert!(here.abs_diff(there.unwrap()) > 1 << 16);
        assert!(on_own_stack(1 << 60, || ()).is_err());
        assert!(on_own_stack(usize::MAX, || ()).is_err());
    }

    #[test]
    fn stacks_nest_and_values_come_back() {
        let sum = on_own_stack(256 << 10, || {
            1 + on_own_stack(128 << 10, || [2u64; 100].iter().sum::<u64>()).unwrap()
        });
        assert_eq!(sum, Ok(201));
    }

    #[test]
    fn work_stays_here_while_there_is_room() {
        let worker = super::super::thread::spawn_worker("room", 256 << 10, || {
            let range = current_thread_stack().unwrap();
            let near = with_room(16 << 10, || range.contains(&stack_pointer())).unwrap();
            let far = with_room(4 << 20, || range.contains(&stack_pointer())).unwrap();
            (near, far)
        });
        assert_eq!(worker.unwrap().join().unwrap(), (true, false));
    }
}
