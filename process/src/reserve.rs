//! The emergency reserve behind the library's allocator, for when the system has no memory.
//!
//! Allocations sized by modules or callers are fallible, but the compiler, the validator and error messages make
//! small allocations that are not: on failure Rust ends the process. So the library's own allocator passes every
//! request to the system's and, when that refuses a small one, serves it from a block reserved in advance. An
//! operation that drew on the block fails at its next [`checkpoint`], and what it frees on the way out refills the
//! block.
//!
//! The block lies in zeroed static memory: it costs no page until it is touched. A lock guards its map and is taken
//! only when memory is short. The lock holds its owner's process id, so that a forked child does not wait for a
//! thread that does not exist there.
//!
//! An operation that may need more first makes a claim (`claim`), and draws on that before the block. What has a size
//! that guests or callers choose, and stays, is kept away from the block ([`grow`]).
//!
//! Limits: it cannot serve more than block and claim hold between two checkpoints; it cannot help where the system
//! overcommits and kills the process that touches the memory; and it cannot help the C library, which ends the
//! process itself when it cannot allocate a thread's variables.

use crate::pid_lock::PidLock;
use crate::{OutOfMemory, claim};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::*};

/// Size of the block in bytes.
const SIZE: usize = 8 << 20;

/// Larger requests are refused: they come from code that can handle a failure.
pub const LARGEST: usize = SIZE / 8;

/// An operation begins only while this much is left.
const NEEDED: usize = SIZE / 2;

/// The allocator of the library's own Rust code. The host's allocations do not use it.
pub struct Allocator;

// SAFETY: everything comes from the system's allocator or from the block, and goes back to where it
// came from; the addresses tell which.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        let memory = unsafe { System.alloc(layout) };
        if memory.is_null() { draw(layout) } else { memory }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if memory.is_null() { draw_zeroed(layout) } else { memory }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if BLOCK.holds(memory) {
            BLOCK.give_back(memory, layout);
        } else if !claim::give_back(memory, layout) {
            // SAFETY: came neither from the block nor from a claim, hence from the system.
            unsafe { System.dealloc(memory, layout) };
        }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !BLOCK.holds(memory) && !claim::holds(memory) {
            // SAFETY: came from the system, as in `dealloc`; the rest is promised by the caller.
            let moved = unsafe { System.realloc(memory, layout, size) };
            if !moved.is_null() {
                return moved;
            }
        }
        // SAFETY: as promised by the caller.
        unsafe { move_by_hand(memory, layout, size) }
    }
}

#[cold]
fn draw(layout: Layout) -> *mut u8 {
    if SPARED.try_with(Cell::get).unwrap_or(false) {
        return ptr::null_mut();
    }
    let mut memory = claim::take(layout);
    if memory.is_null() {
        memory = BLOCK.take(layout);
    }
    if !memory.is_null() {
        let _ = DRAWN.try_with(|drawn| drawn.set(true));
    }
    memory
}

#[cold]
fn draw_zeroed(layout: Layout) -> *mut u8 {
    let memory = draw(layout);
    if !memory.is_null() {
        // SAFETY: fresh memory of that size.
        unsafe { memory.write_bytes(0, layout.size()) };
    }
    memory
}

/// # Safety
/// As for `realloc`.
#[cold]
unsafe fn move_by_hand(memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
    // SAFETY: the caller promises that `size` makes a layout, and that `memory` has the old one.
    unsafe {
        let moved = Allocator.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !moved.is_null() {
            ptr::copy_nonoverlapping(memory, moved, layout.size().min(size));
            Allocator.dealloc(memory, layout);
        }
        moved
    }
}

thread_local! {
    /// This thread drew on the block since the last checkpoint.
    static DRAWN: Cell<bool> = const { Cell::new(false) };
    /// This thread must not draw on it now.
    static SPARED: Cell<bool> = const { Cell::new(false) };
}

/// Makes room for so many more elements, if the system has it. Requests whose size guests or callers choose are made like
/// this when what they get may stay: it must not use up the block.
pub fn grow<T>(vec: &mut Vec<T>, count: usize) -> Result<(), OutOfMemory> {
    let _ = SPARED.try_with(|spared| spared.set(true));
    let grown = vec.try_reserve(count);
    let _ = SPARED.try_with(|spared| spared.set(false));
    Ok(grown?)
}

