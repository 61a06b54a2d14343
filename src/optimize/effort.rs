//! When a function is too costly for the thorough way.
//!
//! Some passes of the code generator take time that grows with the product of two things that a
//! function may have many of. Each product (or the thing that makes it large) has a bound here, far
//! beyond what compilers of real programs emit. A function that exceeds one is translated anew with
//! its locals and operands in the frame and compiled with the cheap variant, whose cost is linear.

/// Bodies beyond this many bytes are compiled with the cheap variant.
pub(super) const LARGE_BODY: usize = 1 << 20;

/// A frame in which more bytes than this hold values that the cheap variant did not keep in registers
/// is too large: the variant that shares slots takes its place.
pub(super) const MOST_SPILLS: u32 = 32 << 10;

/// With more blocks than this a function keeps its large frame, since the variant that shares slots
/// takes quadratic time for values that live across many blocks.
pub(super) const MOST_BLOCKS_SHARING: u64 = 2 * MANY_BLOCKS;

/// Locals beyond this number live in the frame: register allocation of many overlapping values is
/// quadratic.
pub(super) const MANY_LOCALS: usize = 3000;

/// Different values on the operand stack at once, for the same reason.
const HIGH_STACK: u32 = 1000;

/// The frontend keeps a word for each local and block, for locals that are used all over.
const LOCALS_TIMES_BLOCKS: u64 = 32 << 20;

/// Even few values take quadratic time to allocate where they change in this many blocks.
const MANY_BLOCKS: u64 = 40_000;

/// Values that joins of control flow added: so many, and so many per instruction.
const EXTRA_VALUES: u64 = 200_000;
const VALUES_PER_INSTRUCTION: u64 = 16;

/// Values that calls, branches and blocks moved: a few bytes of a body may move a thousand.
const MOVED_VALUES: u64 = 20_000;

/// A local that changes in each of so many loops is given a register for each by splitting the whole
/// again.
const MANY_LOOPS: u64 = 2500;

/// Optimisation passes look at all loops around an instruction.
const DEEP_LOOPS: u32 = 200;

/// Optimisation goes through the blocks that dominate each other from the first on at every step down.
pub(super) const DEEP_IFS: u32 = 1000;

/// Entries times labels of branch tables: a local that changes at each label becomes a chain of as
/// many values, which register allocation merges one by one.
const BRANCH_TABLE_WORK: u64 = 1 << 25;

/// What a function has been translated to so far, in numbers that cost is a product of.
#[derive(Default)]
pub(super) struct Effort {
    /// Instructions of the body.
    pub instructions: u64,
    pub blocks: u64,
    /// Loops so far.
    pub all_loops: u64,
    /// Loops and `if`s around the instruction at hand.
    pub loops: u32,
    pub ifs: u32,
    /// Targets times labels of branch tables.
    pub branch_table_work: u64,
    /// Values that calls, branches and blocks moved one by one.
    pub moved: u64,
}

impl Effort {
    /// Whether to start over, with so many locals, values of Cranelift, and different operands at once.
    pub(super) fn exceeded(&self, locals: usize, values: usize, operands: u32) -> bool {
        self.blocks > MANY_BLOCKS
            || self.blocks * locals as u64 > LOCALS_TIMES_BLOCKS
            || values as u64 > EXTRA_VALUES + VALUES_PER_INSTRUCTION * self.instructions
            || operands > HIGH_STACK
            || self.all_loops > MANY_LOOPS
            || self.loops > DEEP_LOOPS
            || self.ifs > DEEP_IFS
            || self.branch_table_work > BRANCH_TABLE_WORK
            || self.moves_too_much()
    }

    /// Whether the instruction at hand need not be finished, where operands are values.
    pub(super) fn moves_too_much(&self) -> bool {
        self.moved > MOVED_VALUES + VALUES_PER_INSTRUCTION * self.instructions
    }
}
