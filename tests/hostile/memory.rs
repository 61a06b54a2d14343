//! How much memory compiling takes where a few bytes of a module become much code.

use super::c_api::*;
use super::handles::*;
use super::support::skip;
use super::values::WIDTH;
use super::{BASELINE, Host, OPTIMIZED, TIERED, is_foreign};
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction,
    Module, TypeSection, ValType,
};

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
            let host = Host::compiling(setting);
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
