//! Memory for one costly operation, for the case that the system refuses to give more.
//!
//! Compiling a large function makes infallible allocations of any number and size. An upper bound of their total is
//! known in advance, so that much address space is mapped before the operation begins and stays mapped until it
//! ends: a [`Claim`]. It costs no page unless it is needed. When the system refuses an allocation of the claiming
//! thread, the allocator (see `reserve`) takes it from the claim, and the operation fails at its next checkpoint.
//!
//! Pieces come in size classes, four to a doubling, with a list of freed pieces per class. That is fast, and with
//! the operations that we have it never wastes more than half of the region. Pieces still in use when the claim
//! ends keep the region mapped until they are freed, on any thread.

use crate::pid_lock::PidLock;
use crate::{OutOfMemory, pages};
use std::alloc::Layout;
use std::cell::{Cell, UnsafeCell};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

/// The emergency block serves operations up to this size, which need no claim.
const SMALL: usize = 512 << 10;

/// The alignment of pieces; requests for more go to the emergency block.
const ALIGNMENT: usize = 16;

/// The largest number of claims at once, in the whole process.
const MOST: usize = 256;

const CLASSES: usize = 192;

/// Address space that the thread may count on until this is dropped.
pub struct Claim {
    region: Option<NonNull<ClaimRegion>>,
    bytes: usize,
}

impl Claim {
    /// Fails if the system does not have `bytes`. Claims of one thread may end in any order; the latest goes first.
    pub fn new(bytes: usize) -> Result<Claim, OutOfMemory> {
        if bytes <= SMALL {
            return Ok(Claim { region: None, bytes: SMALL });
        }
        let region = ClaimRegion::new(bytes, current())?;
        let _ = CURRENT.try_with(|cell| cell.set(region.as_ptr()));
        Ok(Claim { region: Some(region), bytes })
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(region) = self.region {
            forget(region);
            // SAFETY: the region lives at least as long as its claim.
            unsafe { region.as_ref() }.change(|state| state.claimed = false);
        }
    }
}

thread_local! {
    /// The region of the thread's latest claim, from which `outer` leads to those of earlier ones.
    static CURRENT: Cell<*mut ClaimRegion> = const { Cell::new(ptr::null_mut()) };
}

fn current() -> *mut ClaimRegion {
    CURRENT.try_with(Cell::get).unwrap_or(ptr::null_mut())
}

/// Takes the region of a claim that ends from those of its thread.
fn forget(region: NonNull<ClaimRegion>) {
    // SAFETY: the regions of a thread are those of its claims, which live.
    let outer_of = |region: NonNull<ClaimRegion>| unsafe { &region.as_ref().outer };
    let outer = outer_of(region).get();
    let _ = CURRENT.try_with(|current| {
        let mut link = current;
        while let Some(at) = NonNull::new(link.get()).filter(|at| *at != region) {
            link = outer_of(at);
        }
        if !link.get().is_null() {
            link.set(outer);
        }
    });
}

/// A piece of this thread's claim; NULL if it has none or the claim is used up.
pub(crate) fn take(layout: Layout) -> *mut u8 {
    // SAFETY: the thread's claim keeps the region.
    match unsafe { current().as_ref() } {
        Some(region) if layout.align() <= ALIGNMENT => region.take(layout.size()),
        _ => ptr::null_mut(),
    }
}

/// Frees `memory` if it is a piece of a claim; false if it is something else.
#[inline]
pub(crate) fn give_back(memory: *mut u8, layout: Layout) -> bool {
    // A thread that frees a piece has seen the increment from when it was taken.
    PIECES.load(Relaxed) != 0 && give_piece_back(memory, layout)
}

/// Whether `memory` is a piece of a claim.
#[inline]
pub(crate) fn holds(memory: *mut u8) -> bool {
    PIECES.load(Relaxed) != 0 && region_of(memory).is_some()
}

/// Pieces in use.
static PIECES: AtomicUsize = AtomicUsize::new(0);

