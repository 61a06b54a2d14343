//! Small modules that ask for a lot. Each may be accepted or refused, as long as there is an answer.

use super::c_api::*;
use super::handles::*;
use super::{BOTH, Host, is_foreign};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, Encode, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, Instruction, MemorySection, MemoryType, Module,
    RawSection, RefType, TableSection, TableType, TypeSection, ValType,
};

/// A module whose only function has these parameters and this body, and is exported.
pub fn one_function(params: &[ValType], body: &Function) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(params.iter().copied(), []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    code.function(body);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    module.finish()
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

#[test]
fn loops_above_many_constants_compile_with_hot_loops() {
    let host = Host::compiling(Some(BOTH));
    assert!(host.compile(&loops_above_constants(16_000)).is_ok());
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

pub fn huge_br_table(targets: usize) -> Vec<u8> {
    let mut body = Function::new([]);
    for _ in 0..8 {
        body.instruction(&Instruction::Block(BlockType::Empty));
    }
    let labels: Vec<u32> = (0..targets as u32).map(|target| target * 31 % 9).collect();
    body.instruction(&Instruction::LocalGet(0))
        .instruction(&Instruction::BrTable(labels.into(), 0));
    for _ in 0..9 {
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

fn with_memory(minimum: u64, memory64: bool) -> Vec<u8> {
    let ty = MemoryType { minimum, maximum: None, memory64, shared: false, page_size_log2: None };
    let mut module = Module::new();
    module.section(MemorySection::new().memory(ty));
    module.finish()
}

fn with_table(minimum: u64, table64: bool) -> Vec<u8> {
    let ty = TableType {
        element_type: RefType::FUNCREF,
        minimum,
        maximum: None,
        table64,
        shared: false,
    };
    let mut module = Module::new();
    module.section(TableSection::new().table(ty));
    module.finish()
}

/// Compiles, instantiates and calls the module; each step may be refused.
fn attack(host: &Host, what: &str, bytes: &[u8]) {
    let module = match host.compile(bytes) {
        Ok(module) => module,
        Err(reason) => return println!("{what}: {reason}"),
    };
    println!("{what}: compiled");
    match new_instance(&host.store, &module, &[]) {
        Ok(instance) => {
            let exports = instance_exports(&instance);
            for &item in exports.items() {
                // SAFETY: the export is alive; casts of NULL and of other kinds give NULL.
                let function = unsafe { (api().wasm_extern_as_func)(item) };
                let mut results = Vector::EMPTY;
                // SAFETY: the function has neither parameters nor results; the vectors are valid.
                let trap = unsafe {
                    (api().wasm_func_call)(function, &Vector::borrowing(&[]), &mut results)
                };
                let trap = Owned::new(trap, api().wasm_trap_delete);
                assert!(
                    trap.is_none_or(|trap| !trap_message(&trap).is_empty()),
                    "{what}: a trap without words"
                );
            }
        }
        Err(message) => assert_ne!(message, NO_TRAP, "{what}: refused without words"),
    }
}

#[test]
fn functions_with_many_locals_get_an_answer() {
    let host = Host::new();
    attack(&host, "50,000 locals", &many_locals(50_000));
    attack(&host, "50,001 locals", &many_locals(50_001));
    attack(&host, "locals times joins", &locals_and_joins(2_000, 2_000));
    attack(&host, "50,000 operands", &deep_operands(50_000));
    let mut body = Function::new([(u32::MAX, ValType::I64), (u32::MAX, ValType::F32)]);
    body.instruction(&Instruction::End);
    assert!(host.compile(&one_function(&[], &body)).is_err());
}

#[test]
fn control_flow_of_any_shape_gets_an_answer() {
    let host = Host::new();
    attack(&host, "a br_table of 65,000", &huge_br_table(65_000));
    // With debug assertions the code generator checks itself in quadratic time.
    let larger = if cfg!(debug_assertions) { 130_000 } else { 1_000_000 };
    attack(&host, "a larger br_table", &huge_br_table(larger));
    attack(&host, "10,000 blocks", &nested_blocks(10_000, &Instruction::Block(BlockType::Empty)));
    attack(&host, "10,000 ifs", &nested_blocks(10_000, &Instruction::If(BlockType::Empty)));
    attack(&host, "100,000 blocks", &nested_blocks(100_000, &Instruction::Block(BlockType::Empty)));
    attack(&host, "a long body", &straight_line(400_000));
    attack(&host, "1,001 parameters", &one_function(&[ValType::F64; 1001], &returning()));
}

#[test]
fn nesting_is_compiled_on_a_thread_with_a_small_stack() {
    if is_foreign() {
        return super::support::skip("another library may overflow such a stack");
    }
    let bytes = nested_blocks(10_000, &Instruction::Block(BlockType::Empty));
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        let host = Host::new();
        attack(&host, "10,000 blocks on 64 KiB", &bytes);
    });
    thread.expect("a thread").join().expect("an answer");
}

#[test]
fn memories_and_tables_of_any_size_get_an_answer() {
    let host = Host::new();
    for pages in [65_535, 65_536, 65_537] {
        attack(&host, "a memory of 4 GiB", &with_memory(pages, false));
    }
    for pages in [1 << 32, 1 << 47, 1 << 48] {
        attack(&host, "a 64-bit memory", &with_memory(pages, true));
    }
    for elements in [10_000_000, 10_000_001, u64::from(u32::MAX)] {
        attack(&host, "a table", &with_table(elements, false));
    }
    for elements in [1 << 32, 1 << 60, u64::MAX] {
        attack(&host, "a 64-bit table", &with_table(elements, true));
    }
}

#[test]
fn counts_without_contents_are_refused() {
    let host = Host::new();
    for id in 1..=13 {
        for count in [1u32, 0x7fff_ffff, u32::MAX] {
            let mut data = Vec::new();
            count.encode(&mut data);
            let mut module = Module::new();
            module.section(&RawSection { id, data: &data });
            let bytes = module.finish();
            // A data count without the segments that it promises is as wrong as the rest.
            host.judge(&bytes, &format!("section {id} with {count} entries"));
            if id != 8 {
                assert!(host.compile(&bytes).is_err(), "section {id} with {count} missing entries");
            }
        }
    }
}

#[test]
fn many_small_things_get_an_answer() {
    let host = Host::new();
    attack(&host, "100,000 functions", &many_functions(100_000));
    let mut globals = GlobalSection::new();
    for _ in 0..100_000 {
        let ty = GlobalType { val_type: ValType::V128, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::v128_const(7));
    }
    attack(&host, "100,000 globals", Module::new().section(&globals).as_slice());
    let mut types = TypeSection::new();
    for number in 0..50_000usize {
        let params =
            (0..17).map(|bit| if number >> bit & 1 == 0 { ValType::I32 } else { ValType::F64 });
        types.ty().function(params, []);
    }
    attack(&host, "50,000 types", Module::new().section(&types).as_slice());
    let mut sum = ConstExpr::i32_const(0);
    for number in 0..20_000 {
        sum = sum.with_i32_const(number).with_i32_add();
    }
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: false, shared: false }, &sum);
    attack(&host, "a long constant expression", Module::new().section(&globals).as_slice());
}

fn returning() -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::End);
    body
}
