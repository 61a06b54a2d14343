//! Chooses where in the block a function begins.
//!
//! A function with loops says where in a line it should begin. For the others two things matter. A function that
//! fits into a line should not be split across two. And functions should not all end alike: Zen processors tell
//! apart the histories of indirect calls by bits 1 to 3 of the addresses of the branches and returns on the way,
//! and by no bits of their targets. Methods of a few instructions that begin at multiples of 16 often have their
//! returns at the same offset, and then alternating calls of them are mispredicted every time: 7 ns instead of 2
//! (Zen 4). So the ends are spread over these bits, in an order in which neighbors differ.

use crate::abi::FunctionCode;
use crate::abi::function_code::LINE;

/// The bits of a function's last byte that are spread.
const SPREAD_BITS: usize = 0b1110;

/// The first start from `used` on that suits the function with this number.
pub(super) fn start_from(used: usize, number: usize, code: &FunctionCode) -> usize {
    let line = LINE as usize;
    if let Some(wanted) = code.in_line {
        return used + (usize::from(wanted).wrapping_sub(used)) % line;
    }
    let len = code.bytes.len().max(1);
    let start = spread_from(used, number, len, code.alignment);
    if len <= line && start / line != (start + len - 1) / line {
        spread_within(start.next_multiple_of(line), number, len, code.alignment)
    } else {
        start
    }
}

/// As [`spread_from`] at the beginning of a line, unless the function is then split across two.
fn spread_within(begin: usize, number: usize, len: usize, alignment: u32) -> usize {
    let start = spread_from(begin, number, len, alignment);
    if start + len <= begin + LINE as usize { start } else { begin }
}

/// The first start from `from` on where the last byte has the bits for this number, if the alignment allows it.
fn spread_from(from: usize, number: usize, len: usize, alignment: u32) -> usize {
    let alignment = alignment.clamp(1, LINE) as usize;
    let first = from.next_multiple_of(alignment);
    let mut places = (first..first + SPREAD_BITS + 2).step_by(alignment);
    places.find(|start| (start + len - 1) & SPREAD_BITS == bits(number)).unwrap_or(first)
}

/// Multiples of the golden ratio: any few consecutive ones differ widely.
fn bits(number: usize) -> usize {
    ((number as u32).wrapping_mul(0x9e37_79b9) >> 28) as usize & SPREAD_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(size: usize, in_line: Option<u8>) -> FunctionCode {
        let (bytes, calls, sites) = (vec![0; size], Vec::new(), Vec::new());
        FunctionCode { bytes, alignment: 1, in_line, calls, sites, details: Vec::new() }
    }

    #[test]
    fn functions_start_where_they_are_wanted() {
        assert_eq!(start_from(100, 0, &code(500, Some(5))), 133);
        assert_eq!(start_from(133, 1, &code(500, Some(5))), 133);
        assert_eq!(start_from(128, 2, &code(500, Some(63))), 191);
    }

    #[test]
    fn small_functions_do_not_lie_across_two_lines() {
        for used in 0..200 {
            for len in 0..65 {
                let start = start_from(used, 7, &code(len, None));
                assert!(start >= used && start - used < 80);
                assert_eq!(start / 64, (start + len.max(1) - 1) / 64, "{used} {len}");
            }
        }
    }

    #[test]
    fn functions_of_equal_length_end_in_different_places() {
        for len in [10, 16, 22, 32, 100] {
            let mut used = 0;
            let mut ends = Vec::new();
            for number in 0..64 {
                let start = start_from(used, number, &code(len, None));
                used = start + len;
                ends.push((used - 1) & SPREAD_BITS);
            }
            let counts = (0..8).map(|n| ends.iter().filter(|&&end| end == 2 * n).count());
            assert!(
                counts.clone().all(|count| count >= 4),
                "{len}: {:?}",
                counts.collect::<Vec<_>>()
            );
            assert!(ends.windows(2).all(|pair| pair[0] != pair[1]), "{len}: {ends:?}");
        }
    }

    #[test]
    fn alignment_that_code_needs_is_kept() {
        let aligned = FunctionCode { alignment: 16, ..code(22, None) };
        assert!((0..100).all(|used| start_from(used, used, &aligned).is_multiple_of(16)));
    }
}
