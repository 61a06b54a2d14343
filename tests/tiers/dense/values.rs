//! Statements that compute: on locals, operands, memory and tables.

use super::body::Body;
use wasm_encoder::{
    Instruction as I, MemArg, MemArgTarget,
    ValType::{self, F32, F64, I32, I64, V128},
};

const MASK: i32 = 0xfff8;

impl Body<'_> {
    pub fn set_local(&mut self) {
        let Some(ty) = self.stack[self.base..].last().copied() else { return };
        let Some(local) = self.local_of(ty) else { return };
        match self.chance(50) {
            true => self.emit(I::LocalSet(local), 1, &[]),
            false => self.emit(I::LocalTee(local), 1, &[ty]),
        }
    }

    pub fn compute(&mut self) {
        match self.stack[self.base..] {
            [.., one, other] if one == other && matches!(one, I32 | I64) => self.binary(one),
            [.., I32] => match self.below(4) {
                0 => self.emit(I::I64ExtendI32S, 1, &[I64]),
                1 => self.emit(I::I64ExtendI32U, 1, &[I64]),
                _ => self.unary(I32),
            },
            [.., I64] => match self.below(3) {
                0 => self.emit(I::I32WrapI64, 1, &[I32]),
                _ => self.unary(I64),
            },
            [.., F32] => self.emit(I::I32ReinterpretF32, 1, &[I32]),
            [.., F64] => self.emit(I::I64ReinterpretF64, 1, &[I64]),
            [.., V128] => self.emit(I::I64x2ExtractLane(1), 1, &[I64]),
            _ => {
                self.produce(I32);
                self.produce(I32);
                self.binary(I32);
            }
        }
    }

    pub fn unary(&mut self, ty: ValType) {
        let is_32 = ty == I32;
        let pick = |one: I<'static>, other: I<'static>| if is_32 { one } else { other };
        let (instruction, result) = match self.below(7) {
            0 => (pick(I::I32Clz, I::I64Clz), ty),
            1 => (pick(I::I32Ctz, I::I64Ctz), ty),
            2 => (pick(I::I32Popcnt, I::I64Popcnt), ty),
            3 => (pick(I::I32Extend8S, I::I64Extend32S), ty),
            4 => (pick(I::I32Extend16S, I::I64Extend8S), ty),
            5 => {
                self.emit(pick(I::I32Eqz, I::I64Eqz), 1, &[I32]);
                if !is_32 {
                    self.emit(I::I64ExtendI32U, 1, &[I64]);
                }
                return;
            }
            _ => (pick(I::I32Extend8S, I::I64Extend16S), ty),
        };
        self.emit(instruction, 1, &[result]);
    }

    /// An operation of two operands of one type, with a result of that type.
    pub fn binary(&mut self, ty: ValType) {
        let is_32 = ty == I32;
        macro_rules! of {
            ($($one:ident $other:ident),*) => { [$((I::$one, I::$other)),*] };
        }
        let plain = of![
            I32Add I64Add, I32Sub I64Sub, I32Mul I64Mul, I32And I64And, I32Or I64Or, I32Xor I64Xor,
            I32Shl I64Shl, I32ShrS I64ShrS, I32ShrU I64ShrU, I32Rotl I64Rotl, I32Rotr I64Rotr
        ];
        let divisions = of![I32DivS I64DivS, I32DivU I64DivU, I32RemS I64RemS, I32RemU I64RemU];
        let comparisons = of![
            I32Eq I64Eq, I32Ne I64Ne, I32LtS I64LtS, I32LtU I64LtU, I32GtS I64GtS, I32GtU I64GtU,
            I32LeS I64LeS, I32LeU I64LeU, I32GeS I64GeS, I32GeU I64GeU
        ];
        let pick = |(one, other): (I<'static>, I<'static>)| if is_32 { one } else { other };
        match self.below(20) {
            0..13 => {
                let one = plain[self.below(plain.len())].clone();
                self.emit(pick(one), 2, &[ty]);
            }
            13..16 => {
                if self.chance(85) {
                    // Not zero.
                    match is_32 {
                        true => self.emit(I::I32Const(1), 0, &[I32]),
                        false => self.emit(I::I64Const(1), 0, &[I64]),
                    }
                    self.emit(pick((I::I32Or, I::I64Or)), 2, &[ty]);
                }
                let one = divisions[self.below(divisions.len())].clone();
                self.emit(pick(one), 2, &[ty]);
            }
            _ => {
                let one = comparisons[self.below(comparisons.len())].clone();
                self.emit(pick(one), 2, &[I32]);
                if self.chance(20) {
                    self.emit(I::I32Eqz, 1, &[I32]);
                }
                if !is_32 {
                    self.emit(I::I64ExtendI32U, 1, &[I64]);
                }
            }
        }
    }

    /// Turns an i32 or what may be missing into an address.
    pub fn address(&mut self) {
        let index = if self.plan.memory_64 { I64 } else { I32 };
        self.require(&[index]);
        if self.chance(95) {
            match index {
                I32 => {
                    self.emit(I::I32Const(MASK), 0, &[I32]);
                    self.emit(I::I32And, 2, &[I32]);
                }
                _ => {
                    self.emit(I::I64Const(MASK.into()), 0, &[I64]);
                    self.emit(I::I64And, 2, &[I64]);
                }
            }
        }
    }

    pub fn memory(&mut self) {
        let index = if self.plan.memory_64 { I64 } else { I32 };
        let offsets = [0, 1, 4, 7, 100, 0x7fff_fff0, 0xffff_fff0];
        let which = if self.chance(96) { self.below(5) } else { self.below(7) };
        let at = |align| MemArg {
            offset: offsets[which],
            align,
            target: MemArgTarget::default(),
            ordering: None,
        };
        match self.below(14) {
            0 => self.access(I::I32Load(at(2)), I32),
            1 => self.access(I::I32Load8S(at(0)), I32),
            2 => self.access(I::I32Load16U(at(1)), I32),
            3 => self.access(I::I64Load(at(3)), I64),
            4 => self.access(I::I64Load32S(at(2)), I64),
            5 => self.access(I::I64Load32U(at(2)), I64),
            6 => self.access(I::I64Load16S(at(1)), I64),
            n => {
                self.address();
                let ty = if n % 2 == 0 { I32 } else { I64 };
                self.produce(ty);
                let store = match n {
                    7 => I::I64Store(at(3)),
                    8 => I::I32Store(at(2)),
                    9 => I::I64Store32(at(2)),
                    10 => I::I32Store8(at(0)),
                    11 => I::I64Store8(at(0)),
                    12 => I::I32Store16(at(1)),
                    _ => I::I64Store16(at(1)),
                };
                let address = self.stack[self.stack.len() - 2];
                assert_eq!(address, index);
                self.emit(store, 2, &[]);
            }
        }
    }

    pub fn access(&mut self, load: I<'static>, ty: ValType) {
        self.address();
        self.emit(load, 1, &[ty]);
    }

    pub fn select(&mut self) {
        let ty = match self.stack[self.base..] {
            [.., one, other] if one == other => one,
            _ => [I32, I64][self.below(2)],
        };
        self.require(&[ty, ty]);
        self.condition();
        self.emit(I::Select, 3, &[ty]);
    }

    /// Pushes an i32, often a comparison.
    pub fn condition(&mut self) {
        if self.chance(70) {
            let ty = [I32, I64][self.below(2)];
            self.produce(ty);
            self.produce(ty);
            let compare = match (ty, self.below(4)) {
                (I32, 0) => I::I32LtS,
                (I32, 1) => I::I32GeU,
                (I32, 2) => I::I32Eq,
                (I32, _) => I::I32GtU,
                (_, 0) => I::I64LeS,
                (_, 1) => I::I64LtU,
                (_, 2) => I::I64Ne,
                _ => I::I64GtS,
            };
            self.emit(compare, 2, &[I32]);
            if self.chance(20) {
                self.emit(I::I32Eqz, 1, &[I32]);
            }
        } else {
            self.produce(I32);
        }
    }

    pub fn global(&mut self) {
        let Some(ty @ (I32 | I64)) = self.stack[self.base..].last().copied() else { return };
        let of = self.plan.globals.iter().zip(0..).filter(|(t, _)| **t == ty);
        let all: Vec<u32> = of.map(|(_, n)| n).collect();
        let global = all[self.below(all.len())];
        self.emit(I::GlobalSet(global), 1, &[]);
    }

    pub fn rare(&mut self) {
        let index = if self.plan.memory_64 { I64 } else { I32 };
        let small = |n: i32| if index == I32 { I::I32Const(n) } else { I::I64Const(n.into()) };
        match self.below(8) {
            0 => self.emit(I::MemorySize(0), 0, &[index]),
            1 => {
                let pages = self.below(2) as i32;
                self.emit(small(pages), 0, &[index]);
                self.emit(I::MemoryGrow(0), 1, &[index]);
            }
            2 => {
                self.address();
                self.produce(I32);
                let length = self.below(40) as i32;
                self.emit(small(length), 0, &[index]);
                self.emit(I::MemoryFill(0), 3, &[]);
            }
            3 => {
                self.address();
                self.emit(small(100), 0, &[index]);
                let length = self.below(40) as i32;
                self.emit(small(length), 0, &[index]);
                self.emit(I::MemoryCopy { src_mem: 0, dst_mem: 0 }, 3, &[]);
            }
            4 => {
                let at = self.below(20);
                self.index_of(at);
                self.emit(I::TableGet(0), 1, &[]);
                self.stack.push(I64);
                self.emit(I::RefIsNull, 1, &[I32]);
            }
            5 => {
                let (to, from) = (self.below(20) as i32, self.below(10) as i32);
                self.emit(I::I32Const(to), 0, &[I32]);
                self.emit(I::I32Const(from), 0, &[I32]);
                self.out.push(I::TableGet(0));
                self.emit(I::TableSet(0), 2, &[]);
            }
            6 => self.emit(I::TableSize(0), 0, &[I32]),
            _ => {
                let Some(_) = self.stack[self.base..].last() else { return };
                self.emit(I::Drop, 1, &[]);
            }
        }
    }
}
