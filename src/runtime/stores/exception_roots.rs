//! Collecting exceptions while guest code runs.
//!
//! A loop may catch exceptions for ever, and no ordinary collection happens while it runs. So when one would
//! be due, exceptions and the traps that carry them from the host are collected: those that no
//! handle and no other object refers to, and whose address is in no word of the stack from here to the
//! outermost entry frame, of the saved registers, or of the overflow buffer. Whatever looks like an address
//! counts as one. All other objects stay, so that objects that only running code knows are safe. Objects with a
//! finalizer stay too: it could throw, and overwrite the exception that is between throw and catch.
//!
//! Guest code's values may be in frames of the host between two entries, so with several entries all of them
//! must lie on one known stack. Otherwise (fibers that call each other) nothing is collected. The same holds where a
//! host function that guest code has called gets a trap, because a loop of the host may go on for ever as well.

use super::store::Store;
use crate::abi::signature::MAX_RESULTS;
use crate::runtime::heap::object::Kind;
use crate::stubs::walk::entries_on_one_stack;
use crate::sys::stack::current_thread_stack;
use crate::sys::valgrind::Unreported;

const WORD: usize = size_of::<usize>();

/// Who waits for the runtime.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Guest,
    Host,
}

impl Store {
    /// Collects exceptions if a collection is due. Called where guest code waits for the runtime, on its stack.
    pub(crate) fn collect_exceptions_if_due(&self) {
        self.collect_thrown_if_due(Caller::Guest);
    }

    /// The same for the host, which has got a trap. The guest code that called it may be on another stack.
    pub(crate) fn collect_traps_if_due(&self) {
        self.collect_thrown_if_due(Caller::Host);
    }

    fn collect_thrown_if_due(&self, caller: Caller) {
        if self.heap.is_collection_due() && !self.limits.is_asking() {
            self.collect_thrown(caller);
        }
    }

    /// Whether both addresses lie on the thread's own stack, or on one that the embedder declared.
    fn has_stack(&self, low: usize, high: usize) -> bool {
        let declared = self.declared_stack.get().map(|(start, end)| start..end);
        let mut stacks = declared.into_iter().chain(current_thread_stack());
        stacks.any(|stack| stack.contains(&low) && stack.contains(&high))
    }

    #[inline(never)]
    fn collect_thrown(&self, caller: Caller) {
        let saved = saved_registers();
        let low = saved.as_ptr().addr();
        let Some((innermost, outermost)) = entries_on_one_stack(&self.context) else { return };
        let is_one_frame = caller == Caller::Guest && innermost == outermost;
        if low >= innermost || !is_one_frame && !self.has_stack(low, outermost) {
            return;
        }
        let stack = (low..outermost).step_by(WORD).map(std::ptr::with_exposed_provenance::<usize>);
        let buffer = self.context.overflow_results.get().cast::<usize>().cast_const();
        let words = if buffer.is_null() { 0 } else { MAX_RESULTS * 16 / WORD };
        let buffer = (0..words).map(|i| buffer.wrapping_add(i));
        // SAFETY: words of this thread's stack above the stack pointer, and of the buffer.
        let words = stack.chain(buffer).map(|word| unsafe { word.read_volatile() });
        let dead = {
            let _undefined = Unreported::begin();
            self.heap.take_unnamed(&[Kind::Exception, Kind::Trap], words)
        };
        let _busy = self.busy();
        self.heap.destroy(dead);
    }
}

/// The registers that a call preserves, which may hold what guest code held.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn saved_registers() -> [usize; 6] {
    let mut saved = [0; 6];
    // SAFETY: stores six words where there is room for them.
    unsafe {
        std::arch::asm!(
            "mov [{to}], rbx",
            "mov [{to} + 8], rbp",
            "mov [{to} + 16], r12",
            "mov [{to} + 24], r13",
            "mov [{to} + 32], r14",
            "mov [{to} + 40], r15",
            to = in(reg) saved.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
    saved
}