/// All regions.
static REGIONS: [AtomicPtr<ClaimRegion>; MOST] = [const { AtomicPtr::new(ptr::null_mut()) }; MOST];

#[cold]
fn give_piece_back(memory: *mut u8, layout: Layout) -> bool {
    let Some(region) = region_of(memory) else { return false };
    // SAFETY: a region with a piece in use is not unmapped.
    unsafe { region.as_ref() }.give_back(memory, layout.size());
    true
}

/// The region of a piece that is in use. Other regions may come and go meanwhile, also between the loads here; but
/// a start and a size that belong together never enclose a piece of another region.
#[cold]
fn region_of(memory: *mut u8) -> Option<NonNull<ClaimRegion>> {
    (0..MOST).find_map(|i| {
        let start = REGIONS[i].load(Acquire);
        let inside = (memory as usize).wrapping_sub(start as usize) < SIZES[i].load(Acquire);
        if inside && REGIONS[i].load(Acquire) == start { NonNull::new(start) } else { None }
    })
}

/// Bytes of each region, zero where there is none.
static SIZES: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];

/// A region, stored at the start of its own mapping.
struct ClaimRegion {
    number: usize,
    size: usize,
    /// The region of the thread's claim before this one. Only that thread uses it.
    outer: Cell<*mut ClaimRegion>,
    lock: PidLock,
    state: UnsafeCell<State>,
}

struct State {
    claimed: bool,
    pieces: usize,
    /// The part that was never handed out.
    next: usize,
    end: usize,
    /// Freed pieces of each class, linked through their first word.
    free: [*mut u8; CLASSES],
}

impl ClaimRegion {
    fn new(bytes: usize, outer: *mut ClaimRegion) -> Result<NonNull<ClaimRegion>, OutOfMemory> {
        let size = bytes.checked_add(size_of::<ClaimRegion>());
        let size = size.and_then(|size| size.checked_next_multiple_of(4096));
        let size = size.ok_or(OutOfMemory { bytes })?;
        let pages = pages::map(size)?;
        let at = pages.cast::<ClaimRegion>();
        let free_number = (0..MOST).find(|&number| {
            REGIONS[number].compare_exchange(ptr::null_mut(), at.as_ptr(), AcqRel, Relaxed).is_ok()
        });
        let Some(number) = free_number else {
            // SAFETY: nobody else knows them.
            unsafe { pages::unmap(pages, size) };
            return Err(OutOfMemory { bytes });
        };
        let start = at.as_ptr() as usize;
        let state = State {
            claimed: true,
            pieces: 0,
            next: (start + size_of::<ClaimRegion>()).next_multiple_of(ALIGNMENT),
            end: start + size,
            free: [ptr::null_mut(); CLASSES],
        };
        // SAFETY: fresh memory, of which nobody else knows more than the address; aligned to a page.
        unsafe {
            at.write(ClaimRegion {
                number,
                size,
                outer: Cell::new(outer),
                lock: PidLock::new(),
                state: UnsafeCell::new(state),
            });
        }
        SIZES[number].store(size, Release);
        Ok(at)
    }

    fn take(&self, size: usize) -> *mut u8 {
        let class = class(size);
        let _held = self.lock.hold();
        // SAFETY: the lock is held.
        let state = unsafe { &mut *self.state.get() };
        let Some(head) = state.free.get_mut(class) else { return ptr::null_mut() };
        let mut piece = *head;
        if piece.is_null() {
            if state.end - state.next < class_size(class) {
                return ptr::null_mut();
            }
            piece = ptr::from_ref(self).cast_mut().cast::<u8>();
            piece = piece.wrapping_add(state.next - piece as usize);
            state.next += class_size(class);
        } else {
            // SAFETY: a freed piece, whose first word is the link.
            *head = unsafe { piece.cast::<*mut u8>().read() };
        }
        state.pieces += 1;
        PIECES.fetch_add(1, Relaxed);
        piece
    }

