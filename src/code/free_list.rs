//! The free units of a chunk.
//!
//! Free ranges, sorted by address and never adjacent, in one vector. Taking is first fit; freeing merges with both
//! neighbors. There is at most one more range than pieces taken, so taking reserves the room that freeing will
//! need: freeing never allocates.

use crate::sys::OutOfMemory;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Free {
    start: u32,
    len: u32,
}

/// Free units in `0..capacity`.
#[derive(Debug)]
pub struct FreeList {
    ranges: Vec<Free>,
    /// The number of pieces taken.
    taken: usize,
    /// No free range is longer; may be too high after a take.
    longest: u32,
}

impl FreeList {
    /// A list in which all units are free.
    pub fn new(capacity: u32) -> Result<FreeList, OutOfMemory> {
        let mut ranges = Vec::new();
        ranges.try_reserve(4)?;
        ranges.push(Free { start: 0, len: capacity });
        Ok(FreeList { ranges, taken: 0, longest: capacity })
    }

    /// Whether every piece was given back.
    pub fn is_unused(&self) -> bool {
        self.taken == 0
    }

    /// Takes `len` consecutive units, `None` when there are none.
    pub fn take(&mut self, len: u32) -> Result<Option<u32>, OutOfMemory> {
        if len > self.longest || len == 0 {
            return Ok(None);
        }
        let Some(at) = self.ranges.iter().position(|free| free.len >= len) else {
            self.longest = self.ranges.iter().map(|free| free.len).max().unwrap_or(0);
            return Ok(None);
        };
        let wanted = self.taken + 2;
        self.ranges.try_reserve(wanted.saturating_sub(self.ranges.len()))?;
        self.taken += 1;
        let start = self.ranges[at].start;
        if self.ranges[at].len == len {
            self.ranges.remove(at);
        } else {
            self.ranges[at].start += len;
            self.ranges[at].len -= len;
        }
        Ok(Some(start))
    }

    /// Frees a whole piece, or with `tail` only its end: the piece then stays taken.
    pub fn give(&mut self, start: u32, len: u32, tail: bool) {
        self.taken -= usize::from(!tail);
        if len == 0 {
            return;
        }
        let at = self.ranges.partition_point(|free| free.start < start);
        let joins_next = self.ranges.get(at).is_some_and(|next| next.start == start + len);
        let joins_previous = at > 0 && self.ranges[at - 1].start + self.ranges[at - 1].len == start;
        let merged = match (joins_previous, joins_next) {
            (true, true) => {
                self.ranges[at - 1].len += len + self.ranges[at].len;
                self.ranges.remove(at);
                at - 1
            }
            (true, false) => {
                self.ranges[at - 1].len += len;
                at - 1
            }
            (false, true) => {
                self.ranges[at].start = start;
                self.ranges[at].len += len;
                at
            }
            (false, false) => {
                self.ranges.insert(at, Free { start, len });
                at
            }
        };
        self.longest = self.longest.max(self.ranges[merged].len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A linear congruential generator is random enough here.
    fn next(state: &mut u64) -> u32 {
        *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (*state >> 33) as u32
    }

    #[test]
    fn pieces_never_overlap_and_all_units_come_back() {
        const UNITS: u32 = 512;
        let mut list = FreeList::new(UNITS).unwrap();
        let (mut used, mut pieces, mut seed) = ([false; UNITS as usize], Vec::new(), 1);
        for _ in 0..20_000 {
            if next(&mut seed).is_multiple_of(2) {
                let len = next(&mut seed) % 20 + 1;
                if let Some(start) = list.take(len).unwrap() {
                    for unit in &mut used[start as usize..(start + len) as usize] {
                        assert!(!std::mem::replace(unit, true));
                    }
                    pieces.push((start, len));
                } else {
                    let free = used.split(|used| *used).map(<[bool]>::len).max();
                    assert!(free < Some(len as usize), "a fitting range was not found");
                }
            } else if !pieces.is_empty() {
                let at = next(&mut seed) as usize % pieces.len();
                let (start, len) = pieces.swap_remove(at);
                let keep = if next(&mut seed).is_multiple_of(3) { len / 2 } else { 0 };
                used[(start + keep) as usize..(start + len) as usize].fill(false);
                let capacity = list.ranges.capacity();
                list.give(start + keep, len - keep, keep > 0);
                assert_eq!(capacity, list.ranges.capacity());
                if keep > 0 {
                    pieces.push((start, keep));
                }
            }
        }
        pieces.iter().for_each(|(start, len)| list.give(*start, *len, false));
        assert!(list.is_unused());
        assert_eq!(list.take(UNITS).unwrap(), Some(0));
    }
}
