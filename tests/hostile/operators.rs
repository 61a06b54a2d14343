//! The operators whose effect is plain data, from the lists that decoder and validator are made of: one construct for
//! each line of them, in which the operators of the line take turns. A test compares what occurs with all operators
//! that there are.

use super::shapes::{at, one_exported};
use wasm_encoder::{Encode, Function, Instruction, MemArg, ValType};

#[macro_use]
#[path = "../../src/body/opcodes/mod.rs"]
mod opcodes;

/// Operators with the same operands, results and immediates.
pub struct Family {
    list: List,
    /// The numbers in front of a line: an alignment, a number of lanes.
    front: &'static [u8],
    takes: &'static [ValType],
    gives: &'static [ValType],
    operators: &'static [(u32, &'static str)],
}

/// What the operators of a list have in common: prefix and immediates.
#[derive(Clone, Copy, PartialEq)]
enum List {
    Plain,
    Access,
    Numeric,
    Vector,
    VectorAccess,
    Lane,
    LaneAccess,
    Atomic,
}

/// All of them.
pub fn families() -> Vec<Family> {
    let mut all = Vec::new();
    macro_rules! collect {
        (($list:ident) $($($front:literal)* [$($takes:ident)*] => [$($gives:ident)*]:
            $($code:literal $name:ident),*;)*) => {$(
            all.push(Family {
                list: List::$list,
                front: &[$($front),*],
                takes: &[$(ValType::$takes),*],
                gives: &[$(ValType::$gives),*],
                operators: &[$(($code, stringify!($name))),*],
            });
        )*};
    }
    plain!(collect(Plain));
    accesses!(collect(Access));
    plain_numeric!(collect(Numeric));
    plain_vectors!(collect(Vector));
    vector_accesses!(collect(VectorAccess));
    lanes!(collect(Lane));
    lane_accesses!(collect(LaneAccess));
    atomics!(collect(Atomic));
    all
}

/// Of the parameters, one of each type, and the locals.
const ADDRESS: u32 = 5;
const PARAMS: [ValType; 6] =
    [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128, ValType::I32];

/// The parameter of a type.
fn param(ty: ValType) -> u32 {
    PARAMS.iter().position(|other| *other == ty).expect("a type of data") as u32
}

impl Family {
    /// The first and the number of operators.
    pub fn name(&self) -> String {
        let first = self.operators[0].1;
        match self.operators.len() {
            1 => first.to_string(),
            count => format!("{first} and {} more", count - 1),
        }
    }

    /// A module with `count` of them in a function.
    pub fn module(&self, count: usize) -> Vec<u8> {
        let mut body = Function::new([]);
        (0..count).for_each(|number| self.emit(&mut body, number));
        body.instruction(&Instruction::End);
        one_exported(&PARAMS, &body, true)
    }

    /// An operator, whose first operand is loaded and whose results are stored: so nothing is superfluous.
    fn emit(&self, body: &mut Function, number: usize) {
        let place = |align| at(0, number as u64 * 16, align);
        if self.has_address() {
            body.instruction(&Instruction::LocalGet(ADDRESS));
        }
        for (n, ty) in self.takes.iter().enumerate() {
            if n == 0 && !self.has_address() {
                body.instruction(&Instruction::LocalGet(ADDRESS)).instruction(&load(*ty, place(2)));
            } else {
                body.instruction(&Instruction::LocalGet(param(*ty)));
            }
        }
        body.raw(self.bytes(number));
        for ty in self.gives.iter().rev() {
            body.instruction(&Instruction::LocalSet(param(*ty)))
                .instruction(&Instruction::LocalGet(ADDRESS))
                .instruction(&Instruction::LocalGet(param(*ty)))
                .instruction(&store(*ty, place(2)));
        }
    }

    fn has_address(&self) -> bool {
        use List::*;
        matches!(self.list, Access | VectorAccess | LaneAccess | Atomic)
    }

    /// The operator with its immediates.
    fn bytes(&self, number: usize) -> Vec<u8> {
        let opcode = self.operators[number % self.operators.len()].0;
        let mut bytes = Vec::new();
        match self.list {
            List::Plain | List::Access => bytes.push(opcode as u8),
            List::Numeric => bytes.push(0xfc),
            List::Atomic => bytes.push(0xfe),
            _ => bytes.push(0xfd),
        }
        if !matches!(self.list, List::Plain | List::Access) {
            opcode.encode(&mut bytes);
        }
        if self.has_address() {
            bytes.push(self.front[0]);
            (number as u32 * 16).encode(&mut bytes);
        }
        if matches!(self.list, List::Lane | List::LaneAccess) {
            let lanes = self.front[self.front.len() - 1];
            bytes.push((number % usize::from(lanes)) as u8);
        }
        bytes
    }
}

fn load(ty: ValType, place: MemArg) -> Instruction<'static> {
    match ty {
        ValType::I32 => Instruction::I32Load(place),
        ValType::I64 => Instruction::I64Load(place),
        ValType::F32 => Instruction::F32Load(place),
        ValType::F64 => Instruction::F64Load(place),
        _ => Instruction::V128Load(place),
    }
}

fn store(ty: ValType, place: MemArg) -> Instruction<'static> {
    match ty {
        ValType::I32 => Instruction::I32Store(place),
        ValType::I64 => Instruction::I64Store(place),
        ValType::F32 => Instruction::F32Store(place),
        ValType::F64 => Instruction::F64Store(place),
        _ => Instruction::V128Store(place),
    }
}
