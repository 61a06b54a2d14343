//! A body under construction: its operands and labels, values of all kinds, and sums of them.

use super::{FUNCREF, KINDS, NUMBER, NUMBERS, PLACES, SUM, TYPE_OF_NUMBERS, Types, row, zero};
use crate::random::Random;
use wasm_encoder::{
    BlockType, Instruction as I, MemArg, MemArgTarget, RefType,
    ValType::{self, F32, F64, I32, I64, V128},
};

/// Locals: the parameters, then these, one of each kind, others, and counters of loops.
const HASH: u32 = 1;
pub const STEPS: u32 = 2;
const FIRST: u32 = 3;

pub struct Label {
    /// What a branch carries.
    pub types: Vec<ValType>,
    /// For loops, the local that counts down.
    pub counter: Option<u32>,
}

pub struct Body<'a> {
    pub random: &'a mut Random,
    pub types: &'a mut Types,
    pub has_calls: bool,
    pub out: Vec<I<'static>>,
    /// Kinds of the locals after the parameters.
    locals: Vec<ValType>,
    /// Those that anything may be written to, with their kinds.
    free: Vec<(u32, ValType)>,
    /// Operands, those of enclosing blocks too.
    pub stack: Vec<ValType>,
    /// Where the operands of the innermost block begin.
    pub base: usize,
    pub labels: Vec<Label>,
    pub left: usize,
    /// How many `try_table` are open.
    pub tries: usize,
}

