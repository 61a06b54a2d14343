//! Whether the first thread's stack can grow as far as its limit says.
//!
//! The system maps that stack bit by bit, as it is used, and counts it against the limit of address space. Where that is
//! reached, or memory was promised to others, the access that needs more stack faults, although it is far from the
//! end of the stack. Nothing can be done about it then. So the stack is made to grow before code is run that may go deep: by a
//! system call that reads it, because a system call fails where an access would fault. It changes nothing there: a fiber or a
//! signal stack may lie within the first thread's stack, with frames of others below it. Later accesses find it mapped. Pages
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

/// Valgrind would report the reading, and has its own way to let a stack grow.
fn grows() -> bool {
    is_first_thread() && !valgrind::is_running()
}

/// If it cannot grow down to `low`, it is tried with half of that way, and so on.
#[cold]
fn grow(low: usize) -> usize {
    let sp = stack_pointer();
    let mut size = sp.saturating_sub(low);
    while size > LITTLE && !is_readable(sp - size) {
        size /= 2;
    }
    sp - size
}

/// Lets the system read the stack.
fn is_readable(address: usize) -> bool {
    /// None that is known: so the mask is read, but not set.
    const HOW: libc::c_int = -1;
    let word = ptr::with_exposed_provenance::<u64>(address & !7);
    // SAFETY: the system copies the eight bytes if they can be read, and refuses to do anything with them.
    let failed = unsafe {
        let old = ptr::null_mut::<u64>();
        libc::syscall(libc::SYS_rt_sigprocmask, HOW, word, old, size_of::<u64>()) != 0
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
    fn what_is_not_mapped_cannot_be_read() {
        assert!(is_readable(stack_pointer() - LITTLE));
        assert!(!is_readable(4096));
    }

    #[test]
    fn what_lies_below_the_stack_pointer_stays_as_it_is() {
        // As the frames of others do, if the caller runs on a fiber in the first thread's stack.
        let words = [0x5a5a_5a5a_5a5a_5a5a_u64; 64];
        let at = |n: usize| (&raw const words[n]).expose_provenance();
        assert!((0..words.len()).all(|n| is_readable(at(n))));
        assert!(words.iter().all(|word| *word == 0x5a5a_5a5a_5a5a_5a5a));
    }
}
