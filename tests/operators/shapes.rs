//! Functions around an operation: the ways in which operands reach it and its result is used.
//!
//! A function reads the operands from memory, at multiples of 16, and writes what it computes from [`RESULTS`] on.

use super::operations::Operation;
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, InstructionSink,
    MemArg, MemArgTarget, MemorySection, MemoryType, Module, TypeSection, ValType,
};

/// Where results are, and how many bytes.
pub const RESULTS: usize = 64;
pub const RESULT_BYTES: usize = 48;
/// Other values, which must survive.
const OTHERS: i32 = 256;
/// More than there are registers.
const PRESSURE: i32 = 18;

pub const SHAPES: [(&str, Shape); 7] = [
    ("locals", locals),
    ("registers", registers),
    ("slots", slots),
    ("constant", constant),
    ("in place", in_place),
    ("pressure", pressure),
    ("condition", condition),
];

/// Writes the body of a function. `constants` are operands.
type Shape = fn(&mut Function, &Operation, constants: &[u128]);

const AT: MemArg = MemArg { offset: 0, align: 0, target: MemArgTarget::Memory(0), ordering: None };

fn load(f: &mut Function, ty: ValType, address: i32) {
    let mut to = f.instructions();
    to.i32_const(address);
    match ty {
        ValType::I32 => to.i32_load(AT),
        ValType::I64 => to.i64_load(AT),
        ValType::F32 => to.f32_load(AT),
        ValType::F64 => to.f64_load(AT),
        _ => to.v128_load(AT),
    };
}

fn store(f: &mut Function, ty: ValType) {
    let mut to = f.instructions();
    match ty {
        ValType::I32 => to.i32_store(AT),
        ValType::I64 => to.i64_store(AT),
        ValType::F32 => to.f32_store(AT),
        ValType::F64 => to.f64_store(AT),
        _ => to.v128_store(AT),
    };
}

fn load_operands(f: &mut Function, op: &Operation) {
    op.params.iter().zip(0..).for_each(|(ty, i)| load(f, *ty, 16 * i));
}

/// Makes the operands locals, from 0 on.
fn set_locals(f: &mut Function, op: &Operation) {
    for (ty, i) in op.params.iter().zip(0..) {
        load(f, *ty, 16 * i);
        f.instructions().local_set(i as u32);
    }
}

fn get_locals(f: &mut Function, op: &Operation) {
    (0..op.params.len()).for_each(|i| _ = f.instructions().local_get(i as u32));
}

/// Where the result goes.
fn address(f: &mut Function, number: i32) {
    f.instructions().i32_const(RESULTS as i32 + 16 * number);
}

fn locals(f: &mut Function, op: &Operation, _: &[u128]) {
    set_locals(f, op);
    address(f, 0);
    get_locals(f, op);
    f.raw(op.bytes.iter().copied());
    store(f, op.result);
}

fn registers(f: &mut Function, op: &Operation, _: &[u128]) {
    address(f, 0);
    load_operands(f, op);
    f.raw(op.bytes.iter().copied());
    store(f, op.result);
}

/// A call makes them leave their registers.
fn slots(f: &mut Function, op: &Operation, _: &[u128]) {
    address(f, 0);
    load_operands(f, op);
    f.instructions().call(0);
    f.raw(op.bytes.iter().copied());
    store(f, op.result);
}

/// Writes each result with one more operand constant, from the last on, until all are.
fn constant(f: &mut Function, op: &Operation, constants: &[u128]) {
    set_locals(f, op);
    for number in 1..=op.params.len() {
        let first = op.params.len() - number;
        address(f, number as i32 - 1);
        for (i, ty) in op.params.iter().enumerate() {
            match i < first {
                true => _ = f.instructions().local_get(i as u32),
                false => push_constant(&mut f.instructions(), *ty, constants[i]),
            }
        }
        f.raw(op.bytes.iter().copied());
        store(f, op.result);
    }
}

fn push_constant(to: &mut InstructionSink<'_>, ty: ValType, bits: u128) {
    match ty {
        ValType::I32 => to.i32_const(bits as i32),
        ValType::I64 => to.i64_const(bits as i64),
        ValType::F32 => to.f32_const(f32::from_bits(bits as u32).into()),
        ValType::F64 => to.f64_const(f64::from_bits(bits as u64).into()),
        _ => to.v128_const(bits as i128),
    };
}

/// The result replaces a local whose former value is still needed, in a loop, where locals have registers.
fn in_place(f: &mut Function, op: &Operation, _: &[u128]) {
    set_locals(f, op);
    for (local, ty) in (0..).zip(&op.params).filter(|(_, ty)| **ty == op.result) {
        f.instructions().loop_(BlockType::Empty);
        address(f, 1);
        f.instructions().local_get(local);
        get_locals(f, op);
        f.raw(op.bytes.iter().copied());
        f.instructions().local_set(local);
        store(f, *ty);
        address(f, 0);
        f.instructions().local_get(local);
        store(f, *ty);
        f.instructions().end();
    }
}

/// All registers hold other values.
fn pressure(f: &mut Function, op: &Operation, _: &[u128]) {
    let result = op.params.len() as u32;
    set_locals(f, op);
    address(f, 1);
    (0..PRESSURE).for_each(|i| load(f, ValType::V128, OTHERS + 16 * i));
    get_locals(f, op);
    f.raw(op.bytes.iter().copied());
    f.instructions().local_set(result);
    (1..PRESSURE).for_each(|_| _ = f.instructions().v128_xor());
    store(f, ValType::V128);
    address(f, 0);
    f.instructions().local_get(result);
    store(f, op.result);
}

/// A test depends on the result.
fn condition(f: &mut Function, op: &Operation, _: &[u128]) {
    if op.result != ValType::I32 {
        return;
    }
    set_locals(f, op);
    address(f, 0);
    f.instructions().i32_const(7).i32_const(9);
    get_locals(f, op);
    f.raw(op.bytes.iter().copied());
    f.instructions().select();
    store(f, ValType::I32);
    address(f, 1);
    get_locals(f, op);
    f.raw(op.bytes.iter().copied());
    f.instructions().i32_eqz().if_(BlockType::Result(ValType::I32));
    f.instructions().i32_const(1).else_().i32_const(2).end();
    store(f, ValType::I32);
}

/// A module that exports its memory, and then a function of each shape for each operation.
pub fn module(operations: &[Operation], constants: &mut dyn FnMut(ValType) -> u128) -> Vec<u8> {
    let (mut types, mut declared, mut code, mut exports) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new(), ExportSection::new());
    types.ty().function([], []);
    exports.export("memory", ExportKind::Memory, 0);
    let mut add = |body: &mut Function| {
        body.instructions().end();
        declared.function(0);
        code.function(body);
    };
    add(&mut Function::new([]));
    for op in operations {
        let values: Vec<u128> = op.params.iter().map(|ty| constants(*ty)).collect();
        for (_, shape) in SHAPES {
            let locals = op.params.iter().copied().chain([op.result]);
            let mut body = Function::new_with_locals_types(locals);
            shape(&mut body, op, &values);
            add(&mut body);
        }
    }
    for i in 0..(operations.len() * SHAPES.len()) as u32 {
        exports.export(&i.to_string(), ExportKind::Func, i + 1);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&memories).section(&exports).section(&code);
    module.finish()
}
