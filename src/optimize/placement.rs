//! Chooses where in a cache line a function begins.
//!
//! Processors fetch decoded instructions in lines of 64 bytes, and each additional line that a loop touches costs a
//! cycle per iteration: a loop that makes a small call took 5 cycles in one line, 6 across two, 7 when the callee
//! was in two lines as well (Zen 3). Code generation does not know addresses, but the position of a function can be
//! chosen freely. It is chosen so that the loops, innermost ones above all, touch few lines; a function without
//! loops that fits into a line is not split across two. The result is one number per function, its start within a
//! line; the placer leaves the gap.
//!
//! Loops are found in the finished code: an edge back to an earlier block closes one. How deep they are nested is
//! known from the translation.

use super::block_ends::{self, Loop};
use super::loop_depths::LoopDepths;
use crate::abi::function_code::LINE;
use cranelift_codegen::CompiledCode;

/// Of larger loops, only the first and the last block run in each iteration for certain, and most others do not.
const MAX_LOOP: u32 = 512;

/// How much of such a block counts if it does not fit into a line.
const MOST_OF_BLOCK: u32 = 48;

/// How much more these blocks count: ways through such a loop vary, so its branches are often mispredicted, and then
/// there is nothing else to do while a line is fetched.
const MISPREDICTED: u32 = 4;

/// At most this many loops of a function are considered, the innermost ones first.
const MAX_LOOPS: usize = 32;

/// How much more often an inner loop runs.
const INNER_WEIGHT: u32 = 8;
const MAX_DEPTH: u32 = 4;

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
    depths: &LoopDepths,
) -> Option<u8> {
    let mut hot = loops(compiled, body, depths);
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

/// The loops of the code after `body` bytes.
fn loops(compiled: &CompiledCode, body: u32, depths: &LoopDepths) -> Vec<Hot> {
    let mut hot = weigh(block_ends::loops(compiled), depths);
    for Hot { start, end, .. } in &mut hot {
        (*start, *end) = (body + *start, body + *end);
    }
    hot
}

/// Weights of loops by nesting depth.
fn weigh(mut loops: Vec<Loop>, depths: &LoopDepths) -> Vec<Hot> {
    // Of several edges to one header, the farthest.
    loops.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end)));
    loops.dedup_by_key(|one| one.start);
    let mut hot: Vec<Hot> = Vec::with_capacity(2 * loops.len() + 1);
    for Loop { start, end, first_end, last_start, location } in loops {
        let depth = depths.at(location).clamp(1, MAX_DEPTH);
        let weight = INNER_WEIGHT.pow(depth);
        if end - start <= MAX_LOOP {
            hot.push(Hot { start, end, weight });
        } else {
            let weight = weight * MISPREDICTED;
            let counts = |size: u32| if size <= LINE { size } else { MOST_OF_BLOCK };
            hot.push(Hot { start, end: start + counts(first_end - start), weight });
            hot.push(Hot { start: end - counts(end - last_start), end, weight });
        }
    }
    hot.sort_by_key(|hot| std::cmp::Reverse(hot.weight));
    hot.truncate(MAX_LOOPS);
    hot
}

#[cfg(test)]
mod tests {
    use super::*;
    use cranelift_codegen::ir::SourceLoc;

    /// Loops whose first and last blocks have 40 bytes, each at the location of its start.
    fn weights(loops: &[(u32, u32)], depths: &[(u32, u32)]) -> Vec<(u32, u32, u32)> {
        let mut known = LoopDepths::default();
        depths.iter().for_each(|&(at, depth)| known.change(SourceLoc::new(at), depth));
        let code = |&(start, end): &(u32, u32)| Loop {
            start,
            end,
            first_end: (start + 40).min(end),
            last_start: end.saturating_sub(40).max(start),
            location: start,
        };
        let hot = weigh(loops.iter().map(code).collect(), &known);
        hot.iter().map(|hot| (hot.start, hot.end, hot.weight)).collect()
    }

    #[test]
    fn inner_loops_count_more() {
        // The loop at 50 follows that at 10, though its code lies within.
        let loops = [(0, 100), (10, 90), (50, 80), (20, 30), (120, 130)];
        let depths = [(0, 1), (10, 2), (20, 3), (30, 2), (45, 1), (50, 2), (80, 1), (110, 0)];
        let expected = [(20, 30, 512), (10, 90, 64), (50, 80, 64), (0, 100, 8), (120, 130, 8)];
        assert_eq!(weights(&loops, &depths), expected);
        assert_eq!(weights(&[(5, 9), (5, 20), (5, 12)], &[]), [(5, 20, 8)]);
    }

    #[test]
    fn of_large_loops_the_ends_count() {
        assert_eq!(weights(&[(100, 1000)], &[(0, 1)]), [(100, 140, 32), (960, 1000, 32)]);
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
        let hot = [(40, 100, 64), (0, 64, 8), (30, 120, 8)];
        let hot = hot.map(|(start, end, weight)| Hot { start, end, weight });
        assert_eq!(hot[0].lines(best(&hot, 1).into()), 1);
    }
}
