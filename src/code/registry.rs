//! Finds the code object that contains a program counter, for signal handlers and backtraces.
//!
//! A signal handler may interrupt anything, so a lookup takes no lock, allocates nothing and never waits.
//! Registrations are stored in slots; a slot has a sequence number that is odd while the slot changes, and a reader
//! trusts a slot only if it saw the same even number before and after. It never retries: the code whose address is
//! looked up is running, so its own slot is not changing.
//!
//! Slots are in linked blocks, which are never freed, since a reader may be in any of them. Small code is found by
//! hashing the 64 KiB granules it touches (one or two), so that lookups stay fast with thousands of separately
//! compiled functions; larger code objects are in one list of their own.

use crate::sys::OutOfMemory;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*, fence};

const GRANULE_BITS: u32 = 16;
const BUCKETS: usize = 512;
const BLOCK_SLOTS: usize = 31;

/// The registration that contains a program counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registered {
    /// The first address.
    pub start: usize,
    /// One past the last address.
    pub end: usize,
    /// The pointer passed to [`register`].
    pub data: *const (),
}

/// A zeroed slot is free and matches nothing.
struct Slot {
    claimed: AtomicBool,
    sequence: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    data: AtomicPtr<()>,
}

impl Slot {
    /// Called by the thread that claimed the slot.
    fn set(&self, start: usize, end: usize, data: *const ()) {
        let sequence = self.sequence.load(Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Relaxed);
        fence(Release);
        self.start.store(start, Relaxed);
        self.end.store(end, Relaxed);
        self.data.store(data.cast_mut(), Relaxed);
        self.sequence.store(sequence.wrapping_add(2), Release);
    }

    fn get(&self, pc: usize) -> Option<Registered> {
        // Most slots do not match, which a plain look already shows.
        if !(self.start.load(Relaxed)..self.end.load(Relaxed)).contains(&pc) {
            return None;
        }
        let before = self.sequence.load(Acquire);
        let (start, end) = (self.start.load(Relaxed), self.end.load(Relaxed));
        let data = self.data.load(Relaxed).cast_const();
        fence(Acquire);
        let whole = before.is_multiple_of(2) && before == self.sequence.load(Relaxed);
        (whole && (start..end).contains(&pc)).then_some(Registered { start, end, data })
    }
}

struct Block {
    slots: [Slot; BLOCK_SLOTS],
    next: AtomicPtr<Block>,
}

/// A list of blocks that only grows.
struct List {
    head: AtomicPtr<Block>,
}

/// Large code objects.
static LARGE: List = List::new();
/// Small code, by granule.
static SMALL: [List; BUCKETS] = [const { List::new() }; BUCKETS];

impl List {
    const fn new() -> List {
        List { head: AtomicPtr::new(ptr::null_mut()) }
    }

    fn blocks(&self) -> impl Iterator<Item = &'static Block> + use<> {
        let first = self.head.load(Acquire);
        // SAFETY: a block that was linked is initialised and never freed.
        let next = |block: *mut Block| unsafe { block.as_ref() };
        std::iter::successors(next(first), move |block| next(block.next.load(Acquire)))
    }

    fn claim(&self) -> Result<&'static Slot, OutOfMemory> {
        let free = |slot: &&Slot| {
            !slot.claimed.load(Relaxed)
                && slot.claimed.compare_exchange(false, true, Acquire, Relaxed).is_ok()
        };
        match self.blocks().flat_map(|block| &block.slots).find(free) {
            Some(slot) => Ok(slot),
            None => self.grow(),
        }
    }

    /// Adds a block in front, with its first slot claimed.
    fn grow(&self) -> Result<&'static Slot, OutOfMemory> {
        let layout = Layout::new::<Block>();
        // SAFETY: the layout has a size; all-zero bytes are a valid block of free slots; a null
        // pointer is handled.
        let block = unsafe { System.alloc_zeroed(layout).cast::<Block>().as_ref() };
        let block: &'static Block = block.ok_or(OutOfMemory { bytes: layout.size() })?;
        let slot = &block.slots[0];
        slot.claimed.store(true, Relaxed);
        let mut head = self.head.load(Relaxed);
        loop {
            block.next.store(head, Relaxed);
            match self.head.compare_exchange_weak(
                head,
                ptr::from_ref(block).cast_mut(),
                AcqRel,
                Relaxed,
            ) {
                Ok(_) => return Ok(slot),
                Err(now) => head = now,
            }
        }
    }

    fn find(&self, pc: usize) -> Option<Registered> {
        self.blocks().flat_map(|block| &block.slots).find_map(|slot| slot.get(pc))
    }
}

