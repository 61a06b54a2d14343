//! What counted code records about its indirect calls: the function that each of them calls most.
//!
//! Each indirect call has a record, which other calls may share by accident: it is found by the place of the
//! instruction in the module, so that every compiler finds the same one and nothing has to be assigned. A record names
//! one function. Calls of this function raise its score by one, others lower it by [`MISS`]; below zero the function of
//! that call takes its place. A record is believed if the score is at least the number of misses: then nearly all recent
//! calls were of the named function.
//!
//! Records follow the slots of a code set, after a gap of a cache line. Several threads write them without locks: they
//! are advice, and code that relies on them checks what it was told.

use super::vmctx::Slot;
use std::sync::atomic::Ordering::Relaxed;

/// What a call of another function takes off the score. Named functions have at least three quarters of the calls.
pub const MISS: i32 = 3;

/// Offsets in a record, of 32 bits each: the number of the function, its score, the number of misses.
pub const RECORD_TARGET: i32 = 0;
pub const RECORD_SCORE: i32 = 4;
pub const RECORD_MISSES: i32 = 8;

/// Words of a record.
const WORDS: usize = 2;

/// Words between the last slot and the first record.
const GAP: usize = 8;

/// Words that records need behind the slots of so many functions, the gap included.
pub const fn words_of_records(functions: usize) -> usize {
    GAP + WORDS * count(functions)
}

/// The number of records: a power of two. Few functions of large modules are ever hot.
const fn count(functions: usize) -> usize {
    match (2 * functions).next_power_of_two() {
        0..4 => 4,
        4096.. => 4096,
        count => count,
    }
}

/// The number of the record of the call at a byte offset in the module.
fn number(functions: usize, wasm_offset: u32) -> u32 {
    // A multiple of the golden ratio, so that neighbors do not meet.
    let hash = wasm_offset.wrapping_mul(0x9e37_79b9);
    hash >> (32 - count(functions).trailing_zeros())
}

/// The position of a record, in words from the first slot.
fn position(functions: usize, number: u32) -> usize {
    functions + GAP + WORDS * number as usize
}

/// The position of the record of the call at a byte offset in the module, in bytes from the first slot. Cannot overflow:
/// validation allows 1,000,000 functions.
pub fn record_offset(functions: usize, wasm_offset: u32) -> i32 {
    8 * position(functions, number(functions, wasm_offset)) as i32
}

/// What a record says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LikelyTarget {
    /// The number of the function, as code wrote it.
    pub function: u32,
    /// How many calls it got, at least.
    pub calls: u32,
}

/// What is recorded of the call at a byte offset in the module, if that can be believed. `behind` are the words from the
/// first slot on.
pub fn likely_target(behind: &[Slot], functions: usize, wasm_offset: u32) -> Option<LikelyTarget> {
    record(behind, functions, number(functions, wasm_offset))
}

/// All records that can be believed, with their numbers.
pub fn records(
    behind: &[Slot],
    functions: usize,
) -> impl Iterator<Item = (u32, LikelyTarget)> + '_ {
    (0..count(functions) as u32)
        .filter_map(move |number| Some((number, record(behind, functions, number)?)))
}

fn record(behind: &[Slot], functions: usize, number: u32) -> Option<LikelyTarget> {
    let at = position(functions, number);
    let words = [behind.get(at)?, behind.get(at + 1)?].map(|word| word.load(Relaxed) as u64);
    let (function, score, misses) = (words[0] as u32, (words[0] >> 32) as i32, words[1] as u32);
    let calls = u32::try_from(score).ok().filter(|calls| *calls > 0 && *calls >= misses)?;
    Some(LikelyTarget { function, calls })
}

/// Records what earlier runs found out about the call at a byte offset in the module.
pub fn remember(behind: &[Slot], functions: usize, wasm_offset: u32, likely: LikelyTarget) {
    remember_record(behind, functions, number(functions, wasm_offset), likely);
}

/// The same by the number of the record.
pub fn remember_record(behind: &[Slot], functions: usize, number: u32, likely: LikelyTarget) {
    let at = position(functions, number);
    if let Some(record) = behind.get(at) {
        let score = u64::from(likely.calls.min(MOST_REMEMBERED));
        record.store((u64::from(likely.function) | score << 32) as usize, Relaxed);
    }
}

/// Of more calls than these, a new run need not be told.
const MOST_REMEMBERED: u32 = 1 << 16;

const _: () = assert!(RECORD_TARGET == 0 && RECORD_SCORE == 4 && RECORD_MISSES == 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lie_behind_the_slots() {
        for functions in [0, 1, 2, 3, 100, 5000, 1_000_000] {
            let words = functions + words_of_records(functions);
            for offset in (0..100).chain([1 << 20, u32::MAX]) {
                let at = record_offset(functions, offset) as usize / 8;
                assert!(at >= functions + GAP && at + WORDS <= words, "{functions} {offset}");
            }
        }
    }

    #[test]
    fn a_record_is_believed_if_few_calls_were_of_others() {
        let words: Vec<Slot> = (0..3 + words_of_records(3)).map(|_| Slot::new(0)).collect();
        let at = record_offset(3, 77) as usize / 8;
        let record = |score: i32, misses: usize| {
            words[at].store(2 | (score as u32 as usize) << 32, Relaxed);
            words[at + 1].store(misses, Relaxed);
            likely_target(&words, 3, 77)
        };
        assert_eq!(record(0, 0), None);
        assert_eq!(record(5, 6), None);
        assert_eq!(record(-1, 0), None);
        assert_eq!(record(5, 5), Some(LikelyTarget { function: 2, calls: 5 }));
        remember(&words, 3, 99, LikelyTarget { function: 1, calls: u32::MAX });
        let remembered = LikelyTarget { function: 1, calls: MOST_REMEMBERED };
        assert_eq!(likely_target(&words, 3, 99), Some(remembered));
        let copy: Vec<Slot> = words.iter().map(|_| Slot::new(0)).collect();
        records(&words, 3).for_each(|(number, likely)| remember_record(&copy, 3, number, likely));
        assert_eq!(likely_target(&copy, 3, 99), Some(remembered));
        assert_eq!(likely_target(&copy, 3, 77), likely_target(&words, 3, 77));
        assert_eq!(records(&copy, 3).count(), records(&words, 3).count());
    }
}
