//! Reachability of the operators of a body.
//!
//! An operator is dead if an operator before it never continues (a branch, a return, a trap) and no live branch
//! goes to a place in between. This is more precise than the specification's rule, in which the code after every
//! `end` counts as reachable. Dead operators are validated and then skipped. Dead code ends where a part of a block
//! that was entered alive ends: at its `else`, `catch`, `catch_all`, `delegate` or `end`.

use super::catches::Clause;
use wasmparser::{Catch, Operator};

/// Tracks control flow through one body. Bodies need not be valid.
#[derive(Default)]
pub struct Flow {
    open: Vec<OpenBlock>,
    dead: bool,
    /// The number of open blocks that began in dead code.
    skipped: u32,
}

/// A block that was entered alive.
#[derive(Clone, Copy, Debug)]
pub struct OpenBlock {
    pub kind: BlockKind,
    /// A live branch goes to its end, or to the beginning of a loop.
    pub branched: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    /// Also the function's outermost block, an `if` after its `else`, and a `try`.
    Block,
    Loop,
    If,
}

impl OpenBlock {
    /// Whether control reaches the end of the block other than by falling through. An `if` without `else` continues
    /// after it when its condition fails; the label of a loop is at its beginning.
    pub fn arrives(self) -> bool {
        self.branched && self.kind != BlockKind::Loop || self.kind == BlockKind::If
    }
}

impl Flow {
    /// Begins a body.
    pub(super) fn begin(&mut self) {
        self.open.clear();
        (self.dead, self.skipped) = (false, 0);
        self.push(BlockKind::Block);
    }

    /// Whether the current position can be reached.
    #[inline]
    pub fn is_live(&self) -> bool {
        !self.dead
    }

    /// The innermost block that was entered alive.
    pub fn innermost(&self) -> Option<OpenBlock> {
        self.open.last().copied()
    }

    /// Whether `op` must be handled: it can be reached, or it ends a block that was entered alive.
    #[inline]
    pub(super) fn enter(&mut self, op: &Operator<'_>) -> bool {
        !self.dead || self.enter_dead(op)
    }

    /// Whether dead code ends with this opcode.
    #[inline]
    pub(super) fn ends_with(&self, opcode: u8) -> bool {
        const ELSE: u8 = 0x05;
        const END: u8 = 0x0b;
        self.skipped == 0 && (opcode == END || opcode == ELSE)
    }

    fn enter_dead(&mut self, op: &Operator<'_>) -> bool {
        match op {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Try { .. }
            | Operator::TryTable { .. } => {
                self.skipped += 1;
                false
            }
            Operator::Else | Operator::Catch { .. } | Operator::CatchAll => self.skipped == 0,
            Operator::End | Operator::Delegate { .. } if self.skipped == 0 => true,
            Operator::End | Operator::Delegate { .. } => {
                self.skipped -= 1;
                false
            }
            _ => false,
        }
    }

    /// Moves past `op`, for which [`Flow::enter`] returned true and [`is_control`] holds.
    pub(super) fn pass(&mut self, op: &Operator<'_>) {
        match op {
            Operator::Block { .. } | Operator::Try { .. } => self.push(BlockKind::Block),
            Operator::Loop { .. } => self.push(BlockKind::Loop),
            Operator::If { .. } => self.push(BlockKind::If),
            Operator::TryTable { try_table } => self.begin_try(&try_table.catches),
            Operator::Else | Operator::Catch { .. } | Operator::CatchAll => self.begin_other_part(),
            Operator::End | Operator::Delegate { .. } => self.end(),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth);
                self.die();
            }
            Operator::BrTable { targets } => {
                targets.targets().flatten().for_each(|depth| self.branch(depth));
                self.branch(targets.default());
                self.die();
            }
            Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth } => self.branch(*relative_depth),
            Operator::Return
            | Operator::Unreachable
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::Rethrow { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. } => self.die(),
            _ => {}
        }
    }

    /// Moves past the beginning of a block.
    #[inline]
    pub fn push(&mut self, kind: BlockKind) {
        self.open.push(OpenBlock { kind, branched: false });
    }

    /// Moves past a branch that may not be taken.
    #[inline]
    pub fn branch(&mut self, depth: u32) {
        let target = self.open.len().checked_sub(1 + depth as usize);
        if let Some(block) = target.and_then(|target| self.open.get_mut(target)) {
            block.branched = true;
        }
    }

    /// Moves past an operator that never continues.
    #[inline]
    pub fn die(&mut self) {
        self.dead = true;
    }

    fn begin_try(&mut self, catches: &[Catch]) {
        Clause::reachable_labels(catches).for_each(|label| self.branch(label));
        self.push(BlockKind::Block);
    }

    /// Begins an `else`, or a clause of a legacy `try`, which can be reached whenever its block is entered.
    pub fn begin_other_part(&mut self) {
        if let Some(block) = self.open.last_mut() {
            block.branched |= !self.dead;
            block.kind = BlockKind::Block;
        }
        self.dead = false;
    }

    /// Moves past the end of a block.
    #[inline]
    pub fn end(&mut self) {
        let arrives = self.open.pop().is_some_and(OpenBlock::arrives);
        self.dead = self.dead && !arrives;
    }
}

