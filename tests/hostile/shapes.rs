//! Modules of any size, each large in one respect.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function,
    FunctionSection, Instruction, MemArg, MemArgTarget, MemorySection, MemoryType, Module,
    TypeSection, ValType,
};

/// A module whose only function has these parameters and this body, and is exported.
pub fn one_function(params: &[ValType], body: &Function) -> Vec<u8> {
    one_exported(params, body, false)
}

/// The same, if wanted with a memory.
pub fn one_exported(params: &[ValType], body: &Function, with_memory: bool) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(params.iter().copied(), []);
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 0);
    let mut module = Module::new();
    module.section(&types).section(FunctionSection::new().function(0));
    if with_memory {
        module.section(MemorySection::new().memory(memory(1)));
    }
    module.section(&exports).section(CodeSection::new().function(body));
    module.finish()
}

/// The immediates of an access.
pub fn at(memory: u32, offset: u64, align: u32) -> MemArg {
    MemArg { offset, align, target: MemArgTarget::Memory(memory), ordering: None }
}

/// The type of a memory of so many pages.
fn memory(minimum: u64) -> MemoryType {
    MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// `count` locals, each written and read across a loop that keeps them all alive.
pub fn many_locals(count: u32) -> Vec<u8> {
    let mut body = Function::new([(count, ValType::I64)]);
    for local in 0..count {
        body.instruction(&Instruction::I64Const(i64::from(local)))
            .instruction(&Instruction::LocalSet(local));
    }
    body.instruction(&Instruction::Loop(BlockType::Empty));
    for local in 0..count {
        body.instruction(&Instruction::LocalGet(local))
            .instruction(&Instruction::LocalGet((local + 1) % count));
        body.instruction(&Instruction::I64Add).instruction(&Instruction::LocalSet(local));
    }
    body.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::I64Eqz);
    body.instruction(&Instruction::BrIf(0))
        .instruction(&Instruction::End)
        .instruction(&Instruction::End);
    one_function(&[], &body)
}

/// Locals that change while operands deep below are their former values.
pub fn former_values(count: usize) -> Vec<u8> {
    let locals = (count as u32).min(50_000);
    let mut body = Function::new([(locals, ValType::I32)]);
    for operand in 0..2 * count as u32 {
        let local = if operand < locals { operand } else { 0 };
        body.instruction(&Instruction::LocalGet(local));
    }
    for local in 0..locals {
        body.instruction(&Instruction::I32Const(5)).instruction(&Instruction::LocalSet(local));
    }
    (0..2 * count).for_each(|_| _ = body.instruction(&Instruction::Drop));
    body.instruction(&Instruction::End);
    one_function(&[], &body)
}

/// Calls above operands that are locals.
pub fn calls_above_operands(count: usize) -> Vec<u8> {
    let mut body = Function::new([(1, ValType::I32)]);
    (0..count).for_each(|_| _ = body.instruction(&Instruction::LocalGet(0)));
    (0..count).for_each(|_| _ = body.instruction(&Instruction::Call(0)));
    (0..count).for_each(|_| _ = body.instruction(&Instruction::Drop));
    body.instruction(&Instruction::End);
    one_function(&[], &body)
}

/// Loops above operands that are constants.
pub fn loops_above_constants(count: usize) -> Vec<u8> {
    let mut body = Function::new([]);
    (0..count).for_each(|n| _ = body.instruction(&Instruction::I32Const(n as i32)));
    for _ in 0..count {
        body.instruction(&Instruction::Loop(BlockType::Empty)).instruction(&Instruction::End);
    }
    (0..count).for_each(|_| _ = body.instruction(&Instruction::Drop));
    body.instruction(&Instruction::End);
    one_function(&[], &body)
}

/// A branch table that takes a value to many different blocks.
pub fn branch_table_with_value(count: usize) -> Vec<u8> {
    let mut body = Function::new([(1, ValType::I32)]);
    let block = Instruction::Block(BlockType::Result(ValType::I32));
    (0..count).for_each(|_| _ = body.instruction(&block));
    body.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::LocalGet(0));
    body.instruction(&Instruction::BrTable((0..count as u32).collect::<Vec<_>>().into(), 0));
    (0..count).for_each(|_| _ = body.instruction(&Instruction::End));
    body.instruction(&Instruction::Drop).instruction(&Instruction::End);
    one_function(&[], &body)
}

/// Locals that are merged at many joins: the cost is proportional to their product.
pub fn locals_and_joins(locals: u32, joins: u32) -> Vec<u8> {
    let mut body = Function::new([(locals, ValType::I32)]);
    for join in 0..joins {
        body.instruction(&Instruction::LocalGet(join % locals))
            .instruction(&Instruction::If(BlockType::Empty));
        body.instruction(&Instruction::I32Const(join as i32));
        body.instruction(&Instruction::LocalSet((join * 7 + 1) % locals))
            .instruction(&Instruction::End);
    }
    body.instruction(&Instruction::End);
    one_function(&[], &body)
}

/// `count` operands that all live across a loop.
pub fn deep_operands(count: usize) -> Vec<u8> {
    let mut body = Function::new([(1, ValType::I64)]);
    for number in 0..count as i64 {
        body.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::I64Const(number));
        body.instruction(&Instruction::I64Add).instruction(&Instruction::LocalTee(0));
    }
    body.instruction(&Instruction::Loop(BlockType::Empty)).instruction(&Instruction::LocalGet(0));
    body.instruction(&Instruction::I64Eqz)
        .instruction(&Instruction::BrIf(0))
        .instruction(&Instruction::End);
    for _ in 1..count {
        body.instruction(&Instruction::I64Xor);
    }
    body.instruction(&Instruction::Drop).instruction(&Instruction::End);
    one_function(&[], &body)
}

