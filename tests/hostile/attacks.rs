//! Small modules that ask for a lot. Each may be accepted or refused, as long as there is an answer.

use super::c_api::*;
use super::handles::*;
use super::shapes::*;
use super::{BOTH, Host, TIERED, is_foreign, settings};
use wasm_encoder::{
    BlockType, ConstExpr, Encode, Function, GlobalSection, GlobalType, Instruction, MemorySection,
    MemoryType, Module, RawSection, RefType, TableSection, TableType, TypeSection, ValType,
};

#[test]
fn loops_above_many_constants_compile_with_hot_loops() {
    let host = Host::compiling(BOTH);
    assert!(host.compile(&loops_above_constants(16_000)).is_ok());
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

/// Compiles, instantiates and calls the module, in each way of compiling; each step may be refused.
fn attack(what: &str, bytes: &[u8]) {
    settings().into_iter().for_each(|setting| attack_in(setting, what, bytes));
}

fn attack_in(setting: u64, what: &str, bytes: &[u8]) {
    let host = Host::compiling(setting);
    let module = match host.compile(bytes) {
        Ok(module) => module,
        Err(reason) => return println!("{what}: {reason}"),
    };
    println!("{what}: compiled");
    match new_instance(&host.store, &module, &[]) {
        Ok(instance) => call_exports(&instance, what),
        Err(message) => assert_ne!(message, NO_TRAP, "{what}: refused without words"),
    }
}

/// `WASMRT_TRAP_REFUSED`: the call was wrong, and nothing ran.
const REFUSED: i32 = 21;

/// Calls every function with zeros; none has results.
fn call_exports(instance: &Instance, what: &str) {
    for &item in instance_exports(instance).items() {
        // SAFETY: the export is alive; the cast of another kind gives NULL.
        let function = unsafe { (api().wasm_extern_as_func)(item) };
        if function.is_null() {
            continue;
        }
        if let Some(trap) = call_func(function, &zeros(function), &mut []) {
            assert!(!trap_message(&trap).is_empty(), "{what}: a trap without words");
            // SAFETY: the trap is alive.
            let code = api().wasmrt_trap_code.map(|code| unsafe { code(trap.get()) });
            assert_ne!(code, Some(REFUSED), "{what}: {}", trap_message(&trap));
        }
    }
}

/// Arguments for a function.
fn zeros(function: *const wasm_func_t) -> Vec<wasm_val_t> {
    // SAFETY: the function is alive, and so is its type as long as the vector is used.
    unsafe {
        let ty = Owned::new((api().wasm_func_type)(function), api().wasm_functype_delete);
        let params = (api().wasm_functype_params)(ty.as_ref().expect("a type").get());
        let zero = |ty: &*mut wasm_valtype_t| wasm_val_t {
            kind: (api().wasm_valtype_kind)(*ty),
            of: wasm_val_union { i64: 0 },
        };
        (*params).as_slice().iter().map(zero).collect()
    }
}

#[test]
fn functions_with_many_locals_get_an_answer() {
    attack("50,000 locals", &many_locals(50_000));
    attack("50,001 locals", &many_locals(50_001));
    attack("locals times joins", &locals_and_joins(2_000, 2_000));
    attack("50,000 operands", &deep_operands(50_000));
    let mut body = Function::new([(u32::MAX, ValType::I64), (u32::MAX, ValType::F32)]);
    body.instruction(&Instruction::End);
    for setting in settings() {
        assert!(Host::compiling(setting).compile(&one_function(&[], &body)).is_err());
    }
}

#[test]
fn control_flow_of_any_shape_gets_an_answer() {
    attack("a br_table of 65,000", &branch_table(65_000, 9));
    // With debug assertions the code generator checks itself in quadratic time.
    let larger = if cfg!(debug_assertions) { 130_000 } else { 1_000_000 };
    attack("a larger br_table", &branch_table(larger, 9));
    attack("the largest br_table", &branch_table(LARGEST_TABLE, 9));
    attack("10,000 blocks", &nested_blocks(10_000, &Instruction::Block(BlockType::Empty)));
    attack("10,000 ifs", &nested_blocks(10_000, &Instruction::If(BlockType::Empty)));
    attack("100,000 blocks", &nested_blocks(100_000, &Instruction::Block(BlockType::Empty)));
    attack("a long body", &straight_line(400_000));
    attack("1,001 parameters", &one_function(&[ValType::F64; 1001], &returning()));
}

#[test]
fn nesting_is_compiled_on_a_thread_with_a_small_stack() {
    if is_foreign() {
        return super::support::skip("another library may overflow such a stack");
    }
    let bytes = nested_blocks(10_000, &Instruction::Block(BlockType::Empty));
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        attack("10,000 blocks on 64 KiB", &bytes);
    });
    thread.expect("a thread").join().expect("an answer");
}

#[test]
fn a_hundred_memories_compile_and_run() {
    for setting in settings() {
        let host = Host::compiling(setting);
        let module = host.compile(&many_memories(100)).expect("a valid module");
        let instance = new_instance(&host.store, &module, &[]).expect("an instance");
        for &item in instance_exports(&instance).items() {
            // SAFETY: the export is alive, and a function.
            let function = unsafe { (api().wasm_extern_as_func)(item) };
            let trap = call_func(function, &zeros(function), &mut []);
            assert!(trap.is_none(), "{}", trap_message(&trap.expect("a trap")));
        }
    }
}

#[test]
fn memories_and_tables_of_any_size_get_an_answer() {
    for pages in [65_535, 65_536, 65_537] {
        attack("a memory of 4 GiB", &with_memory(pages, false));
    }
    for pages in [1 << 32, 1 << 47, 1 << 48] {
        attack("a 64-bit memory", &with_memory(pages, true));
    }
    for elements in [10_000_000, 10_000_001, u64::from(u32::MAX)] {
        attack("a table", &with_table(elements, false));
    }
    for elements in [1 << 32, 1 << 60, u64::MAX] {
        attack("a 64-bit table", &with_table(elements, true));
    }
}

#[test]
fn counts_without_contents_are_refused() {
    let host = Host::compiling(TIERED);
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
    attack("100,000 functions", &many_functions(100_000));
    let mut globals = GlobalSection::new();
    for _ in 0..100_000 {
        let ty = GlobalType { val_type: ValType::V128, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::v128_const(7));
    }
    attack("100,000 globals", Module::new().section(&globals).as_slice());
    let mut types = TypeSection::new();
    for number in 0..50_000usize {
        let params =
            (0..17).map(|bit| if number >> bit & 1 == 0 { ValType::I32 } else { ValType::F64 });
        types.ty().function(params, []);
    }
    attack("50,000 types", Module::new().section(&types).as_slice());
    let mut sum = ConstExpr::i32_const(0);
    for number in 0..20_000 {
        sum = sum.with_i32_const(number).with_i32_add();
    }
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: false, shared: false }, &sum);
    attack("a long constant expression", Module::new().section(&globals).as_slice());
}

fn returning() -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::End);
    body
}
