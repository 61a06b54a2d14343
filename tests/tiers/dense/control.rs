//! Statements that steer: blocks, branches, calls.

use super::Signature;
use super::body::{Body, Label};
use wasm_encoder::{
    BlockType, Instruction as I,
    ValType::{self, I32, I64},
};

impl Body<'_> {
    pub fn block_type(&mut self) -> (BlockType, Signature) {
        let n = self.below(self.plan.blocks.len());
        let ty = self.plan.blocks[n].clone();
        (BlockType::FunctionType((self.plan.functions.len() + n) as u32), ty)
    }

    /// Opens a block whose parameters are on top, fills it, and leaves its results; not its `end`.
    pub fn within(&mut self, ty: &Signature, label: Label) -> usize {
        let base = std::mem::replace(&mut self.base, self.stack.len() - ty.params.len());
        self.labels.push(label);
        self.statements();
        self.finish_block(&ty.results);
        self.labels.pop();
        base
    }

    pub fn block(&mut self) {
        if self.labels.len() > 6 {
            return;
        }
        let (block, ty) = self.block_type();
        self.require(&ty.params);
        self.out.push(I::Block(block));
        let label = Label { types: ty.results.clone(), counter: None };
        let base = self.within(&ty, label);
        self.out.push(I::End);
        self.base = base;
    }

    pub fn if_else(&mut self) {
        if self.labels.len() > 6 {
            return;
        }
        let (block, ty) = self.block_type();
        self.require(&ty.params);
        self.condition();
        self.emit(I::If(block), 1, &[]);
        let label = || Label { types: ty.results.clone(), counter: None };
        let base = self.within(&ty, label());
        if ty.params != ty.results || self.chance(60) {
            self.out.push(I::Else);
            self.stack.truncate(self.base);
            self.stack.extend(&ty.params);
            self.base = base;
            let outer = self.within(&ty, label());
            assert_eq!(outer, base);
        }
        self.out.push(I::End);
        self.base = base;
    }

    /// A loop that ends after a few rounds.
    pub fn repeat(&mut self) {
        if self.labels.len() > 4 {
            return;
        }
        let (block, ty) = self.block_type();
        let counter = self.locals.len() as u32;
        let rounds = 1 + self.below(4) as i32;
        self.out.extend([I::I32Const(rounds), I::LocalSet(counter)]);
        self.require(&ty.params);
        // After this nothing else uses it.
        self.locals.push(ValType::FUNCREF);
        self.out.push(I::Loop(block));
        let label = Label { types: ty.params.clone(), counter: Some(counter) };
        let base = self.within(&Signature { results: Vec::new(), ..ty.clone() }, label);
        self.require(&ty.params);
        self.out.extend([I::LocalGet(counter), I::I32Const(1), I::I32Sub, I::LocalTee(counter)]);
        self.out.extend([I::I32Const(0), I::I32GtS, I::BrIf(0)]);
        self.labels.push(Label { types: ty.params.clone(), counter: Some(counter) });
        self.finish_block(&ty.results);
        self.labels.pop();
        self.out.push(I::End);
        self.base = base;
        self.locals[counter as usize] = I32;
    }

    /// Leaves exactly these operands in the block: others become locals or go.
    pub fn finish_block(&mut self, types: &[ValType]) {
        if self.stack[self.base..] == *types {
            return;
        }
        let is_loop = self.labels.last().is_some_and(|label| label.counter.is_some());
        if !is_loop && self.chance(25) {
            // A branch drops the operands below.
            self.require(types);
            self.out.push(I::Br(0));
            self.stack.truncate(self.base);
            return self.stack.extend(types);
        }
        while self.stack.len() > self.base {
            self.discard();
        }
        types.iter().for_each(|ty| self.produce(*ty));
    }

    pub fn discard(&mut self) {
        let ty = self.stack[self.stack.len() - 1];
        match self.local_of(ty) {
            Some(local) if self.chance(70) => {
                if matches!(ty, I32 | I64) && self.chance(50) {
                    self.emit(I::LocalGet(local), 0, &[ty]);
                    self.emit(if ty == I32 { I::I32Xor } else { I::I64Xor }, 2, &[ty]);
                }
                self.emit(I::LocalSet(local), 1, &[]);
            }
            _ => self.emit(I::Drop, 1, &[]),
        }
    }

    /// Takes one round from a loop's counter, so that going back to it ends some day; pushes whether it may.
    pub fn may_go_back(&mut self, counter: u32) {
        self.out.extend([I::LocalGet(counter), I::I32Const(1), I::I32Sub, I::LocalTee(counter)]);
        self.out.extend([I::I32Const(0), I::I32GtS]);
        self.stack.push(I32);
    }

    pub fn branch_if(&mut self) {
        let depth = self.below(self.labels.len());
        let label = &self.labels[self.labels.len() - 1 - depth];
        let (types, counter) = (label.types.clone(), label.counter);
        self.require(&types);
        match counter {
            Some(counter) => self.may_go_back(counter),
            None => self.condition(),
        }
        self.emit(I::BrIf(depth as u32), 1, &[]);
    }

    pub fn branch_table(&mut self) {
        // Only forward, in a block of its own, after which the same values are there.
        let count = self.labels.len();
        let start = self.below(count);
        let chosen = &self.labels[count - 1 - start];
        if chosen.counter.is_some() {
            return;
        }
        let types = chosen.types.clone();
        let same: Vec<u32> = (0..count)
            .filter(|depth| {
                let label = &self.labels[count - 1 - depth];
                label.counter.is_none() && label.types == types
            })
            .map(|depth| depth as u32 + 1)
            .collect();
        let mut targets: Vec<u32> =
            (0..self.below(7)).map(|_| same[self.random.below(same.len())]).collect();
        targets.push(0);
        // The block ends here for one index only.
        let own = self
            .plan
            .functions
            .iter()
            .chain(&self.plan.blocks)
            .position(|ty| ty.params.is_empty() && ty.results == types);
        let block = match (own, &types[..]) {
            (_, []) => BlockType::Empty,
            (_, [one]) => BlockType::Result(*one),
            (Some(ty), _) => BlockType::FunctionType(ty as u32),
            (None, _) => return,
        };
        self.out.push(I::Block(block));
        let base = std::mem::replace(&mut self.base, self.stack.len());
        self.require(&types);
        self.produce(I32);
        let default = if self.chance(70) { 0 } else { same[self.below(same.len())] };
        self.out.push(I::BrTable(targets.into(), default));
        self.stack.truncate(self.base);
        self.stack.extend(&types);
        self.base = base;
        self.out.push(I::End);
    }

    /// An import, or a function before this one.
    pub fn callee(&mut self) -> usize {
        self.random.below(self.plan.functions.len() + self.own)
    }

    pub fn signature(&self, function: usize) -> Signature {
        self.plan.functions[function % self.plan.functions.len()].clone()
    }

    pub fn call(&mut self) {
        let callee = self.callee();
        let ty = self.signature(callee);
        self.require(&ty.params);
        self.emit(I::Call(callee as u32), ty.params.len(), &ty.results);
    }

    pub fn call_indirect(&mut self) {
        let callee = self.callee();
        let ty = self.signature(callee);
        self.require(&ty.params);
        self.index_of(callee);
        let number = callee % self.plan.functions.len();
        let call = I::CallIndirect { type_index: number as u32, table_index: 0 };
        self.emit(call, ty.params.len() + 1, &ty.results);
    }

    /// Pushes the index of a function in the table, not as a constant.
    pub fn index_of(&mut self, function: usize) {
        self.produce(I32);
        self.emit(I::I32Const(0), 0, &[I32]);
        self.emit(I::I32And, 2, &[I32]);
        let index = if self.chance(97) { function } else { self.below(60) };
        self.emit(I::I32Const(index as i32), 0, &[I32]);
        self.emit(I::I32Or, 2, &[I32]);
    }

    /// Leaves the function, in a block of its own that ends by a condition.
    pub fn leave(&mut self) {
        self.condition();
        self.emit(I::If(BlockType::Empty), 1, &[]);
        let base = std::mem::replace(&mut self.base, self.stack.len());
        let results = &self.plan.functions[self.own].results;
        let others: Vec<usize> = (0..self.plan.functions.len() + self.own)
            .filter(|n| self.plan.functions[n % self.plan.functions.len()].results == *results)
            .collect();
        let results = results.clone();
        if !others.is_empty() && self.chance(80) {
            let callee = others[self.below(others.len())];
            let ty = self.signature(callee);
            self.require(&ty.params);
            if self.chance(50) {
                self.out.push(I::ReturnCall(callee as u32));
            } else {
                self.index_of(callee);
                let number = (callee % self.plan.functions.len()) as u32;
                self.out.push(I::ReturnCallIndirect { type_index: number, table_index: 0 });
            }
        } else {
            self.require(&results);
            self.out.push(I::Return);
        }
        self.stack.truncate(self.base);
        self.base = base;
        self.out.push(I::End);
    }
}