fn granule(address: usize) -> usize {
    address >> GRANULE_BITS
}

fn bucket(granule: usize) -> &'static List {
    // Adjacent granules fall into different buckets; the higher bits separate regions.
    &SMALL[(granule ^ (granule >> 9) ^ (granule >> 18)) % BUCKETS]
}

/// Keeps a range registered.
pub struct Registration {
    slots: [Option<&'static Slot>; 2],
}

/// Registers a range that overlaps no other. The caller must keep what `data` points to alive until the
/// registration is dropped and no lookup of its addresses can be in progress.
pub fn register(range: Range<usize>, data: *const ()) -> Result<Registration, OutOfMemory> {
    let mut registration = Registration { slots: [None, None] };
    if range.is_empty() {
        return Ok(registration);
    }
    let (first, last) = (granule(range.start), granule(range.end - 1));
    registration.slots = match last - first {
        0 => [Some(bucket(first).claim()?), None],
        1 => {
            registration.slots[0] = Some(bucket(first).claim()?);
            [registration.slots[0], Some(bucket(last).claim()?)]
        }
        _ => [Some(LARGE.claim()?), None],
    };
    for slot in registration.slots.iter().flatten() {
        slot.set(range.start, range.end, data);
    }
    Ok(registration)
}

/// The registration that contains `pc`. Safe to call in a signal handler.
pub fn lookup(pc: usize) -> Option<Registered> {
    bucket(granule(pc)).find(pc).or_else(|| LARGE.find(pc))
}

impl Drop for Registration {
    fn drop(&mut self) {
        for slot in self.slots.iter().flatten() {
            slot.set(0, 0, ptr::null());
            slot.claimed.store(false, Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_found_from_first_to_last_address_and_not_beside() {
        // No program has addresses in the upper half.
        let base = 1 << 63;
        for (start, len) in [(base, 1), (base + 0x1_fff0, 0x20), (base + 0x10_0000, 0x80_0000)] {
            let tag = ptr::without_provenance(start);
            let registration = register(start..start + len, tag).unwrap();
            let entry = Some(Registered { start, end: start + len, data: tag });
            assert_eq!(lookup(start), entry);
            assert_eq!(lookup(start + len - 1), entry);
            assert_eq!(lookup(start + len), None);
            assert_eq!(lookup(start - 1), None);
            drop(registration);
            assert_eq!(lookup(start), None);
        }
        assert_eq!(lookup(0), None);
    }

    #[test]
    fn thousands_of_small_ranges_are_told_apart() {
        let base = 3 << 62;
        let all: Vec<_> = (0..5000usize)
            .map(|i| {
                let start = base + i * 192;
                register(start..start + 192, ptr::without_provenance(i)).unwrap()
            })
            .collect();
        for i in 0..5000 {
            assert_eq!(lookup(base + i * 192 + 100).map(|entry| entry.data.addr()), Some(i));
        }
        drop(all);
        assert!((0..5000).all(|i| lookup(base + i * 192).is_none()));
    }

    /// Two overlapping ranges take turns in one slot.
    #[test]
    fn a_slot_that_changes_is_never_believed_half() {
        // SAFETY: a zeroed slot is a free one.
        let slot: Slot = unsafe { std::mem::zeroed() };
        let ended = AtomicBool::new(false);
        let entries = [(100usize, 300usize), (200, 900)];
        let tag = |(start, end): (usize, usize)| ptr::without_provenance::<()>(start * end);
        let (mut seen, mut halves) = ([0u64; 2], 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..3_000_000 {
                    let entry = entries[round % 2];
                    slot.set(entry.0, entry.1, tag(entry));
                }
                ended.store(true, Release);
            });
            while !ended.load(Acquire) {
                let Some(entry) = slot.get(250) else { continue };
                match entries.iter().position(|known| *known == (entry.start, entry.end)) {
                    Some(which) if entry.data == tag(entries[which]) => seen[which] += 1,
                    _ => halves += 1,
                }
            }
        });
        assert_eq!(halves, 0, "of {seen:?}");
    }
}