/// Called where an operation begins: forgets what the thread drew for earlier ones. Fails as [`suffices`] does.
pub fn begin() -> Result<(), OutOfMemory> {
    let _ = DRAWN.try_with(|drawn| drawn.set(false));
    suffices()
}

/// Fails while too much of the block is in use for it to help.
pub fn suffices() -> Result<(), OutOfMemory> {
    if BLOCK.left() < NEEDED { Err(OutOfMemory { bytes: 0 }) } else { Ok(()) }
}

/// Called where an operation can fail. Fails if this thread drew on the block since [`begin`] or the last
/// checkpoint.
pub fn checkpoint() -> Result<(), OutOfMemory> {
    let drawn = DRAWN.try_with(|drawn| drawn.replace(false)).unwrap_or(false);
    if drawn { Err(OutOfMemory { bytes: 0 }) } else { Ok(()) }
}

static BLOCK: Block<SIZE, { SIZE / GRANULE / 64 }> = Block::new();

/// The unit of allocation in the block.
const GRANULE: usize = 64;

/// A page; larger alignments are refused.
const ALIGNMENT: usize = 4096;

/// Memory with a bitmap of the granules in use.
struct Block<const SIZE: usize, const WORDS: usize> {
    memory: Memory<SIZE>,
    map: [AtomicU64; WORDS],
    used: AtomicUsize,
    lock: PidLock,
}

#[repr(C, align(4096))]
struct Memory<const SIZE: usize>(UnsafeCell<[u8; SIZE]>);

// SAFETY: pieces are handed out to one owner each.
unsafe impl<const SIZE: usize> Sync for Memory<SIZE> {}

impl<const SIZE: usize, const WORDS: usize> Block<SIZE, WORDS> {
    const fn new() -> Self {
        const { assert!(SIZE == WORDS * 64 * GRANULE) };
        Block {
            memory: Memory(UnsafeCell::new([0; SIZE])),
            map: [const { AtomicU64::new(0) }; WORDS],
            used: AtomicUsize::new(0),
            lock: PidLock::new(),
        }
    }

    #[inline]
    fn holds(&self, memory: *mut u8) -> bool {
        (memory as usize).wrapping_sub(self.memory.0.get() as usize) < SIZE
    }

    fn left(&self) -> usize {
        SIZE - self.used.load(Relaxed) * GRANULE
    }

    fn take(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGEST.min(SIZE) || layout.align() > ALIGNMENT {
            return ptr::null_mut();
        }
        let granules = granules(layout);
        let _held = self.lock.hold();
        let Some(start) = self.find(granules, layout.align().div_ceil(GRANULE)) else {
            return ptr::null_mut();
        };
        self.mark(start, granules, true);
        self.used.fetch_add(granules, Relaxed);
        self.memory.0.get().cast::<u8>().wrapping_add(start * GRANULE)
    }

    fn give_back(&self, memory: *mut u8, layout: Layout) {
        let start = (memory as usize - self.memory.0.get() as usize) / GRANULE;
        let granules = granules(layout);
        let _held = self.lock.hold();
        self.mark(start, granules, false);
        self.used.fetch_sub(granules, Relaxed);
    }

    /// The first run of free granules that starts at a multiple of `step`.
    fn find(&self, granules: usize, step: usize) -> Option<usize> {
        let mut start = 0;
        while start + granules <= WORDS * 64 {
            match self.last_used(start, granules) {
                None => return Some(start),
                Some(used) => start = (used + 1).next_multiple_of(step),
            }
        }
        None
    }

    /// The last granule in use within the first word of the run that has one.
    fn last_used(&self, start: usize, granules: usize) -> Option<usize> {
        pieces(start, granules).find_map(|(word, mask)| {
            let used = self.map[word].load(Relaxed) & mask;
            (used != 0).then(|| word * 64 + used.ilog2() as usize)
        })
    }

    fn mark(&self, start: usize, granules: usize, used: bool) {
        for (word, mask) in pieces(start, granules) {
            if used {
                self.map[word].fetch_or(mask, Relaxed);
            } else {
                self.map[word].fetch_and(!mask, Relaxed);
            }
        }
    }
}

