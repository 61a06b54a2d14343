//! Modules in which a few bytes move a thousand values, under limits of address space: they are compiled or
//! refused, and the process never ends. `WASMRT_HOSTILE_CASES` sets how many modules are made; `cargo test --test
//! hostile values`.

use super::c_api::*;
use super::handles::*;
use super::random::Random;
use super::shapes::{branch_table, long_chain};
use super::support::skip;
use super::{BASELINE, Host, OPTIMIZED, TIERED, cases, is_foreign};
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction,
    Module, TypeSection, ValType,
};

/// The most results or parameters a type may have.
pub const WIDTH: usize = 1000;

const NONE_TO_MANY: u32 = 0;
const MANY_TO_MANY: u32 = 1;
const MANY_TO_NONE: u32 = 2;
const NONE_TO_NONE: u32 = 3;

/// A function of that many steps, each of two to ten bytes, most of them with many values.
pub fn module(seed: u64, steps: usize) -> Vec<u8> {
    let random = &mut Random::new(seed);
    let mut types = TypeSection::new();
    for (params, results) in [(0, WIDTH), (WIDTH, WIDTH), (WIDTH, 0), (0, 0)] {
        let row = |n| (0..n).map(move |i| [ValType::I32, ValType::F64][i / 600 % 2]);
        types.ty().function(row(params), row(results));
    }
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let (mut make, mut pass, mut end) = (Function::new([]), Function::new([]), Function::new([]));
    for i in 0..WIDTH {
        match i / 600 % 2 {
            0 => make.instruction(&Instruction::I32Const(0)),
            _ => make.instruction(&Instruction::F64Const(0.0.into())),
        };
        pass.instruction(&Instruction::LocalGet(i as u32));
    }
    let mut body = Function::new([]);
    let mut many = Vec::from([false]);
    for _ in 0..steps {
        step(&mut body, &mut many, random);
    }
    while !many.is_empty() {
        // A block without results ends after a branch, which consumes its operands.
        body.instruction(&Instruction::Return).instruction(&Instruction::End);
        many.pop();
    }
    for function in [&mut make, &mut pass, &mut end] {
        function.instruction(&Instruction::End);
    }
    for (ty, function) in
        [(NONE_TO_MANY, &make), (MANY_TO_MANY, &pass), (MANY_TO_NONE, &end), (NONE_TO_NONE, &body)]
    {
        functions.function(ty);
        code.function(function);
    }
    let mut module = Module::new();
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 3);
    module.section(&types).section(&functions).section(&exports).section(&code);
    module.finish()
}

/// One more instruction or block. `many` says for each open block whether it is known to have the operands of a row
/// on top; blocks take and leave rows.
fn step(body: &mut Function, many: &mut Vec<bool>, random: &mut Random) {
    let Some(has) = many.last_mut() else { return };
    if !*has {
        *has = true;
        body.instruction(&Instruction::Call(0));
        return;
    }
    let row = BlockType::FunctionType(MANY_TO_MANY);
    match random.next() % 9 {
        0 => _ = body.instruction(&Instruction::Call(1)),
        1 => {
            *has = false;
            body.instruction(&Instruction::Call(2));
        }
        2 => _ = body.instruction(&Instruction::Call(0)),
        3 => _ = body.instruction(&Instruction::Block(row)).instruction(&Instruction::End),
        4 => _ = body.instruction(&Instruction::Loop(row)).instruction(&Instruction::End),
        5 => {
            body.instruction(&Instruction::I32Const(1)).instruction(&Instruction::If(row));
            body.instruction(&Instruction::Else).instruction(&Instruction::End);
        }
        6 => {
            body.instruction(&Instruction::Block(row)).instruction(&Instruction::I32Const(1));
            body.instruction(&Instruction::BrIf(0)).instruction(&Instruction::End);
        }
        7 => {
            for _ in 0..8 {
                body.instruction(&Instruction::Block(row));
            }
            body.instruction(&Instruction::I32Const(3));
            body.instruction(&Instruction::BrTable((0..8).collect::<Vec<u32>>().into(), 0));
            for _ in 0..8 {
                body.instruction(&Instruction::End);
            }
        }
        _ => {
            body.instruction(&Instruction::Block(BlockType::Empty));
            many.push(false);
        }
    }
}

