//! Where in a cache line a function begins.
//!
//! Processors fetch decoded instructions by lines of 64 bytes, and each line that a loop touches in
//! vain costs a cycle per iteration: a loop that makes a small call took 5 cycles in one line, 6
//! across two, 7 when the callee lay across two as well (Zen 3). Code generation does not know
//! addresses, but the place of a function is free. So it is chosen such that the loops, the innermost
//! ones above all, touch few lines; a function without loops that fits into a line is not put across
//! two. What is wanted is one number per function, its start within a line; the placer leaves the
//! gap.
//!
//! Loops are found in the finished code: an edge back to an earlier block closes one.

use crate::abi::function_code::LINE;
use cranelift_codegen::CompiledCode;

/// Larger loops take so long per iteration that a line more does not matter.
const MAX_LOOP: u32 = 512;

/// No more loops of a function are looked at than this, the innermost ones first.
const MAX_LOOPS: usize = 32;

/// How much more often an inner loop runs.
const INNER_WEIGHT: u32 = 8;
const MAX_DEPTH: usize = 4;

/// A range of code that is run again and again, or at least once.
struct Hot {
    start: u32,
    end: u32,
    weight: u32,
}

impl Hot {
    /// Lines touched if the code starts at `at` in a line.
    fn lines(&self, at: u32) -> u32 {
        (at + self.end - 1) / LINE - (at + self.start) / LINE + 1
    }
}

/// The start within a line that is best for the function, whose body begins `body` bytes after its
/// start and whose start must be a multiple of `alignment`; `None` if all are as good.
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
    let entry = u32::try_from(size).ok()?.min(LINE);
    hot.push(Hot { start: 0, end: entry, weight: 1 });
    let cost = |at: u32| -> u32 { hot.iter().map(|hot| hot.weight * hot.lines(at)).sum() };
    let best = (0..LINE).step_by(alignment as usize).min_by_key(|&at| (cost(at), at % 16 != 0))?;
    u8::try_from(best).ok()
}

/// Loops small enough to matter.
fn loops(compiled: &CompiledCode, body: u32) -> Vec<Hot> {
    let mut blocks: Vec<u32> = compiled.bb_starts.clone();
    blocks.sort_unstable();
    let size = compiled.buffer.data().len() as u32;
    let end_of = |block: u32| {
        let next = blocks.partition_point(|&start| start <= block);
        blocks.get(next).copied().unwrap_or(size)
    };
    let back = compiled.bb_edges.iter().filter(|(from, to)| to <= from);
    let mut ranges: Vec<(u32, u32)> = back
        .map(|&(from, to)| (to, end_of(from)))
        .filter(|(to, end)| end - to <= MAX_LOOP)
        .collect();
    // Of several edges to one header the farthest.
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
        hot.push(Hot { start: body + start, end: body + end, weight });
    }
    hot.sort_by_key(|hot| std::cmp::Reverse(hot.weight));
    hot.truncate(MAX_LOOPS);
    hot
}
