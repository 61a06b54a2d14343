//! What was hot in a module, as bytes that every later build of the library can read.
//!
//! Code belongs to the build that made it, but what was hot belongs to the module. It is a hint: whatever it says, only the
//! order and the time of optimizing depend on it. So it is checked for damage, not for truth, and numbers that do not fit
//! the module are left out. The numbers mean the same in all builds that know this version of the format.
//!
//! ```text
//!   8  magic
//!   4  version of this format
//!   4  functions, 4 loops, 4 targets of indirect calls
//!   8  for each function: its number among those defined, how often it used up its budget
//!   8  for each loop that was running when its function became hot: function, number of the loop
//!  12  for each target: byte offset of the call in the module, number of the function, how many calls it got, roughly
//!  32  the seal of what precedes
//! ```
//!
//! All numbers are little-endian.

use super::seal::{SEAL_LEN, SerializeKey, is_sealed, seal};
use crate::abi::call_targets::LikelyTarget;
use crate::sys::OutOfMemory;
use crate::types::DefinedFuncIndex;

const MAGIC: [u8; 8] = *b"wasmrthp";
const VERSION: u32 = 1;
const HEAD: usize = 24;
/// At most so many functions, loops and calls are kept; of the functions, the hottest.
const MOST: usize = 1 << 14;

/// What was hot.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Warm {
    /// Functions and their heat.
    pub functions: Vec<(DefinedFuncIndex, u32)>,
    /// Loops that went on in code of their own.
    pub loops: Vec<(DefinedFuncIndex, u32)>,
    /// Targets of indirect calls, by the byte offsets of those in the module.
    pub targets: Vec<(u32, LikelyTarget)>,
}

impl Warm {
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty() && self.loops.is_empty()
    }

    /// As bytes, the hottest first.
    pub fn write(mut self, key: Option<&SerializeKey>) -> Result<Vec<u8>, OutOfMemory> {
        self.functions.sort_unstable_by_key(|(func, heat)| (u32::MAX - heat, func.0));
        self.functions.truncate(MOST);
        self.loops.truncate(MOST);
        self.targets.truncate(MOST);
        let pairs = self.functions.len() + self.loops.len();
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(HEAD + 8 * pairs + 12 * self.targets.len() + SEAL_LEN)?;
        bytes.extend(MAGIC);
        let counts = [self.functions.len(), self.loops.len(), self.targets.len()];
        let pairs = self.functions.iter().chain(&self.loops).flat_map(|(func, n)| [func.0, *n]);
        let targets = self.targets.iter();
        let targets = targets.flat_map(|(offset, to)| [*offset, to.function, to.calls]);
        let words = [VERSION].into_iter().chain(counts.map(|count| count as u32));
        words.chain(pairs).chain(targets).for_each(|word| bytes.extend(word.to_le_bytes()));
        bytes.extend(seal(key, &bytes));
        Ok(bytes)
    }

    /// From bytes, about a module that defines so many functions. None if they are no such bytes.
    pub fn read(bytes: &[u8], key: Option<&SerializeKey>, functions: usize) -> Option<Warm> {
        let (body, sealed) = bytes.split_last_chunk::<SEAL_LEN>()?;
        if !body.starts_with(&MAGIC) || !is_sealed(key, body, sealed) {
            return None;
        }
        let (words, []) = body[MAGIC.len()..].as_chunks() else { return None };
        let (head, words) = words.split_first_chunk::<4>()?;
        let [version, hot, loops, targets] = head.map(u32::from_le_bytes);
        if version != VERSION {
            return None;
        }
        let (hot, words) = words.split_at_checked(2 * hot as usize)?;
        let (loops, words) = words.split_at_checked(2 * loops as usize)?;
        if words.len() != 3 * targets as usize {
            return None;
        }
        let is_there = |func: u32| (func as usize) < functions;
        let pair =
            |[func, number]: [u32; 2]| is_there(func).then_some((DefinedFuncIndex(func), number));
        let target = |[offset, function, calls]: [u32; 3]| {
            is_there(function).then_some((offset, LikelyTarget { function, calls }))
        };
        Some(Warm {
            functions: records(hot, pair)?,
            loops: records(loops, pair)?,
            targets: records(words, target)?,
        })
    }
}

/// Records of N words, without those that mean nothing. None if memory is short.
fn records<const N: usize, T>(
    words: &[[u8; 4]],
    record: impl Fn([u32; N]) -> Option<T>,
) -> Option<Vec<T>> {
    let all = words.as_chunks().0;
    let mut list = Vec::new();
    list.try_reserve_exact(all.len()).ok()?;
    list.extend(all.iter().filter_map(|words| record(words.map(u32::from_le_bytes))));
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(u32, u32)]) -> Vec<(DefinedFuncIndex, u32)> {
        pairs.iter().map(|(func, number)| (DefinedFuncIndex(*func), *number)).collect()
    }

    fn warm() -> Warm {
        let target = |function| LikelyTarget { function, calls: 10 };
        Warm {
            functions: list(&[(1, 3), (7, 900), (2, 3)]),
            loops: list(&[(7, 0), (7, 2)]),
            targets: vec![(500, target(1)), (600, target(6))],
        }
    }

    #[test]
    fn the_hottest_come_back_first_and_what_the_module_lacks_not_at_all() {
        let bytes = warm().write(None).unwrap();
        let read = Warm::read(&bytes, None, 8).unwrap();
        assert_eq!(read, Warm { functions: list(&[(7, 900), (1, 3), (2, 3)]), ..warm() });
        let read = Warm::read(&bytes, None, 2).unwrap();
        let targets = vec![warm().targets[0]];
        assert_eq!(read, Warm { functions: list(&[(1, 3)]), loops: Vec::new(), targets });
    }

    #[test]
    fn damaged_bytes_and_those_of_other_keys_or_versions_are_ignored() {
        let (good, key) = (warm().write(None).unwrap(), SerializeKey::new(b"secret"));
        assert!(Warm::read(&good, Some(&key), 8).is_none());
        assert!(Warm::read(&warm().write(Some(&key)).unwrap(), None, 8).is_none());
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 4;
            assert!(Warm::read(&bytes, None, 8).is_none());
            assert!(Warm::read(&good[..at], None, 8).is_none());
        }
        for at in [MAGIC.len(), 12, 16, 20] {
            let mut bytes = good.clone();
            bytes[at] += 1;
            let end = bytes.len() - SEAL_LEN;
            let seal = seal(None, &bytes[..end]);
            bytes[end..].copy_from_slice(&seal);
            assert!(Warm::read(&bytes, None, 8).is_none(), "{at}");
        }
    }

    #[test]
    fn only_so_many_functions_are_kept() {
        let functions = (0..100_000).map(|func| (DefinedFuncIndex(func), func)).collect();
        let bytes = Warm { functions, ..Warm::default() }.write(None).unwrap();
        let read = Warm::read(&bytes, None, 100_000).unwrap();
        assert_eq!(read.functions.len(), MOST);
        assert_eq!(read.functions[0].1, 99_999);
    }
}
