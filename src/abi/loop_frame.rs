//! Where a running function keeps its values when a loop begins: how code that continues the loop finds them.
//!
//! The baseline compiler has a place in the frame for each local and each operand. When a loop turns out to be hot, its
//! code writes all values there and calls the code of another compiler, which continues at the beginning of the loop
//! and returns in place of the function (see `LoopIsHot`). That code gets the vmctx and the address of the frame, both
//! as any guest function gets its first two integer arguments. All offsets are from that address; values have the
//! width of their type, and what is above them is undefined.

/// The places of one function's values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LoopFrame {
    /// Of each local.
    pub locals: Vec<i32>,
    /// Of the lowest operand; the others follow downwards.
    pub operands: i32,
    /// Bytes for each operand.
    pub operand_size: i32,
}

impl LoopFrame {
    /// The place of the operand at a height.
    pub fn operand(&self, height: usize) -> i32 {
        let below = i64::from(self.operand_size) * height as i64;
        // Frames are limited to less.
        i32::try_from(i64::from(self.operands) - below).unwrap_or(i32::MIN)
    }
}

/// A loop that is entered while it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoopEntry {
    /// The number of the loop in its function, in the order of their beginnings; those in dead code do not count.
    pub number: u32,
    pub frame: LoopFrame,
}
