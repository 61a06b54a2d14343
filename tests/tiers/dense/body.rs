//! A body under construction: its operands, locals and labels, and how statements are chosen.

use super::Plan;
use crate::random::Random;
use wasm_encoder::{
    Function, Instruction as I,
    ValType::{self, F32, F64, I32, I64, V128},
};

pub struct Label {
    /// What a branch carries.
    pub types: Vec<ValType>,
    /// For loops, the local that counts down.
    pub counter: Option<u32>,
}

pub struct Body<'a> {
    pub random: &'a mut Random,
    pub plan: &'a Plan,
    pub own: usize,
    pub out: Vec<I<'a>>,
    pub locals: Vec<ValType>,
    /// Types of the operands, those of enclosing blocks too.
    pub stack: Vec<ValType>,
    /// Where the operands of the innermost block begin.
    pub base: usize,
    pub labels: Vec<Label>,
    pub left: usize,
}

pub fn function(random: &mut Random, plan: &Plan, own: usize) -> Function {
    let ty = &plan.functions[own];
    let mut locals = ty.params.clone();
    let extra = [0, 4, 10, 30][random.below(4)];
    let kinds: &[ValType] =
        if random.chance(80) { &[I32, I64] } else { &[I32, I64, F32, F64, V128] };
    locals.extend((0..extra).map(|_| kinds[random.below(kinds.len())]));
    let left = 10 + random.below(150);
    let labels = vec![Label { types: ty.results.clone(), counter: None }];
    let out = Vec::new();
    let mut body =
        Body { random, plan, own, out, locals, stack: Vec::new(), base: 0, labels, left };
    body.statements();
    body.finish_block(&ty.results);
    body.out.push(I::End);
    let extra = body.locals[ty.params.len()..].iter().map(|ty| (1, *ty));
    let mut function = Function::new(extra);
    body.out.iter().for_each(|instruction| {
        function.instruction(instruction);
    });
    function
}

impl Body<'_> {
    pub fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    pub fn emit(&mut self, instruction: I<'static>, pops: usize, pushes: &[ValType]) {
        self.out.push(instruction);
        self.stack.truncate(self.stack.len() - pops);
        self.stack.extend(pushes);
    }

    /// Whether the topmost operands of the block are these.
    pub fn has(&self, types: &[ValType]) -> bool {
        self.stack[self.base..].ends_with(types)
    }

    pub fn local_of(&mut self, ty: ValType) -> Option<u32> {
        let count = self.locals.len();
        let start = self.below(count);
        (0..count).map(|n| (start + n) % count).find(|n| self.locals[*n] == ty).map(|n| n as u32)
    }

    pub fn constant(&mut self, ty: ValType) {
        let edges = [
            0,
            1,
            -1,
            2,
            31,
            32,
            63,
            64,
            255,
            65_535,
            i32::MAX as i64,
            i32::MIN as i64,
            1 << 32,
            i64::MIN,
        ];
        let edge = edges[self.below(edges.len())];
        let value = if self.chance(60) { edge } else { self.random.next() as i64 };
        let instruction = match ty {
            I32 => I::I32Const(value as i32),
            I64 => I::I64Const(value),
            F32 => I::F32Const((value as i32 as f32).into()),
            F64 => I::F64Const((value as f64).into()),
            _ => I::V128Const(i128::from(value) << 32 | 5),
        };
        self.emit(instruction, 0, &[ty]);
    }

    /// Pushes a value of this type.
    pub fn produce(&mut self, ty: ValType) {
        match self.below(10) {
            0..6 => match self.local_of(ty) {
                Some(local) => self.emit(I::LocalGet(local), 0, &[ty]),
                None => self.constant(ty),
            },
            6 | 7 => self.constant(ty),
            _ => match ty {
                I32 | I64 => {
                    let of = self.plan.globals.iter().zip(0..).filter(|(t, _)| **t == ty);
                    let all: Vec<u32> = of.map(|(_, n)| n).collect();
                    let global = all[self.below(all.len())];
                    self.emit(I::GlobalGet(global), 0, &[ty]);
                }
                _ => self.constant(ty),
            },
        }
        if matches!(ty, I32 | I64) && self.chance(40) {
            match self.local_of(ty) {
                Some(local) => self.emit(I::LocalGet(local), 0, &[ty]),
                None => self.constant(ty),
            }
            self.binary(ty);
        }
    }

    /// Makes these types the topmost operands of the block.
    pub fn require(&mut self, types: &[ValType]) {
        if !self.has(types) || self.chance(20) {
            types.iter().for_each(|ty| self.produce(*ty));
        }
    }

    pub fn statements(&mut self) {
        let mut here = 4 + self.below(24);
        while self.left > 0 && here > 0 {
            here -= 1;
            self.left -= 1;
            self.statement();
        }
    }

    pub fn statement(&mut self) {
        match self.below(30) {
            0..3 => {
                let ty = self.locals.get(self.random.below(self.locals.len())).copied();
                // Not the type of counters in use.
                let ty = ty.filter(|ty| *ty != ValType::FUNCREF).unwrap_or(I32);
                self.produce(ty);
            }
            3 => {
                // Many operands at once.
                let ty = if self.chance(50) { I32 } else { I64 };
                let count = 4 + self.below(14);
                for _ in 0..count {
                    self.produce(ty);
                    if self.chance(30) {
                        self.unary(ty);
                    }
                }
                for _ in 1..count {
                    self.binary(ty);
                }
            }
            4..6 => self.set_local(),
            6..12 => self.compute(),
            12 | 13 => self.memory(),
            14 => self.select(),
            15 => self.global(),
            16..18 => self.block(),
            18 | 19 => self.if_else(),
            20 | 21 => self.repeat(),
            22 | 23 => self.branch_if(),
            24 => self.branch_table(),
            25..27 => self.call(),
            27 => self.call_indirect(),
            28 => self.leave(),
            _ => self.rare(),
        }
    }
}