impl<'a> Body<'a> {
    /// Locals and instructions of a function that takes an i32 and an i64.
    pub fn make(
        random: &'a mut Random,
        types: &'a mut Types,
        results: &[ValType],
        has_calls: bool,
    ) -> (Vec<ValType>, Vec<I<'static>>) {
        let mut locals = vec![I32];
        locals.extend(types.kinds);
        locals.extend(row(random, &types.kinds, 10));
        let free = (FIRST..).zip(locals[1..].iter().copied()).chain([(0, I32)]).collect();
        let left = 10 + random.below(60);
        let steps = 50 << random.below(6);
        let labels = vec![Label { types: results.to_vec(), counter: None }];
        let (stack, out, base, tries) = (Vec::new(), Vec::new(), 0, 0);
        let mut body =
            Body { random, types, has_calls, out, locals, free, stack, base, labels, left, tries };
        body.out.extend([I::I32Const(steps), I::LocalSet(STEPS)]);
        while body.left > 0 {
            body.statements();
        }
        body.finish_block(results);
        body.out.extend([I::LocalGet(HASH), I::GlobalGet(SUM), I::I64Add, I::GlobalSet(SUM)]);
        (body.locals, body.out)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    pub fn emit(&mut self, instruction: I<'static>, pops: usize, pushes: &[ValType]) {
        self.out.push(instruction);
        self.stack.truncate(self.stack.len() - pops);
        self.stack.extend(pushes);
    }

    pub fn new_counter(&mut self) -> u32 {
        self.locals.push(I32);
        // After the two parameters.
        self.locals.len() as u32 + 1
    }

    pub fn local_of(&mut self, ty: ValType) -> u32 {
        let all: Vec<u32> = self.free.iter().filter(|(_, t)| *t == ty).map(|(n, _)| *n).collect();
        all[self.random.below(all.len())]
    }

    pub fn any_kind(&mut self) -> ValType {
        self.types.kinds[self.random.below(KINDS.len())]
    }

    /// Pushes a value that hardly repeats.
    pub fn changing(&mut self, ty: ValType) {
        self.out.push(I::LocalGet(HASH));
        match ty {
            I32 => self.out.push(I::I32WrapI64),
            F32 => self.out.extend([I::I32WrapI64, I::F32ConvertI32S]),
            F64 => self.out.push(I::F64ConvertI64S),
            V128 => self.out.push(I::I64x2Splat),
            ValType::Ref(reference) => {
                let mask = 1 << self.below(8);
                let function = self.below(NUMBERS as usize) as u32;
                let value = match ty == FUNCREF || reference == NUMBER {
                    true => I::RefFunc(function),
                    false => zero(ty),
                };
                self.out.extend([I::I32WrapI64, I::I32Const(mask), I::I32And]);
                // The condition comes last.
                let condition = self.out.split_off(self.out.len() - 4);
                self.out.extend([value, zero(ty)]);
                self.out.extend(condition);
                self.out.push(I::TypedSelect(ty));
            }
            _ => {}
        }
        self.stack.push(ty);
    }

    pub fn produce(&mut self, ty: ValType) {
        match self.below(10) {
            0..5 => {
                let local = self.local_of(ty);
                self.emit(I::LocalGet(local), 0, &[ty]);
            }
            5 => {
                let global = self.global_of(ty);
                self.emit(I::GlobalGet(global), 0, &[ty]);
            }
            6 => {
                let value = self.random.next() as i64 >> self.random.below(60);
                let constant = match ty {
                    I32 => I::I32Const(value as i32),
                    I64 => I::I64Const(value),
                    V128 => I::V128Const(i128::from(value) << 40 | 3),
                    ValType::Ref(NUMBER) | FUNCREF => I::RefFunc(value as u32 % NUMBERS),
                    ty => zero(ty),
                };
                self.emit(constant, 0, &[ty]);
            }
            _ => self.changing(ty),
        }
    }

    pub fn global_of(&self, ty: ValType) -> u32 {
        self.types.kinds.iter().position(|kind| *kind == ty).expect("a kind") as u32
    }

    /// What the table holds.
    fn element(&self) -> RefType {
        if self.types.is_plain() { RefType::FUNCREF } else { NUMBER }
    }

    /// Makes these types the topmost operands of the block.
    pub fn require(&mut self, types: &[ValType]) {
        if !self.stack[self.base..].ends_with(types) || self.chance(20) {
            types.iter().for_each(|ty| self.produce(*ty));
        }
    }

    /// Pushes an i32 that is zero about every other time, or hardly ever, or nearly always.
    pub fn condition(&mut self) {
        let counters: Vec<u32> = self.labels.iter().filter_map(|label| label.counter).collect();
        match self.below(3) {
            0 if !counters.is_empty() => {
                let counter = counters[self.below(counters.len())];
                self.out.push(I::LocalGet(counter));
            }
            1 => self.out.push(I::LocalGet(STEPS)),
            _ => self.out.extend([I::LocalGet(HASH), I::I32WrapI64]),
        }
        let mask = [1, 1, 2, 3, 7, 15][self.below(6)];
        self.out.extend([I::I32Const(mask), I::I32And]);
        self.stack.push(I32);
        if self.chance(50) {
            self.emit(I::I32Eqz, 1, &[I32]);
        }
    }

    /// Makes one of the two topmost operands, which are of one kind.
    pub fn combine(&mut self, ty: ValType) {
        let other = self.chance(50);
        let instruction = match ty {
            I32 => [I::I32Xor, I::I32Sub][usize::from(other)].clone(),
            I64 => [I::I64Mul, I::I64Sub][usize::from(other)].clone(),
            // Half the difference: it never becomes infinite.
            F32 => {
                self.out.extend([I::F32Sub, I::F32Const(0.5.into())]);
                I::F32Mul
            }
            F64 => {
                self.out.extend([I::F64Sub, I::F64Const(0.5.into())]);
                I::F64Mul
            }
            V128 => [I::V128Xor, I::I32x4Sub][usize::from(other)].clone(),
            ValType::Ref(_) => {
                self.condition();
                return self.emit(I::TypedSelect(ty), 3, &[ty]);
            }
        };
        self.emit(instruction, 2, &[ty]);
    }

    /// Adds the topmost operand to what the function or the module has computed.
    pub fn note(&mut self) {
        let Some(ty) = self.stack.pop() else { return };
        match ty {
            I32 => self.out.push(I::I64ExtendI32U),
            F32 => self.out.extend([I::I32ReinterpretF32, I::I64ExtendI32U]),
            F64 => self.out.push(I::I64ReinterpretF64),
            V128 => {
                let local = self.local_of(ty);
                self.out.extend([I::LocalTee(local), I::I64x2ExtractLane(0)]);
                self.out.extend([I::LocalGet(local), I::I64x2ExtractLane(1), I::I64Xor]);
            }
            ValType::Ref(NUMBER) if self.has_calls => {
                let local = self.local_of(ty);
                self.out.extend([I::LocalSet(local), I::Block(BlockType::Result(I32))]);
                self.out.extend([I::Block(BlockType::Empty), I::LocalGet(local), I::BrOnNull(0)]);
                self.out.extend([I::CallRef(TYPE_OF_NUMBERS), I::Br(1), I::End]);
                self.out.extend([I::I32Const(77), I::End, I::I64ExtendI32U]);
            }
            ValType::Ref(reference) if reference == self.element() => {
                let local = self.local_of(ty);
                self.out.extend([I::LocalSet(local), I::LocalGet(STEPS)]);
                self.out.extend([I::I32Const(PLACES as i32 - 1), I::I32And]);
                return self.out.extend([I::LocalGet(local), I::TableSet(0)]);
            }
            ValType::Ref(_) => self.out.extend([I::RefIsNull, I::I64ExtendI32U]),
            I64 => {}
        }
        match self.below(12) {
            0 => self.out.extend([I::GlobalGet(SUM), I::I64Sub, I::GlobalSet(SUM)]),
            1 => {
                let (local, target) = (self.local_of(I64), MemArgTarget::default());
                let at = MemArg { offset: 0, align: 3, target, ordering: None };
                self.out.extend([I::LocalSet(local), I::LocalGet(STEPS), I::I32Const(0xff8)]);
                self.out.extend([I::I32And, I::LocalGet(local), I::I64Store(at)]);
            }
            _ => {
                self.out.extend([I::LocalGet(HASH), I::I64Const(5), I::I64Rotl]);
                self.out.extend([I::I64Add, I::LocalSet(HASH)]);
            }
        }
    }
}
