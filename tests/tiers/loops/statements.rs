//! Statements: blocks, loops, and ways out of them.

use super::body::{Body, Label, STEPS};
use super::{NUMBER, row};
use wasm_encoder::{
    BlockType, Catch, Instruction as I,
    ValType::{self, I32, I64},
};

const TAG: u32 = 0;
const DEEPEST: usize = 8;
const NULLABLE: ValType = ValType::Ref(NUMBER);

impl Body<'_> {
    pub fn statements(&mut self) {
        let mut here = 1 + self.below(9);
        while self.left > 0 && here > 0 {
            here -= 1;
            self.left -= 1;
            self.statement();
        }
    }

    fn statement(&mut self) {
        let top = self.stack[self.base..].last().copied();
        let is_deep = self.labels.len() > DEEPEST;
        match (self.below(32), top) {
            (0..7, _) | (_, None) if self.chance(60) => {
                let ty = self.any_kind();
                self.produce(ty);
            }
            (7..10, Some(ty)) => {
                let local = self.local_of(ty);
                self.emit(I::LocalSet(local), 1, &[]);
            }
            (10 | 11, Some(ty)) => {
                self.produce(ty);
                self.combine(ty);
            }
            (12 | 13, Some(_)) => self.note(),
            (14, Some(ty)) => {
                let global = self.global_of(ty);
                self.emit(I::GlobalSet(global), 1, &[]);
            }
            (15 | 16, _) if !is_deep => self.block(),
            (17..20, _) if !is_deep => self.if_else(),
            (20..24, _) if !is_deep => self.repeat(),
            (24 | 25, _) => self.branch_if(),
            (26, _) => self.branch_table(),
            (27 | 28, _) if !self.types.is_plain() => self.branch_on_null(),
            (29, _) if !is_deep && !self.types.is_plain() => self.attempt(),
            (30, _) if self.tries > 0 => self.leave(&[I32, I64], I::Throw(TAG)),
            (31, _) if self.chance(10) => {
                let results = self.labels[0].types.clone();
                self.leave(&results, I::Return);
            }
            _ => {}
        }
    }

    /// The type of a block that takes some of the topmost operands.
    fn block_type(&mut self, has_results_of_params: bool) -> (BlockType, Vec<ValType>, Label) {
        let operands = self.stack.len() - self.base;
        let params =
            self.stack[self.stack.len() - self.random.below(operands.min(4) + 1)..].to_vec();
        let results = match has_results_of_params || self.chance(30) {
            true => params.clone(),
            false => row(self.random, &self.types.kinds, 3),
        };
        let ty = BlockType::FunctionType(self.types.index(&params, &results));
        (ty, params, Label { types: results, counter: None })
    }

    /// Opens a block whose parameters are on top, and fills it. What is returned must be the base afterwards.
    fn within(&mut self, params: &[ValType], label: Label) -> usize {
        let base = std::mem::replace(&mut self.base, self.stack.len() - params.len());
        self.labels.push(label);
        self.statements();
        base
    }

    /// Opens a block of this label, fills it, and leaves its results; not its `end`.
    fn fill(&mut self, params: &[ValType], label: Label) -> usize {
        let results = label.types.clone();
        let base = self.within(params, label);
        self.finish_block(&results);
        self.labels.pop();
        base
    }

    /// Leaves exactly these operands in the block. All others count.
    pub fn finish_block(&mut self, types: &[ValType]) {
        if self.stack[self.base..] == *types {
            return;
        }
        let is_loop = self.labels.last().is_some_and(|label| label.counter.is_some());
        if self.labels.len() > 1 && !is_loop && self.chance(20) {
            self.require(types);
            self.out.push(I::Br(0));
            if self.chance(30) {
                // A dead loop has no number.
                self.out.extend([I::Loop(BlockType::Empty), I::End]);
            }
            self.stack.truncate(self.base);
            return self.stack.extend(types);
        }
        while self.stack.len() > self.base {
            self.note();
        }
        types.iter().for_each(|ty| self.produce(*ty));
    }

    fn block(&mut self) {
        let (block, params, label) = self.block_type(false);
        self.out.push(I::Block(block));
        self.base = self.fill(&params, label);
        self.out.push(I::End);
    }

    fn if_else(&mut self) {
        let has_else = self.chance(80);
        let (block, params, label) = self.block_type(!has_else);
        let types = label.types.clone();
        self.condition();
        self.emit(I::If(block), 1, &[]);
        let base = self.fill(&params, label);
        if has_else {
            self.out.push(I::Else);
            self.stack.truncate(self.base);
            self.stack.extend(&params);
            self.base = base;
            let again = self.fill(&params, Label { types, counter: None });
            assert_eq!(again, base);
        }
        self.out.push(I::End);
        self.base = base;
    }

    fn repeat(&mut self) {
        let (block, params, label) = self.block_type(false);
        let (counter, results) = (self.new_counter(), label.types);
        let rounds = [2, 3, 7, 20, 60][self.below(5)];
        self.out.extend([I::I32Const(rounds), I::LocalSet(counter), I::Loop(block)]);
        self.out.extend([I::LocalGet(STEPS), I::I32Const(1), I::I32Sub, I::LocalSet(STEPS)]);
        let label = Label { types: params.clone(), counter: Some(counter) };
        let base = self.within(&params, label);
        self.require(&params);
        self.may_go_back(counter);
        self.emit(I::BrIf(0), 1, &[]);
        self.finish_block(&results);
        self.labels.pop();
        self.out.push(I::End);
        self.base = base;
    }

    /// Takes one round from a loop's counter, and pushes whether the loop may begin again.
    fn may_go_back(&mut self, counter: u32) {
        self.out.extend([I::LocalGet(counter), I::I32Const(1), I::I32Sub, I::LocalTee(counter)]);
        self.out.extend([I::I32Const(0), I::I32GtS, I::LocalGet(STEPS), I::I32Const(0), I::I32GtS]);
        self.emit(I::I32And, 0, &[I32]);
    }

    /// A label, by its depth.
    fn any_label(&mut self) -> (usize, Vec<ValType>, Option<u32>) {
        let mut depth = self.below(self.labels.len());
        if depth + 1 == self.labels.len() && self.chance(80) {
            // Few ways leave the function early.
            depth = 0;
        }
        let label = &self.labels[self.labels.len() - 1 - depth];
        (depth, label.types.clone(), label.counter)
    }

    fn branch_if(&mut self) {
        let (depth, types, counter) = self.any_label();
        self.require(&types);
        match counter {
            Some(counter) => self.may_go_back(counter),
            None => self.condition(),
        }
        self.emit(I::BrIf(depth as u32), 1, &[]);
    }

    /// In a block of its own, after which the same values are there. To loops only while steps are left.
    fn branch_table(&mut self) {
        let (_, types, _) = self.any_label();
        let labels = self.labels.iter().rev().zip(1..);
        let same: Vec<u32> =
            labels.filter(|(label, _)| label.types == types).map(|(_, depth)| depth).collect();
        let count = 1 + self.below(6);
        let targets: Vec<u32> = (0..count).map(|_| same[self.random.below(same.len())]).collect();
        self.out.push(I::Block(BlockType::FunctionType(self.types.index(&[], &types))));
        let base = std::mem::replace(&mut self.base, self.stack.len());
        self.require(&types);
        self.changing(I32);
        self.out.extend([I::I32Const(15), I::I32And, I::I32Const(-1)]);
        self.out.extend([I::LocalGet(STEPS), I::I32Const(0), I::I32GtS, I::Select]);
        self.out.push(I::BrTable(targets.into(), 0));
        self.stack.truncate(self.base);
        self.stack.extend(&types);
        self.base = base;
        self.out.push(I::End);
    }

    fn branch_on_null(&mut self) {
        let (depth, types, counter) = self.any_label();
        if counter.is_some() {
            return;
        }
        match types.split_last() {
            Some((&NULLABLE, others)) if self.chance(50) => {
                self.require(others);
                self.produce(NULLABLE);
                self.emit(I::BrOnNonNull(depth as u32), 1, &[]);
            }
            _ => {
                self.require(&types);
                self.produce(NULLABLE);
                self.emit(I::BrOnNull(depth as u32), 0, &[]);
            }
        }
    }

    /// Statements within `try_table`, and what is caught.
    fn attempt(&mut self) {
        let kinds = self.types.kinds;
        let (results, params) = (row(self.random, &kinds, 3), row(self.random, &kinds, 2));
        let label = |types: &[ValType]| Label { types: types.to_vec(), counter: None };
        let caught = [I32, I64];
        let mut ty = |params: &[ValType], results: &[ValType]| {
            BlockType::FunctionType(self.types.index(params, results))
        };
        let (out, arrives) = (ty(&[], &results), ty(&[], &caught));
        let table = ty(&params, &results);
        self.out.extend([I::Block(out), I::Block(arrives)]);
        params.iter().for_each(|ty| self.produce(*ty));
        let catch = vec![Catch::One { tag: TAG, label: 0 }];
        self.out.push(I::TryTable(table, catch.into()));
        let outer = self.labels.len();
        self.labels.extend([label(&results), label(&caught)]);
        self.tries += 1;
        let base = self.fill(&params, label(&results));
        self.tries -= 1;
        self.labels.truncate(outer);
        self.out.extend([I::End, I::Br(1), I::End]);
        self.stack.truncate(self.base);
        self.stack.extend(caught);
        caught.iter().for_each(|_| self.note());
        results.iter().for_each(|ty| self.produce(*ty));
        self.out.push(I::End);
        self.base = base;
    }

    /// Leaves by an instruction with operands, if a condition is met.
    fn leave(&mut self, types: &[ValType], by: I<'static>) {
        self.condition();
        self.emit(I::If(BlockType::Empty), 1, &[]);
        types.iter().for_each(|ty| self.produce(*ty));
        self.emit(by, types.len(), &[]);
        self.out.push(I::End);
    }
}
