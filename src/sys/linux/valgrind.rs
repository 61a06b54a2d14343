//! Tells valgrind what it cannot know.
//!
//! Valgrind watches the stack pointer. A switch to a stack that it does not know looks like a huge frame, and its
//! reports become wrong. So our own stacks are registered. And it reports decisions that depend on memory that nobody
//! has written, which a search through a stack makes on purpose. The request is a sequence of instructions without effect
//! that valgrind recognizes; without valgrind it costs a nanosecond.

use std::ops::Range;

/// A stack registered with valgrind until this is dropped.
pub(super) struct KnownStack(usize);

impl KnownStack {
    pub(super) fn new(addresses: Range<usize>) -> KnownStack {
        KnownStack(request(STACK_REGISTER, addresses.start, addresses.end))
    }
}

impl Drop for KnownStack {
    fn drop(&mut self) {
        request(STACK_DEREGISTER, self.0, 0);
    }
}

/// Valgrind reports nothing that this thread does until this is dropped.
pub struct Unreported(());

impl Unreported {
    pub fn begin() -> Unreported {
        request(CHANGE_ERROR_DISABLEMENT, 1, 0);
        Unreported(())
    }
}

impl Drop for Unreported {
    fn drop(&mut self) {
        request(CHANGE_ERROR_DISABLEMENT, usize::MAX, 0);
    }
}

/// Whether this process runs under valgrind.
pub(super) fn is_running() -> bool {
    request(RUNNING_ON_VALGRIND, 0, 0) != 0
}

const RUNNING_ON_VALGRIND: usize = 0x1001;
const STACK_REGISTER: usize = 0x1501;
const STACK_DEREGISTER: usize = 0x1502;
const CHANGE_ERROR_DISABLEMENT: usize = 0x1801;

/// The answer, zero without valgrind.
#[cfg(target_arch = "x86_64")]
fn request(number: usize, first: usize, second: usize) -> usize {
    let request = [number, first, second, 0, 0, 0];
    let mut answer = 0;
    // SAFETY: rotations of rdi that add up to two full turns, and an exchange of a register with
    // itself. Valgrind reads the array and writes rdx.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") request.as_ptr(),
            inout("rdx") answer,
            options(nostack),
        );
    }
    answer
}

#[cfg(not(target_arch = "x86_64"))]
fn request(_: usize, _: usize, _: usize) -> usize {
    0
}
