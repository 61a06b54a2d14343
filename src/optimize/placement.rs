//! Chooses where in a cache line a function begins.
//!
//! Processors fetch decoded instructions in lines of 64 bytes, and each additional line that a loop touches costs a
//! cycle per iteration: a loop that makes a small call took 5 cycles in one line, 6 across two, 7 when the callee
//! was in two lines as well (Zen 3). Code generation does not know addresses, but the position of a function can be
//! chosen freely. It is chosen so that the loops, innermost ones above all, touch few lines; a function without
//! loops that fits into a line is not split across two. The result is one number per function, its start within a
//! line; the placer leaves the gap.
//!
//! Loops are found in the finished code: an edge back to an earlier block closes one.

use super::block_ends::back_edges;
use crate::abi::function_code::LINE;
use cranelift_codegen::CompiledCode;

/// Larger loops take so long per iteration that one more line does not matter.
const MAX_LOOP: u32 = 512;

/// At most this many loops of a function are considered, the innermost ones first.
const MAX_LOOPS: usize = 32;

/// How much more often an inner loop runs.
const INNER_WEIGHT: u32 = 8;
const MAX_DEPTH: usize = 4;

/// A range of code that runs repeatedly, or at least once.
struct Hot {
    start: u32,
    end: u32,
    weight: u32,
}

impl Hot {
    /// The number of lines touched if the code starts at `at` in a line.
    fn lines(&self, at: u32) -> u32 {
        (at + self.end - 1) / LINE - (at + self.start) / LINE + 1
    }
}

/// The best start within a line for a function whose body begins `body` bytes after its start and whose start must
/// be a multiple of `alignment`; `None` if all are equally good.
pub(super) fn choose(
    compiled: &CompiledCode,
    body: u32,
    size: usize,
    alignment: u32,
) -> Option<u8> {
    let mut hot = loops(compiled, body);
    if hot.is_empty() {
        return None;
    }
    hot.push(Hot { start: 0, end: u32::try_from(size).ok()?.min(LINE), weight: 1 });
    Some(best(&hot, alignment))
}

/// The start with which the ranges touch the fewest lines; of several, preferably a multiple of 16.
fn best(hot: &[Hot], alignment: u32) -> u8 {
    let cost = |at: u32| -> u32 { hot.iter().map(|hot| hot.weight * hot.lines(at)).sum() };
    let places = (0..LINE).step_by(alignment as usize);
    places.min_by_key(|&at| (cost(at), at % 16 != 0)).unwrap_or(0) as u8
}

/// Loops small enough to matter.
fn loops(compiled: &CompiledCode, body: u32) -> Vec<Hot> {
    let edges = back_edges(compiled).into_iter();
    weigh(edges.map(|(to, end)| (body + to, body + end)).collect())
}

/// Weights of loops by nesting depth.
fn weigh(mut ranges: Vec<(u32, u32)>) -> Vec<Hot> {
    ranges.retain(|(start, end)| end - start <= MAX_LOOP);
    // Of several edges to one header, the farthest.
    ranges.sort_unstable_by_key(|&(start, end)| (start, std::cmp::Reverse(end)));
    ranges.dedup_by_key(|&mut (start, _)| start);
    let mut open: Vec<u32> = Vec::new();
    let mut hot: Vec<Hot> = Vec::with_capacity(ranges.len() + 1);
    for (start, end) in ranges {
        while open.last().is_some_and(|&outer_end| outer_end <= start) {
            open.pop();
        }
        open.push(end);
        let weight = INNER_WEIGHT.pow(open.len().min(MAX_DEPTH) as u32);
        hot.push(Hot { start, end, weight });
    }
    hot.sort_by_key(|hot| std::cmp::Reverse(hot.weight));
    hot.truncate(MAX_LOOPS);
    hot
}

#[cfg(test)]
mod tests {
    use super::{Hot, best, weigh};

    fn weights(ranges: &[(u32, u32)]) -> Vec<(u32, u32, u32)> {
        let hot = weigh(ranges.to_vec());
        hot.iter().map(|hot| (hot.start, hot.end, hot.weight)).collect()
    }

    #[test]
    fn inner_loops_count_more() {
        let nested = [(0, 100), (10, 40), (50, 90), (20, 30), (120, 130), (0, 5000)];
        let expected = [(20, 30, 512), (10, 40, 64), (50, 90, 64), (0, 100, 8), (120, 130, 8)];
        assert_eq!(weights(&nested), expected);
        assert_eq!(weights(&[(5, 9), (5, 20), (5, 12)]), [(5, 20, 8)]);
    }

    #[test]
    fn loop_that_fits_lies_in_one_line() {
        for start in 0..130 {
            for alignment in [1, 4, 16] {
                let hot = [Hot { start, end: start + 48, weight: 8 }];
                let at = best(&hot, alignment);
                assert_eq!(u32::from(at) % alignment, 0);
                assert_eq!(hot[0].lines(at.into()), 1, "{start} {alignment}");
            }
        }
    }

    #[test]
    fn inner_loop_is_preferred() {
        let hot = weigh(vec![(0, 64), (40, 100), (30, 120)]);
        let at = u32::from(best(&hot, 1));
        assert_eq!(hot[0].lines(at), 1);
        assert_eq!((hot[0].start, hot[0].end), (40, 100));
    }
}
