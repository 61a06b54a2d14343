//! Modules in which a few bytes move a thousand values, under limits of address space: they are compiled or
//! refused, and the process never ends. `WASMRT_HOSTILE_CASES` sets how many modules are made; `cargo test --test
//! hostile values`.

use super::c_api::*;
use super::handles::*;
use super::random::Random;
use super::support::skip;
use super::{BASELINE, Host, OPTIMIZED, TIERED, cases, is_foreign};
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction,
    Module, TypeSection, ValType,
};

/// The most results or parameters a type may have.
const WIDTH: usize = 1000;

const NONE_TO_MANY: u32 = 0;
const MANY_TO_MANY: u32 = 1;
const MANY_TO_NONE: u32 = 2;
const NONE_TO_NONE: u32 = 3;

/// A function of that many steps, each of two to ten bytes, most of them with many values.
fn module(seed: u64, steps: usize) -> Vec<u8> {
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
    module.section(&types).section(&functions).section(&code);
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

/// How a process ends that compiles the module with this much more address space: 0 compiled, 1 refused with a
/// reason.
fn outcome(bytes: &[u8], setting: u64, more: usize) -> i32 {
    // SAFETY: the child runs on this thread's copy, and ends without returning.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let limit = (address_space() + more) as u64;
            let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::setrlimit(libc::RLIMIT_CORE, &none);
            let host = Host::compiling(Some(setting));
            libc::setrlimit(libc::RLIMIT_AS, &limit);
            libc::_exit(i32::from(host.compile(bytes).is_err()));
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

#[test]
fn values_that_multiply_do_not_end_the_process_under_any_limit() {
    if is_foreign() {
        return skip("another library may end the process");
    }
    let (mut compiled, mut refused) = (0, 0);
    for seed in 0..cases(16).min(1000) {
        let bytes = module(seed / 2, 20 << (seed / 2 % 6));
        for more in 0..10 {
            // From 1 MiB to 1.4 GiB, at different sizes for each seed.
            let more = (1 << 20 << more) + ((seed as usize % 16) << more << 16);
            let setting = if seed % 2 == 0 { BASELINE } else { OPTIMIZED };
            match outcome(&bytes, setting, more) {
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

/// A function of a hundred blocks, in each of which a thousand values arrive ten times: a million in all.
fn rows_in_blocks() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I64; WIDTH]);
    types.ty().function([], []);
    let (mut make, mut body) = (Function::new([]), Function::new([]));
    make.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
    for _ in 0..100 {
        body.instruction(&Instruction::Block(BlockType::Empty));
        for _ in 0..10 {
            body.instruction(&Instruction::Call(0));
        }
        body.instruction(&Instruction::Br(0)).instruction(&Instruction::End);
    }
    body.instruction(&Instruction::End);
    let mut module = Module::new();
    module
        .section(&types)
        .section(FunctionSection::new().function(0).function(1))
        .section(ExportSection::new().export("run", ExportKind::Func, 1))
        .section(CodeSection::new().function(&make).function(&body));
    module.finish()
}

/// The most bytes that a process has in memory while it compiles the module, beyond those that it had before.
fn peak_memory(bytes: &[u8], setting: u64) -> u64 {
    // SAFETY: the child runs on this thread's copy, and ends without returning.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let host = Host::compiling(Some(setting));
            let before = resident();
            let compiled = host.compile(bytes).map(|module| first_call(&host, &module));
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(libc::RUSAGE_SELF, &mut usage);
            let more = (usage.ru_maxrss as u64 * 1024).saturating_sub(before);
            libc::_exit(if compiled.is_ok() { (more >> 20).min(254) as i32 } else { 255 });
        }
        let mut status = -1;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) < 255, "{status:#x}");
        (libc::WEXITSTATUS(status) as u64) << 20
    }
}

/// Calls the function that the module exports, which traps at once.
fn first_call(host: &Host, module: &Owned<wasm_module_t>) {
    let instance = new_instance(&host.store, module, &[]).expect("an instance");
    let exports = instance_exports(&instance);
    // SAFETY: the export is alive, and a function.
    let run = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
    assert!(call_func(run, &[], &mut []).is_some());
}

/// Bytes that this process has in memory.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("the system tells");
    let pages = pages.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number");
    pages * 4096
}

#[test]
fn a_million_values_in_a_small_function_take_little_memory() {
    if is_foreign() {
        return skip("another library may take more");
    }
    let bytes = rows_in_blocks();
    for setting in [TIERED, BASELINE, OPTIMIZED] {
        let peak = peak_memory(&bytes, setting);
        println!("{} bytes become {} MiB, compiled as {setting}", bytes.len(), peak >> 20);
        assert!(peak <= 150 << 20, "{} MiB, compiled as {setting}", peak >> 20);
    }
}

/// A function that calls another this many times, each with the result of the call before.
fn long_chain(calls: usize) -> Vec<u8> {
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

#[test]
fn a_function_of_very_many_calls_does_not_exhaust_the_stack() {
    let host = Host::new();
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
