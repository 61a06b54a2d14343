//! How many loops are around each instruction of a function, in its own body and in inlined ones.
//!
//! Finished code tells which branches go backward, but not how its loops are nested: what follows a loop may be
//! placed within it. So the translation notes where depths change, in the locations of `places`, which increase
//! within a body.

use cranelift_codegen::ir::SourceLoc;

#[derive(Default)]
pub(super) struct LoopDepths {
    /// From each of these locations on there are so many loops.
    changes: Vec<(u32, u32)>,
}

impl LoopDepths {
    pub(super) fn change(&mut self, at: SourceLoc, depth: u32) {
        self.changes.push((at.bits(), depth));
    }

    /// All changes, in order.
    pub(super) fn take(&mut self) -> LoopDepths {
        self.changes.sort_by_key(|&(location, _)| location);
        std::mem::take(self)
    }

    pub(super) fn at(&self, location: u32) -> u32 {
        let passed = self.changes.partition_point(|&(start, _)| start <= location);
        passed.checked_sub(1).map_or(0, |last| self.changes[last].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_may_begin_within_each_other() {
        let mut depths = LoopDepths::default();
        for (location, depth) in [(10, 1), (100, 1), (110, 2), (120, 1), (30, 0)] {
            depths.change(SourceLoc::new(location), depth);
        }
        let depths = depths.take();
        let at = [0, 10, 29, 30, 99, 100, 110, 119, 120].map(|location| depths.at(location));
        assert_eq!(at, [0, 1, 1, 0, 0, 1, 2, 2, 1]);
    }
}