    fn give_back(&self, piece: *mut u8, size: usize) {
        self.change(|state| {
            let head = &mut state.free[class(size)];
            // SAFETY: the piece is ours again, and has room for a word.
            unsafe { piece.cast::<*mut u8>().write(*head) };
            *head = piece;
            state.pieces -= 1;
            PIECES.fetch_sub(1, Relaxed);
        });
    }

    /// Changes the state, and unmaps the region once nothing uses it.
    fn change(&self, f: impl FnOnce(&mut State)) {
        let held = self.lock.hold();
        // SAFETY: the lock is held.
        let state = unsafe { &mut *self.state.get() };
        f(state);
        if state.claimed || state.pieces > 0 {
            return;
        }
        std::mem::forget(held);
        SIZES[self.number].store(0, Release);
        REGIONS[self.number].store(ptr::null_mut(), Release);
        // SAFETY: without claim and pieces nobody knows the region; it is not used after this.
        unsafe { pages::unmap(NonNull::from(self).cast(), self.size) };
    }
}

/// Size classes begin at 64 bytes, with one for each quarter of a doubling.
fn class(size: usize) -> usize {
    let last = size.max(64) - 1;
    let doubling = last.ilog2() as usize;
    (doubling - 5) * 4 + (last >> (doubling - 2) & 3)
}

fn class_size(class: usize) -> usize {
    (class % 4 + 5) << (class / 4 + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn classes_hold_their_sizes_and_little_more() {
        for size in (1..5000).chain((1..40).map(|bit| (1 << bit) + 1)) {
            let found = class_size(class(size));
            assert!(found >= size && found.is_multiple_of(16), "{size}: {found}");
            assert!(found <= size.max(52) * 5 / 4 + 16, "{size}: {found}");
        }
    }

    #[test]
    fn pieces_outlive_their_claim_and_are_used_again() {
        assert!(take(layout(100)).is_null());
        let claim = Claim::new(1 << 20).unwrap();
        let first = take(layout(100));
        assert!(!first.is_null() && holds(first));
        assert!(give_back(first, layout(100)));
        assert_eq!(take(layout(97)), first);
        assert!(take(layout(2 << 20)).is_null());
        let large = take(layout(500_000));
        // SAFETY: taken with that size.
        unsafe { large.write_bytes(7, 500_000) };
        drop(claim);
        assert!(take(layout(100)).is_null() && holds(first));
        let (first, large) = (first.addr(), large.addr());
        let freed = std::thread::spawn(move || {
            [(first, 97), (large, 500_000)]
                .map(|(at, size)| give_back(ptr::with_exposed_provenance_mut(at), layout(size)))
        });
        assert_eq!(freed.join().unwrap(), [true, true]);
        assert!(region_of(ptr::with_exposed_provenance_mut(first)).is_none());
    }

    #[test]
    fn claims_may_end_in_any_order() {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut claims: Vec<_> = (0..3).map(|_| Claim::new(1 << 20).ok()).collect();
            for ended in order {
                claims[ended] = None;
                let latest = claims.iter().flatten().last().map(|claim| claim.region.unwrap());
                let piece = take(layout(100));
                assert_eq!(region_of(piece), latest);
                assert_eq!(give_back(piece, layout(100)), latest.is_some());
            }
            assert!(current().is_null());
        }
    }

    #[test]
    fn a_claim_within_another_goes_first() {
        let outer = Claim::new(1 << 20).unwrap();
        let from_outer = take(layout(64));
        let inner = Claim::new(1 << 20).unwrap();
        let from_inner = take(layout(64));
        assert!(region_of(from_outer) != region_of(from_inner));
        assert!(give_back(from_inner, layout(64)));
        drop(inner);
        assert_eq!(region_of(take(layout(64))), region_of(from_outer));
        drop(outer);
        assert!(Claim::new(1 << 60).is_err() && Claim::new(usize::MAX).is_err());
    }
}
