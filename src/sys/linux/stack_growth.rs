//! Whether the first thread's stack can grow as far as its limit says.
//!
//! The system maps that stack bit by bit, as it is used, and counts it against the limit of address space. Where that is
//! reached, or memory was promised to others, the access that needs more stack faults, although it is far from the
//! end of the stack. Nothing can be done about it then. So the stack is made to grow before code is run that may go deep: by a
//! system call that writes to it, because a system call fails where an access would fault. Later accesses find it mapped. Pages
//! come with their first use as before.
//!
//! Other threads have stacks that are mapped as a whole.

use super::stack::{is_first_thread, stack_pointer};
use super::valgrind;
use std::cell::Cell;
use std::io;
use std::ptr;

thread_local! {
    /// This thread's stack is mapped from here on, as far as is known.
    static MAPPED: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Stack that is not asked for.
const LITTLE: usize = 16 << 10;

/// The lowest address, but not below `low`, to which this thread's stack has grown. The caller runs on that stack, of which
/// `low` is a part.
pub fn reach(low: usize) -> usize {
    MAPPED.with(|mapped| {
        if low < mapped.get() {
            let reached = if grows() { grow(low) } else { 0 };
            mapped.set(reached.min(mapped.get()));
        }
        mapped.get().max(low)
    })
}

/// Valgrind would report the writing, and has its own way to let a stack grow.
fn grows() -> bool {
    is_first_thread() && !valgrind::is_running()
}

/// If it cannot grow down to `low`, it is tried with half of that way, and so on.
#[cold]
fn grow(low: usize) -> usize {
    let sp = stack_pointer();
    let mut size = sp.saturating_sub(low);
    while size > LITTLE && !is_writable(sp - size) {
        size /= 2;
    }
    sp - size
}

/// Lets the system write to the stack.
fn is_writable(address: usize) -> bool {
    let word = ptr::with_exposed_provenance_mut::<u64>(address & !7);
    // SAFETY: asks for the signal mask, which has eight bytes. They go far below the stack pointer, where nothing is kept.
    let failed = unsafe {
        let set = ptr::null::<u64>();
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_BLOCK, set, word, size_of::<u64>()) != 0
    };
    !failed || io::Error::last_os_error().raw_os_error() != Some(libc::EFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_that_is_mapped_as_a_whole_is_reached() {
        let low = stack_pointer() - 100_000;
        assert_eq!((reach(low), reach(low + 8), reach(low - 8)), (low, low + 8, low - 8));
    }

    #[test]
    fn what_is_not_mapped_cannot_be_written() {
        assert!(is_writable(stack_pointer() - LITTLE));
        assert!(!is_writable(4096));
    }
}