/// Whether control may continue elsewhere than after `op`, or arrive from elsewhere. A constant where the opcode is
/// one.
#[inline(always)]
pub(super) fn is_control(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        Block { .. }
            | Loop { .. }
            | If { .. }
            | Else
            | End
            | Br { .. }
            | BrIf { .. }
            | BrTable { .. }
            | BrOnNull { .. }
            | BrOnNonNull { .. }
            | Return
            | Unreachable
            | TryTable { .. }
            | Throw { .. }
            | ThrowRef
            | Try { .. }
            | Catch { .. }
            | CatchAll
            | Delegate { .. }
            | Rethrow { .. }
            | ReturnCall { .. }
            | ReturnCallIndirect { .. }
            | ReturnCallRef { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::super::decode::operators;
    use super::*;
    use crate::types::DefinedFuncIndex;

    /// Which of a function's operators are handled, as text: `.` for those that are not, `e` for an `else` or `end`
    /// after dead code.
    fn handled(body: &str) -> String {
        let module = super::super::tests::module(&format!("(module (func (param i32) {body}))"));
        let mut flow = Flow::default();
        flow.begin();
        let mark = |op: Result<Operator<'_>, _>| {
            let op = op.unwrap();
            match (flow.enter(&op), flow.is_live()) {
                (false, _) => '.',
                (true, live) => {
                    flow.pass(&op);
                    if live { 'x' } else { 'e' }
                }
            }
        };
        operators(&module, DefinedFuncIndex(0)).unwrap().map(mark).collect()
    }

    #[test]
    fn operators_that_do_not_steer_change_nothing() {
        super::super::tests::for_each_operator(|name, op, _| {
            let mut flow = Flow::default();
            flow.begin();
            flow.pass(op);
            let changed = !flow.is_live() || flow.open.len() != 1 || flow.open[0].branched;
            assert_eq!(changed || *op == Operator::Else, is_control(op), "{name}");
        });
    }

    #[test]
    fn what_follows_a_branch_is_dead_up_to_its_target() {
        assert_eq!(handled("nop"), "xx");
        assert_eq!(handled("unreachable nop"), "x.e");
        assert_eq!(handled("(block br 0 nop) nop"), "xx.exx");
        assert_eq!(handled("(block (block br 1 nop) nop) nop"), "xxx.e.exx");
        assert_eq!(handled("(block (block br 1 (loop nop)) nop) nop"), "xxx...e.exx");
    }

    #[test]
    fn a_block_that_nothing_branches_to_ends_dead() {
        assert_eq!(handled("(block return) nop"), "xxe.e");
        assert_eq!(handled("(loop br 0) nop"), "xxe.e");
        assert_eq!(handled("(block (br_if 0 (local.get 0)) return) nop"), "xxxxexx");
        // A branch in dead code does not count.
        assert_eq!(handled("(block return br 0) nop"), "xx.e.e");
    }

    #[test]
    fn an_if_goes_on_when_one_of_its_ways_does() {
        let condition = "(local.get 0)";
        assert_eq!(handled(&format!("(if {condition} (then return)) nop")), "xxxexx");
        let both = format!("(if {condition} (then return) (else return)) nop");
        assert_eq!(handled(&both), "xxxexe.e");
        assert_eq!(handled(&format!("(if {condition} (then) (else return)) nop")), "xxxxexx");
        assert_eq!(handled(&format!("(if {condition} (then return) (else)) nop")), "xxxexxx");
    }

    #[test]
    fn clauses_can_be_reached_whenever_their_try_is_entered() {
        assert_eq!(handled("try catch_all end nop"), "xxxxx");
        assert_eq!(handled("try return catch_all end nop"), "xxexxx");
        assert_eq!(handled("try return nop catch_all rethrow 0 nop end nop"), "xx.ex.e.e");
        assert_eq!(handled("try nop catch_all return end nop"), "xxxxexx");
        assert_eq!(handled("try br 0 catch_all return end nop"), "xxexexx");
        assert_eq!(handled("return try nop catch_all nop end nop"), "x......e");
    }

    #[test]
    fn a_delegate_ends_its_block() {
        assert_eq!(handled("try nop delegate 0 nop"), "xxxxx");
        assert_eq!(handled("try return delegate 0 nop"), "xxe.e");
        assert_eq!(handled("try br 0 delegate 0 nop"), "xxexx");
        assert_eq!(handled("return try nop delegate 0 nop"), "x....e");
        assert_eq!(handled("(block return try delegate 0 try catch_all end) nop"), "xx.....e.e");
    }
}