/// How a process ends that does this with so much more address space than after `prepare`.
pub fn outcome<T>(more: usize, prepare: impl Fn() -> T, act: impl Fn(&T) -> i32) -> i32 {
    // SAFETY: the child runs on this thread's copy, and ends without returning.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::setrlimit(libc::RLIMIT_CORE, &none);
            let prepared = prepare();
            let limit = (address_space() + more) as u64;
            let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
            libc::setrlimit(libc::RLIMIT_AS, &limit);
            libc::_exit(act(&prepared));
        }
        let mut status = -1;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        if libc::WIFEXITED(status) {
            libc::WEXITSTATUS(status)
        } else {
            128 + libc::WTERMSIG(status)
        }
    }
}

/// Bytes of address space that this process has.
fn address_space() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("the system tells");
    let pages: usize = pages.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    pages * 4096
}

/// How many steps the module of a seed has.
pub fn steps(seed: u64) -> usize {
    20 << (seed % 6)
}

/// Seeds, each with limits from 1 MiB to 1.4 GiB, which differ between seeds.
pub fn limited() -> impl Iterator<Item = (u64, usize)> {
    let limits =
        |seed: u64| (0..10).map(move |n| (1 << 20 << n) + ((seed as usize % 16) << n << 16));
    (0..cases(16).min(1000)).flat_map(move |seed| limits(seed).map(move |more| (seed, more)))
}

#[test]
fn values_that_multiply_do_not_end_the_process_under_any_limit() {
    if is_foreign() {
        return skip("another library may end the process");
    }
    let (mut compiled, mut refused) = (0, 0);
    for (seed, more) in limited() {
        let bytes = module(seed, steps(seed));
        for setting in [BASELINE, OPTIMIZED] {
            let compile = |host: &Host| i32::from(host.compile(&bytes).is_err());
            match outcome(more, || Host::compiling(setting), compile) {
                0 => compiled += 1,
                1 => refused += 1,
                other => panic!("module {seed} with {more} bytes more: outcome {other}"),
            }
        }
    }
    println!("{compiled} compiled, {refused} refused");
    assert!(compiled > 0 && refused > 0);
}

#[test]
fn large_branch_tables_do_not_end_the_process_under_any_limit() {
    if is_foreign() {
        return skip("another library may end the process");
    }
    let (mut compiled, mut refused) = (0, 0);
    for (entries, labels) in [(10_000, 9), (130_000, 1), (130_000, 9), (60_000, 120)] {
        let bytes = branch_table(entries, labels);
        for more in (1..=16).map(|n| (n * n) << 20) {
            let compile = |host: &Host| i32::from(host.compile(&bytes).is_err());
            match outcome(more, || Host::compiling(OPTIMIZED), compile) {
                0 => compiled += 1,
                1 => refused += 1,
                other => panic!("{entries} entries with {more} bytes more: outcome {other}"),
            }
        }
    }
    println!("{compiled} compiled, {refused} refused");
    assert!(compiled > 0 && refused > 0);
}

#[test]
fn what_takes_too_much_memory_to_be_optimized_is_compiled_all_the_same() {
    if is_foreign() {
        return skip("another library has no such limit");
    }
    let mut outcomes = [0, 0];
    for seed in 0..6 {
        let bytes = module(seed, 20 << seed);
        for memory in [64 << 10, 1 << 20, 10 << 20, 100 << 20] {
            let limit = (WASMRT_OPTION_MAX_COMPILE_MEMORY, memory);
            let compiles = |setting| {
                let host = Host::with_options(&[(WASMRT_OPTION_COMPILE, setting), limit]);
                host.compile(&bytes).is_ok()
            };
            assert_eq!(compiles(BASELINE), compiles(OPTIMIZED), "module {seed}, {memory} bytes");
            outcomes[usize::from(compiles(BASELINE))] += 1;
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}

#[test]
fn a_function_of_very_many_calls_does_not_exhaust_the_stack() {
    let host = Host::compiling(TIERED);
    let module = host.compile(&long_chain(176_000)).expect("a valid module");
    let instance = new_instance(&host.store, &module, &[]).expect("an instance");
    let exports = instance_exports(&instance);
    // SAFETY: the export is alive, and a function.
    let run = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
    let value = |i32| wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32 } };
    let mut results = [value(0)];
    let trap = call_func(run, &[value(5)], &mut results);
    assert!(trap.is_none(), "{}", trap_message(&trap.expect("a trap")));
    // SAFETY: the function returned an i32.
    assert_eq!(unsafe { results[0].of.i32 }, 5);
}