fn granules(layout: Layout) -> usize {
    layout.size().div_ceil(GRANULE).max(1)
}

/// The words of the map that a run of granules touches, each with a mask.
fn pieces(start: usize, granules: usize) -> impl Iterator<Item = (usize, u64)> {
    let end = start + granules;
    (start / 64..end.div_ceil(64)).map(move |word| {
        let from = start.max(word * 64) - word * 64;
        let to = end.min(word * 64 + 64) - word * 64;
        (word, u64::MAX << from & u64::MAX >> (64 - to))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = Block<{ 512 << 10 }, 128>;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn pieces_do_not_overlap_and_come_back() {
        static SMALL: Small = Small::new();
        let mut taken: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let mut random = 7u32;
        for round in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let size = (random >> 8) as usize % if round % 50 == 0 { 60_000 } else { 900 };
            let wanted = layout(size, 1 << ((random >> 4) % 13));
            let memory = SMALL.take(wanted);
            if memory.is_null() || round % 3 == 0 {
                for (memory, layout, fill) in taken.drain(taken.len() / 3..) {
                    // SAFETY: taken with that size.
                    let bytes = unsafe { std::slice::from_raw_parts(memory, layout.size()) };
                    assert!(bytes.iter().all(|byte| *byte == fill));
                    SMALL.give_back(memory, layout);
                }
            }
            if !memory.is_null() {
                assert!(SMALL.holds(memory) && (memory as usize).is_multiple_of(wanted.align()));
                // SAFETY: as above.
                unsafe { memory.write_bytes(round as u8, size) };
                taken.push((memory, wanted, round as u8));
            }
        }
        taken.into_iter().for_each(|(memory, layout, _)| SMALL.give_back(memory, layout));
        assert_eq!(SMALL.left(), 512 << 10);
        assert!(SMALL.map.iter().all(|word| word.load(Relaxed) == 0));
    }

    #[test]
    fn the_whole_block_can_be_had_and_not_a_byte_more() {
        static SMALL: Small = Small::new();
        let all = layout(512 << 10, 4096);
        let memory = SMALL.take(all);
        assert!(!memory.is_null() && SMALL.left() == 0);
        assert!(SMALL.take(layout(1, 1)).is_null());
        SMALL.give_back(memory, all);
        assert!(SMALL.take(layout((512 << 10) + 1, 1)).is_null());
        assert!(SMALL.take(layout(1, 8192)).is_null());
    }

    #[test]
    fn threads_share_it() {
        static SMALL: Small = Small::new();
        std::thread::scope(|scope| {
            for thread in 1..=4u8 {
                scope.spawn(move || {
                    for round in 0..3000usize {
                        let layout = layout(round % 700, 8);
                        let memory = SMALL.take(layout);
                        // SAFETY: taken with that size; never exhausted by four threads.
                        unsafe {
                            memory.write_bytes(thread, layout.size());
                            let bytes = std::slice::from_raw_parts(memory, layout.size());
                            assert!(bytes.iter().all(|byte| *byte == thread));
                        }
                        SMALL.give_back(memory, layout);
                    }
                });
            }
        });
        assert_eq!(SMALL.left(), 512 << 10);
    }

    #[test]
    fn what_was_drawn_fails_the_next_checkpoint_once() {
        assert!(begin().is_ok() && checkpoint().is_ok());
        let layout = layout(100, 8);
        let memory = draw_zeroed(layout);
        // SAFETY: taken with that layout.
        unsafe {
            assert!((0..100).all(|i| *memory.add(i) == 0));
            memory.write(5);
            let moved = Allocator.realloc(memory, layout, 5000);
            assert!(!BLOCK.holds(moved) && *moved == 5);
            Allocator.dealloc(moved, Layout::from_size_align(5000, 8).unwrap());
        }
        assert!(checkpoint().is_err() && checkpoint().is_ok());
        assert!(grow(&mut Vec::<u64>::new(), usize::MAX / 8).is_err());
        SPARED.set(true);
        assert!(draw(layout).is_null());
        SPARED.set(false);
        assert!(draw(Layout::from_size_align(LARGEST + 1, 8).unwrap()).is_null());
    }
}
