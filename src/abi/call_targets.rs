//! What counted code records about its indirect calls.
//!
//! Each indirect call has a record, which other calls may share by accident: it is found by the place of the
//! instruction in the module, so that every compiler finds the same one and nothing has to be assigned. A record names
//! one function and counts the calls of it. Calls of others count down how many calls may be passed over; then code
//! tells the runtime which function is called (the builtin `OtherTarget`), with its number in `VmContext::callee`, or
//! [`FOREIGN`] if it is one of another instance. The runtime keeps what it was told, names the most frequent function
//! in the record, and lets the more calls pass the more there were. So a call of the named function costs four
//! instructions, and any number of other functions hardly more.
//!
//! Records follow the slots of a code set, after a gap of a cache line. Several threads write them without locks: they
//! are advice, and code that relies on them checks what it was told.

use super::vmctx::Slot;
use std::sync::atomic::Ordering::Relaxed;

/// Offsets in a record, of 32 bits each: the number of the function, its calls, the calls to pass over.
pub const RECORD_TARGET: i32 = 0;
pub const RECORD_CALLS: i32 = 4;
pub const RECORD_PASSED: i32 = 8;

/// Says that a function of another instance is called, whose number means another function.
pub const FOREIGN: i32 = -1;

/// So many targets of one call are known, at most.
pub const MOST_TARGETS: usize = 16;

/// Words of a record.
const WORDS: usize = 2;

/// Words between the last slot and the first record.
const GAP: usize = 8;

/// Words that records need behind the slots of so many functions, the gap included.
pub const fn words_of_records(functions: usize) -> usize {
    GAP + WORDS * records(functions)
}

/// The number of records: a power of two. Few functions of large modules are ever hot.
pub const fn records(functions: usize) -> usize {
    match (2 * functions).next_power_of_two() {
        0..4 => 4,
        4096.. => 4096,
        count => count,
    }
}

/// The number of the record of the call at a byte offset in the module.
pub fn record_number(functions: usize, wasm_offset: u32) -> u32 {
    // A multiple of the golden ratio, so that neighbors do not meet.
    let hash = wasm_offset.wrapping_mul(0x9e37_79b9);
    hash >> (32 - records(functions).trailing_zeros())
}

/// The position of a record, in bytes from the first slot. Cannot overflow: validation allows 1,000,000 functions.
pub fn record_offset(functions: usize, number: u32) -> i32 {
    8 * position(functions, number) as i32
}

/// The same in words.
fn position(functions: usize, number: u32) -> usize {
    functions + GAP + WORDS * number as usize
}

/// A function that an indirect call calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LikelyTarget {
    /// The number of the function, as code wrote it.
    pub function: u32,
    /// How many calls it got, roughly.
    pub calls: u32,
}

/// One record.
#[derive(Clone, Copy)]
pub struct Record<'a>(&'a [Slot; WORDS]);

impl<'a> Record<'a> {
    /// Behind the slots of so many functions, which come first in `words`. None if there is no such record.
    pub fn of(words: &'a [Slot], functions: usize, number: u32) -> Option<Record<'a>> {
        words.get(position(functions, number)..)?.first_chunk().map(Record)
    }

    /// The function that is named, and its calls since then.
    pub fn named(self) -> LikelyTarget {
        let word = self.0[0].load(Relaxed) as u64;
        LikelyTarget { function: word as u32, calls: (word >> 32) as u32 }
    }

    /// Names a function, which has got so many calls.
    pub fn name(self, target: LikelyTarget) {
        let word = u64::from(target.function) | u64::from(target.calls) << 32;
        self.0[0].store(word as usize, Relaxed);
    }

    /// Lets so many calls of other functions pass.
    pub fn pass_over(self, calls: u32) {
        self.0[1].store(calls as usize, Relaxed);
    }

    /// What code does when it calls a function: whether it tells the runtime.
    #[cfg(test)]
    pub fn call(self, function: u32) -> bool {
        let named = self.named();
        if named.function == function {
            self.name(LikelyTarget { calls: named.calls + 1, ..named });
            return false;
        }
        let passed = self.0[1].load(Relaxed) as u32 as i32 - 1;
        self.0[1].store(passed as u32 as usize, Relaxed);
        passed < 0
    }
}

const _: () = assert!(RECORD_TARGET == 0 && RECORD_CALLS == 4 && RECORD_PASSED == 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lie_behind_the_slots() {
        for functions in [0, 1, 2, 3, 100, 5000, 1_000_000] {
            let words = functions + words_of_records(functions);
            for offset in (0..100).chain([1 << 20, u32::MAX]) {
                let at = record_offset(functions, record_number(functions, offset)) as usize / 8;
                assert!(at >= functions + GAP && at + WORDS <= words, "{functions} {offset}");
            }
        }
    }

    #[test]
    fn a_record_is_what_code_writes() {
        let words: Vec<Slot> = (0..3 + words_of_records(3)).map(|_| Slot::new(0)).collect();
        let record = Record::of(&words, 3, 5).unwrap();
        let at = record_offset(3, 5) as usize / 8;
        words[at].store(2 | 70 << 32, Relaxed);
        assert_eq!(record.named(), LikelyTarget { function: 2, calls: 70 });
        record.name(LikelyTarget { function: 1, calls: u32::MAX });
        record.pass_over(9);
        assert_eq!(
            [&words[at], &words[at + 1]].map(|word| word.load(Relaxed)),
            [0xffff_ffff_0000_0001, 9]
        );
        assert!(Record::of(&words, 3, records(3) as u32).is_none());
        assert!(Record::of(&words[..3], 3, 0).is_none());
    }
}
