//! Detects functions that are too costly to optimize.
//!
//! Some passes of the code generator take time proportional to the product of two quantities, both of which a
//! function may have many of. Each product (or the quantity that makes it large) has a limit here, far beyond what
//! compilers of real programs emit. A function that exceeds one is left to the baseline compiler, whose cost is linear.

/// Larger bodies are not optimized.
pub(super) const LARGE_BODY: usize = 1 << 20;

/// With more locals than this, a function is not optimized: register allocation of many overlapping values is
/// quadratic.
pub(super) const MANY_LOCALS: usize = 3000;

/// Different values on the operand stack at once, limited for the same reason.
const HIGH_STACK: u32 = 1000;

/// The frontend keeps a word for each local and block, for locals that are used everywhere.
const LOCALS_TIMES_BLOCKS: u64 = 32 << 20;

/// Even few values take quadratic time to allocate where they change in this many blocks.
const MANY_BLOCKS: u64 = 40_000;

/// Values added by control flow joins: this many, and this many per instruction.
const EXTRA_VALUES: u64 = 200_000;
const VALUES_PER_INSTRUCTION: u64 = 16;

/// Values moved by calls, branches and blocks: a few bytes of a body may move a thousand.
const MOVED_VALUES: u64 = 20_000;

/// A local that changes in many loops gets a register for each by splitting its whole live range again.
const MANY_LOOPS: u64 = 2500;

/// Optimization passes visit all loops around an instruction.
const DEEP_LOOPS: u32 = 200;

/// Optimization walks the chain of dominating blocks from the start at every step down.
const DEEP_IFS: u32 = 1000;

/// Entries times labels of branch tables: a local that changes at each label becomes a chain of as
/// many values, which register allocation merges one by one.
const BRANCH_TABLE_WORK: u64 = 1 << 25;

/// Entries of branch tables. The code generator makes a block for each on the way to its label; where they do not fit
/// into the caches, each takes three times as long.
const BRANCH_TABLE_ENTRIES: u64 = 1 << 17;

/// Clauses that catch exceptions. Where all lead to one block, the code generator goes through its predecessors once for
/// each.
const MANY_CLAUSES: u64 = 3000;

/// What a function has been translated to so far, in the quantities that determine cost.
#[derive(Default)]
pub(super) struct Effort {
    /// Instructions of the body.
    pub instructions: u64,
    pub blocks: u64,
    /// Loops so far.
    pub all_loops: u64,
    /// Loops and `if`s around the current instruction.
    pub loops: u32,
    pub ifs: u32,
    /// Of all branch tables.
    pub branch_table_entries: u64,
    /// Entries times labels of branch tables.
    pub branch_table_work: u64,
    /// Clauses and delegations of exceptions.
    pub clauses: u64,
    /// Values that calls, branches and blocks moved one by one.
    pub moved: u64,
}

impl Effort {
    /// Whether to abandon the function, given the numbers of locals, values of Cranelift, and different operands at once.
    pub(super) fn exceeded(&self, locals: usize, values: usize, operands: u32) -> bool {
        self.blocks > MANY_BLOCKS
            || self.blocks * locals as u64 > LOCALS_TIMES_BLOCKS
            || values as u64 > EXTRA_VALUES + VALUES_PER_INSTRUCTION * self.instructions
            || operands > HIGH_STACK
            || self.all_loops > MANY_LOOPS
            || self.loops > DEEP_LOOPS
            || self.ifs > DEEP_IFS
            || self.clauses > MANY_CLAUSES
            || self.branch_table_work > BRANCH_TABLE_WORK
            || self.moves_too_much()
    }

    /// Whether to abandon the function before its current branch table.
    pub(super) fn branches_too_much(&self) -> bool {
        self.branch_table_entries > BRANCH_TABLE_ENTRIES
    }

    /// Whether to abandon the current instruction, too.
    pub(super) fn moves_too_much(&self) -> bool {
        self.moved > MOVED_VALUES + VALUES_PER_INSTRUCTION * self.instructions
    }
}