/// More entries do not fit into a body of the size that is allowed.
pub const LARGEST_TABLE: usize = 7_600_000;

/// A branch table of so many entries, which name so many labels in turn.
pub fn branch_table(entries: usize, labels: usize) -> Vec<u8> {
    let mut body = Function::new([]);
    for _ in 1..labels {
        body.instruction(&Instruction::Block(BlockType::Empty));
    }
    let targets: Vec<u32> = (0..entries).map(|entry| (entry * 31 % labels) as u32).collect();
    body.instruction(&Instruction::LocalGet(0))
        .instruction(&Instruction::BrTable(targets.into(), 0));
    for _ in 0..labels {
        body.instruction(&Instruction::End);
    }
    one_function(&[ValType::I32], &body)
}

pub fn nested_blocks(depth: usize, opening: &Instruction<'_>) -> Vec<u8> {
    let mut body = Function::new([]);
    for _ in 0..depth {
        if matches!(opening, Instruction::If(_)) {
            body.instruction(&Instruction::I32Const(1));
        }
        body.instruction(opening);
    }
    body.instruction(&Instruction::Br(depth as u32 - 1));
    for _ in 0..=depth {
        body.instruction(&Instruction::End);
    }
    one_function(&[], &body)
}

/// A long body without any control flow.
pub fn straight_line(instructions: usize) -> Vec<u8> {
    let mut body = Function::new([(2, ValType::I64)]);
    for number in 0..instructions as i64 / 4 {
        body.instruction(&Instruction::LocalGet((number % 2) as u32))
            .instruction(&Instruction::I64Const(number));
        body.instruction(&Instruction::I64Mul)
            .instruction(&Instruction::LocalSet((number / 3 % 2) as u32));
    }
    body.instruction(&Instruction::End);
    one_function(&[], &body)
}

/// Values that are stored, and once more when all were: code that keeps them instead has as many at the same time.
pub fn products_computed_twice(count: usize, with_calls: bool) -> Vec<u8> {
    let mut body = Function::new([]);
    for number in (0..count).chain(0..count) {
        body.instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::I32Const(2 * number as i32 + 1_000_001))
            .instruction(&Instruction::I32Mul)
            .instruction(&Instruction::I32Store(at(0, 4 * (number as u64 % 10_000), 2)));
        if with_calls && number % 8 == 0 {
            body.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::Call(0));
        }
    }
    body.instruction(&Instruction::End);
    one_exported(&[ValType::I32], &body, true)
}

/// Constants that no instruction has in itself, each used twice.
pub fn constants_used_twice(count: usize) -> Vec<u8> {
    let mut body = Function::new([]);
    for number in (0..count).chain(0..count) {
        body.instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::I64Const(0x1234_5678_0000_0000 + number as i64))
            .instruction(&Instruction::I64Store(at(0, 8 * (number as u64 % 5_000), 3)));
    }
    body.instruction(&Instruction::End);
    one_exported(&[ValType::I32], &body, true)
}

pub fn many_functions(count: u32) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for number in 0..count {
        functions.function(0);
        let mut body = Function::new([]);
        body.instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::I32Const(number as i32));
        body.instruction(&Instruction::I32Add).instruction(&Instruction::End);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module.finish()
}

/// A function that calls another this many times, each with the result of the call before.
pub fn long_chain(calls: usize) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let (mut same, mut chain) = (Function::new([]), Function::new([]));
    same.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::End);
    for _ in 0..calls {
        chain.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::Call(0));
        chain.instruction(&Instruction::LocalSet(0));
    }
    chain.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::End);
    let mut module = Module::new();
    module
        .section(&types)
        .section(FunctionSection::new().function(0).function(0))
        .section(ExportSection::new().export("run", ExportKind::Func, 1))
        .section(CodeSection::new().function(&same).function(&chain));
    module.finish()
}

/// So many bytes of data.
pub fn data(bytes: usize) -> Vec<u8> {
    let pages = bytes.div_ceil(65_536) as u64;
    let contents = (0..bytes).map(|at| (at >> 8) as u8 | 1);
    let mut module = Module::new();
    module.section(MemorySection::new().memory(memory(pages))).section(DataSection::new().active(
        0,
        &ConstExpr::i32_const(0),
        contents,
    ));
    module.finish()
}

/// So many memories, each read by every function.
pub fn many_memories(count: u32) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], []);
    let (mut memories, mut functions) = (MemorySection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    for number in 0..count {
        let page_size_log2 = (number % 3 == 0).then_some(0);
        memories.memory(MemoryType { memory64: number % 4 == 0, page_size_log2, ..memory(1) });
    }
    for number in 0..64 {
        let mut body = Function::new([]);
        for memory_index in 0..count {
            body.instruction(&Instruction::LocalGet(0));
            if memory_index % 4 == 0 {
                body.instruction(&Instruction::I64ExtendI32U);
            }
            let place = at(memory_index, 0, 0);
            body.instruction(&Instruction::I32Load8U(place)).instruction(&Instruction::Drop);
        }
        body.instruction(&Instruction::End);
        functions.function(0);
        exports.export(&format!("f{number}"), ExportKind::Func, number);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
    module.finish()
}
