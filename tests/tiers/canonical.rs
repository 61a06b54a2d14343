//! Makes all bits of floats determined: behind each operation that may give a NaN, a NaN becomes the canonical one.
//!
//! Which NaN an operation gives is left open, and compilers differ where operands may be swapped. So what programs store
//! could not be compared. Modules by wasm-smith do the same by themselves.

use super::shape::validated;
use wasm_encoder::{CodeSection, Encode, Instruction as I, Module, RawSection, ValType};
use wasmparser::{
    BinaryReader, CompositeInnerType, FunctionBody, Operator, Parser, Payload, types::Types,
};

const CODE: u8 = 10;

/// None if the module is not valid.
pub fn canonical(module: &[u8]) -> Option<Vec<u8>> {
    let types = validated(module)?;
    let (mut canonical, mut code) = (Module::new(), CodeSection::new());
    let mut left = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.ok()?;
        match &payload {
            Payload::CodeSectionStart { count, .. } => left = *count,
            Payload::CodeSectionEntry(body) => {
                let function = types.as_ref().function_count() - left;
                code.raw(&canonical_body(module, body, params(&types, function)?)?);
                left -= 1;
                if left == 0 {
                    canonical.section(&code);
                }
            }
            _ => {
                if let Some((id, range)) = payload.as_section().filter(|(id, _)| *id != CODE) {
                    let data = &module[range.start as usize..range.end as usize];
                    canonical.section(&RawSection { id, data });
                }
            }
        }
    }
    Some(canonical.finish())
}

fn params(types: &Types, function: u32) -> Option<u32> {
    let id = types.as_ref().core_function_at(function);
    match &types[id].composite_type.inner {
        CompositeInnerType::Func(ty) => Some(ty.params().len() as u32),
        _ => None,
    }
}

/// None if an operation is relaxed: what these give is open in other ways.
fn canonical_body(module: &[u8], body: &FunctionBody<'_>, params: u32) -> Option<Vec<u8>> {
    let (mut locals, mut groups) = (params, 0);
    for group in body.get_locals_reader().ok()? {
        locals += group.ok()?.0;
        groups += 1;
    }
    // Locals of our own, behind all others.
    let mut own: Vec<Lanes> = Vec::new();
    let mut code = Vec::new();
    let mut operators = body.get_operators_reader().ok()?;
    let first = operators.original_position() as usize;
    while !operators.eof() {
        let at = operators.original_position() as usize;
        let lanes = may_give_nan(&operators.read().ok()?);
        let operator = &module[at..operators.original_position() as usize];
        if is_relaxed(operator) {
            return None;
        }
        code.extend(operator);
        if let Some(lanes) = lanes {
            let place = own.iter().position(|own| *own == lanes).unwrap_or(own.len());
            if place == own.len() {
                own.push(lanes);
            }
            for instruction in canonicalize(lanes, locals + place as u32) {
                instruction.encode(&mut code);
            }
        }
    }
    let mut whole = Vec::new();
    (groups + own.len() as u32).encode(&mut whole);
    let mut reader = body.get_binary_reader();
    reader.read_var_u32().ok()?;
    whole.extend(&module[reader.original_position() as usize..first]);
    for lanes in own {
        1u32.encode(&mut whole);
        lanes.ty().encode(&mut whole);
    }
    whole.extend(code);
    Some(whole)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lanes {
    F32,
    F64,
    F32x4,
    F64x2,
}

impl Lanes {
    fn ty(self) -> ValType {
        match self {
            Lanes::F32 => ValType::F32,
            Lanes::F64 => ValType::F64,
            Lanes::F32x4 | Lanes::F64x2 => ValType::V128,
        }
    }
}

/// What makes a NaN on the stack the canonical one, with a local of its type.
fn canonicalize(lanes: Lanes, local: u32) -> [I<'static>; 6] {
    let (get, tee) = (I::LocalGet(local), I::LocalTee(local));
    let four = 0x7fc0_0000_7fc0_0000_7fc0_0000_7fc0_0000;
    let two = 0x7ff8_0000_0000_0000_7ff8_0000_0000_0000;
    let (nan, is_number, choose) = match lanes {
        Lanes::F32 => (I::F32Const(f32::NAN.into()), I::F32Eq, I::Select),
        Lanes::F64 => (I::F64Const(f64::NAN.into()), I::F64Eq, I::Select),
        Lanes::F32x4 => (I::V128Const(four), I::F32x4Eq, I::V128Bitselect),
        Lanes::F64x2 => (I::V128Const(two), I::F64x2Eq, I::V128Bitselect),
    };
    [tee, nan, get.clone(), get, is_number, choose]
}

fn is_relaxed(operator: &[u8]) -> bool {
    let mut reader = BinaryReader::new(operator, 0);
    reader.read_u8().is_ok_and(|prefix| prefix == 0xfd)
        && reader.read_var_u32().is_ok_and(|opcode| opcode >= 0x100)
}

fn may_give_nan(operator: &Operator<'_>) -> Option<Lanes> {
    use Operator::*;
    Some(match operator {
        F32Ceil | F32Floor | F32Trunc | F32Nearest | F32Sqrt | F32Add | F32Sub | F32Mul
        | F32Div | F32Min | F32Max | F32DemoteF64 => Lanes::F32,
        F64Ceil | F64Floor | F64Trunc | F64Nearest | F64Sqrt | F64Add | F64Sub | F64Mul
        | F64Div | F64Min | F64Max | F64PromoteF32 => Lanes::F64,
        F32x4Ceil | F32x4Floor | F32x4Trunc | F32x4Nearest | F32x4Sqrt | F32x4Add | F32x4Sub
        | F32x4Mul | F32x4Div | F32x4Min | F32x4Max | F32x4DemoteF64x2Zero => Lanes::F32x4,
        F64x2Ceil | F64x2Floor | F64x2Trunc | F64x2Nearest | F64x2Sqrt | F64x2Add | F64x2Sub
        | F64x2Mul | F64x2Div | F64x2Min | F64x2Max | F64x2PromoteLowF32x4 => Lanes::F64x2,
        _ => return None,
    })
}
