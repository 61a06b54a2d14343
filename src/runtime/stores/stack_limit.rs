//! How deep guest code may go on the stack that it is entered on.
//!
//! The limit depends on the bounds of the thread's stack, or of the one that the embedder declared. Finding them
//! costs some nanoseconds, so a store remembers the limit for entries near the last one (`entry_low` and
//! `entry_end` of the context, which the fast paths compare; other changes of the limit set the end to zero). What
//! is remembered must not outlive the stack: after a thread ends, another one with a smaller stack may be at the
//! same addresses. So each store that remembers a thread's own stack is on a list, and the end of that thread makes
//! it forget. Undeclared stacks (fibers) are never remembered.
//!
//! Guest code that is entered from within another activation gets what is left of that one's limit, if both are on the same stack.
//! A stack in an array of a function lies within another one, so their ends are compared.

use super::store::Store;
use crate::abi::frames::STACK_RESERVE;
use crate::abi::vmctx::StoreContext;
use crate::sys::lock::Lock;
use crate::sys::stack::{current_thread_stack, set_apart};
use crate::sys::stack_growth::reach;
use crate::sys::thread_word::ThreadWord;
use hashbrown::HashMap;
use std::ffi::c_void;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// Within this distance of an entry its stack limit is valid for others as well, as long as that is a small part of
/// the stack that guest code may use.
const NEARBY: usize = 64 << 10;

/// A unique number for a thread; 0 for none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadNumber(usize);

impl ThreadNumber {
    pub(crate) const NONE: ThreadNumber = ThreadNumber(0);

    /// The number of the calling thread, whose end will be reported; `NONE` if that is not possible.
    fn current() -> ThreadNumber {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let known = END.get().addr();
        if known != 0 {
            return ThreadNumber(known);
        }
        REMEMBERING.watch_forks();
        let number = LAST.fetch_add(1, Relaxed) + 1;
        ThreadNumber(if END.set(ptr::without_provenance_mut(number)) { number } else { 0 })
    }
}

/// Stores that remember a thread's stack, by the address of their context.
static REMEMBERING: Lock<Option<HashMap<usize, ThreadNumber>>> = Lock::new(None);

static END: ThreadWord = ThreadWord::new(forget_ended_thread);

/// Makes stores forget the stack of a thread that ends.
unsafe extern "C" fn forget_ended_thread(number: *mut c_void) {
    let ended = ThreadNumber(number.addr());
    if let Some(stores) = &mut *REMEMBERING.lock() {
        stores.retain(|context, thread| {
            if *thread == ended {
                let context = ptr::with_exposed_provenance::<StoreContext>(*context);
                // SAFETY: a store takes itself off the list, under this lock, before it goes.
                unsafe { (*context).entry_end.store(0, Relaxed) };
            }
            *thread != ended
        });
    }
}

impl Store {
    /// The stack limit for code entered at stack pointer `sp`, and the stack that it is for (see `limited_stack`), where `former`
    /// is the limit of the activation below, if any. Nearby entries then use it without asking.
    pub(crate) fn stack_limit_from(&self, sp: usize, former: usize) -> (usize, usize) {
        let declared = self.declared_stack.get();
        let own = current_thread_stack().filter(|range| range.contains(&sp));
        let (low, end, stack, known) = match (declared, own) {
            (Some((low, end)), _) => (low, end, end, true),
            (None, Some(own)) => {
                let (low, is_whole) = self.mapped_part(&own, sp);
                (low, own.end, own.end, is_whole && self.is_told_of_thread_end())
            }
            (None, None) => {
                // An unknown stack: what the configured maximum allows below `sp`.
                let low = sp.saturating_sub(self.max_wasm_stack + STACK_RESERVE);
                (low, sp + 1, 0, false)
            }
        };
        let is_same = self.is_active() && self.limited_stack.get() == stack;
        let limit = match is_same && (low..end).contains(&former) {
            true => former,
            false => self.fresh_limit(low, sp),
        };
        let near = NEARBY.min(self.max_wasm_stack / 8);
        // Not for the limit of a distant activation. And each entry of a metered store must take the slow path,
        // which checks whether it may run at all.
        let known = known && !self.metering.is_on();
        if known && self.fresh_limit(low, sp).abs_diff(limit) <= near {
            let first = sp.saturating_sub(near).max(limit);
            let end = sp.saturating_add(near).min(end);
            self.context.entry_low.set(first);
            self.context.entry_end.store(end, Relaxed);
        } else if limit != former {
            self.context.entry_end.store(0, Relaxed);
        }
        (limit, stack)
    }

    /// Where the thread's own stack begins, and whether guest code gets of it what it may use. If not, more may be there the
    /// next time, so that is not remembered.
    fn mapped_part(&self, own: &Range<usize>, sp: usize) -> (usize, bool) {
        let wanted = self.fresh_limit(own.start, sp).saturating_sub(STACK_RESERVE).min(sp);
        let reached = reach(wanted);
        if reached == wanted { (own.start, true) } else { (reached, false) }
    }

    /// Whether this store is on the list for the current thread; puts it there if necessary.
    fn is_told_of_thread_end(&self) -> bool {
        let thread = ThreadNumber::current();
        if thread == ThreadNumber::NONE || self.thread.get() == thread {
            return thread != ThreadNumber::NONE;
        }
        let mut stores = REMEMBERING.lock();
        let stores = stores.get_or_insert_default();
        let listed = stores.try_reserve(1).is_ok();
        if listed {
            stores.insert((&raw const self.context).expose_provenance(), thread);
            self.thread.set(thread);
        }
        listed
    }

    /// Takes the store off the list.
    pub(crate) fn forget_thread(&self) {
        if self.thread.get() != ThreadNumber::NONE
            && let Some(stores) = &mut *REMEMBERING.lock()
        {
            stores.remove(&(&raw const self.context).addr());
            stores.shrink_to(2 * stores.len());
        }
    }

    /// The limit of an outermost call.
    fn fresh_limit(&self, low: usize, sp: usize) -> usize {
        low.saturating_add(STACK_RESERVE).max(sp.saturating_sub(self.max_wasm_stack))
    }

    /// Sets the native stack that the store is about to be entered on (lowest address, size), or nothing for the
    /// thread's own.
    pub fn declare_stack(&self, stack: Option<(usize, usize)>) {
        if let Some((low, _)) = stack {
            set_apart(low);
        }
        self.declared_stack.set(stack.map(|(low, size)| (low, low.saturating_add(size))));
        self.context.entry_end.store(0, Relaxed);
    }
}
