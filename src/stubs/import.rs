//! Import stubs: guest code calls one like any function, and it calls the host with arrays of
//! values.
//!
//! Called with rdi = [`VmHostContext`](crate::abi::vmctx::VmHostContext) and the arguments where
//! guest code puts them. Everything lives in the stub's own frame, since the callback may call into
//! the store again, on this stack or another:
//!
//! ```text
//! rbp + 16  stack arguments, popped on return
//! rbp       rbp and return address of the guest frame: what the exit word names
//! -8        the context it was called with, which names the store
//! -16       stack limit of the store at the time of the call
//! -32       arguments: wasm_val_vec_t
//! -48       results: wasm_val_vec_t
//!           values of the results, then of the arguments
//! ```
//! The whole frame is compared with the stack limit before anything in it is touched, so it cannot
//! reach over a guard page.

use super::assembler::{
    Assembler, Condition, INT_ARG_REGS, INT_RESULT_REGS, Label, Mem, R10, R11, RAX, RBP, RCX, RDI,
    RDX, RSI, RSP, Width, Xmm,
};
use super::cache::{ImportKind, StubError};
use super::entry::width;
use super::leave::{
    ReleaseResults, STUB_ARGS, STUB_CONTEXT, STUB_FRAME, STUB_RESULTS, STUB_STACK_LIMIT,
    fail_import, settle,
};
use super::values::{clear, copy, load_xmm, store_xmm};
use crate::abi::TrapCode;
use crate::abi::signature::{self, ParamPlace, ResultPlace};
use crate::abi::value::Values;
use crate::abi::vmctx::{
    HOST_CALLBACK, HOST_ENV, HOST_STORE, STORE_EXIT, STORE_OVERFLOW_RESULTS, STORE_STACK_LIMIT,
};
use crate::types::FuncType;

/// Emits the import stub of a type. `release` is called with results that are not used because the
/// callback failed.
pub fn emit(
    ty: &FuncType,
    kind: ImportKind,
    release: ReleaseResults,
) -> Result<Vec<u8>, StubError> {
    let (params, results) = (ty.params.len(), ty.results.len());
    let mut asm = Assembler::new(512 + 48 * params + 64 * results).ok_or(StubError::OutOfMemory)?;
    let values = kind.values();
    // Rounded up, so that the host finds the stack aligned.
    let frame = (STUB_FRAME + values.stride() * (params + results) as i32 + 15) & !15;
    let release = if kind.is_converted() { 0 } else { release as *const () as usize };
    let mut overflow = Label::default();
    let mut failed = Label::default();
    let mut bad_result = Label::default();
    let mut changed = Label::default();

    open_frame(&mut asm, frame, &mut overflow);
    store_args(&mut asm, ty, values);
    prepare_results(&mut asm, ty, values);
    call_host(&mut asm, kind, params, results);
    asm.test(RAX);
    asm.jump_if(Condition::NotEqual, &mut failed);
    load_store(&mut asm);
    asm.cmp(RBP, Mem(R11, STORE_EXIT));
    asm.jump_if(Condition::NotEqual, &mut changed);
    let settled = asm.here();
    if !kind.is_converted() {
        check_results(&mut asm, ty, params, &mut bad_result);
    }
    load_results(&mut asm, ty, values);
    asm.leave();
    let popped = u16::try_from(signature::stack_args_size(ty));
    asm.ret(popped.map_err(|_| StubError::Unsupported)?);

    asm.bind(changed);
    asm.mov(Width::B64, RDI, R11);
    asm.load(Width::B64, RSI, Mem(RBP, STUB_STACK_LIMIT));
    asm.mov(Width::B64, RDX, RBP);
    asm.set_address(RAX, settle as *const () as usize);
    asm.call(RAX);
    load_store(&mut asm);
    asm.jump_back(settled);

    asm.bind(failed);
    fail(&mut asm, None, release);
    asm.bind(bad_result);
    fail(&mut asm, Some(TrapCode::BadHostResult), release);
    asm.bind(overflow);
    fail(&mut asm, Some(TrapCode::StackOverflow), 0);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// The store into r11, after the host has run.
pub(super) fn load_store(asm: &mut Assembler) {
    asm.load(Width::B64, R11, Mem(RBP, STUB_CONTEXT));
    asm.load(Width::B64, R11, Mem(R11, HOST_STORE));
}

pub(super) fn open_frame(asm: &mut Assembler, frame: i32, overflow: &mut Label) {
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    asm.load(Width::B64, R11, Mem(RDI, HOST_STORE));
    asm.push(RDI);
    asm.lea(RAX, Mem(RBP, -frame));
    asm.load(Width::B64, R10, Mem(R11, STORE_STACK_LIMIT));
    asm.cmp_regs(RAX, R10);
    asm.jump_if(Condition::Below, overflow);
    asm.mov(Width::B64, RSP, RAX);
    asm.store(Mem(RBP, STUB_STACK_LIMIT), R10);
    asm.store(Mem(R11, STORE_EXIT), RBP);
}

/// The values of the arguments start at rsp.
fn store_args(asm: &mut Assembler, ty: &FuncType, values: Values) {
    for (n, (ty, place)) in signature::params(ty).into_iter().enumerate() {
        asm.store_const(Width::B64, values.kind(RSP, n), ty.kind().into());
        match place {
            ParamPlace::Int(i) => {
                let reg = INT_ARG_REGS[i as usize];
                if width(ty) == Width::B32 {
                    asm.mov(Width::B32, reg, reg);
                }
                asm.store(values.payload(RSP, n), reg);
            }
            ParamPlace::Float(i) => store_xmm(asm, ty, values.payload(RSP, n), Xmm(i)),
            ParamPlace::Stack(offset) => {
                copy(asm, ty, values.payload(RSP, n), Mem(RBP, 16 + offset as i32), RAX);
            }
        }
    }
}

fn prepare_results(asm: &mut Assembler, ty: &FuncType, values: Values) {
    for (n, result) in ty.results.iter().enumerate() {
        let n = ty.params.len() + n;
        asm.store_const(Width::B64, values.kind(RSP, n), result.kind().into());
        clear(asm, values, RSP, n);
    }
}

fn call_host(asm: &mut Assembler, kind: ImportKind, params: usize, results: usize) {
    asm.lea(RAX, kind.values().kind(RSP, params));
    if kind.is_converted() {
        asm.mov(Width::B64, RSI, RSP);
        asm.mov(Width::B64, RDX, RAX);
        asm.call_mem(Mem(RDI, HOST_CALLBACK));
        return;
    }
    vector(asm, STUB_ARGS, params, RSP);
    vector(asm, STUB_RESULTS, results, RAX);
    asm.load(Width::B64, RAX, Mem(RDI, HOST_CALLBACK));
    if kind == ImportKind::WithEnv {
        asm.load(Width::B64, RDI, Mem(RDI, HOST_ENV));
        asm.lea(RSI, Mem(RBP, STUB_ARGS));
        asm.lea(RDX, Mem(RBP, STUB_RESULTS));
    } else {
        asm.lea(RDI, Mem(RBP, STUB_ARGS));
        asm.lea(RSI, Mem(RBP, STUB_RESULTS));
    }
    asm.call(RAX);
}

/// A `wasm_val_vec_t`: size and data, or no data.
fn vector(asm: &mut Assembler, at: i32, size: usize, data: super::assembler::Reg) {
    asm.store_const(Width::B64, Mem(RBP, at), size as i32);
    if size == 0 {
        asm.store_const(Width::B64, Mem(RBP, at + 8), 0);
    } else {
        asm.store(Mem(RBP, at + 8), data);
    }
}

fn check_results(asm: &mut Assembler, ty: &FuncType, params: usize, bad: &mut Label) {
    for (n, ty) in ty.results.iter().enumerate() {
        asm.cmp_byte(Mem(RSP, 16 * (params + n) as i32), ty.kind());
        asm.jump_if(Condition::NotEqual, bad);
    }
}

/// The overflow buffer is written first, while a register is free.
fn load_results(asm: &mut Assembler, ty: &FuncType, values: Values) {
    let params = ty.params.len();
    let overflows = |place| matches!(place, ResultPlace::Overflow(_));
    if signature::results(ty).any(|(_, place)| overflows(place)) {
        asm.load(Width::B64, R10, Mem(R11, STORE_OVERFLOW_RESULTS));
    }
    for (n, (ty, place)) in signature::results(ty).enumerate() {
        if let ResultPlace::Overflow(slot) = place {
            copy(asm, ty, Mem(R10, 16 * slot as i32), values.payload(RSP, params + n), RAX);
        }
    }
    for (n, (ty, place)) in signature::results(ty).enumerate() {
        let from = values.payload(RSP, params + n);
        match place {
            ResultPlace::Int(i) => asm.load(width(ty), INT_RESULT_REGS[i as usize], from),
            ResultPlace::Float(i) => load_xmm(asm, ty, Xmm(i), from),
            ResultPlace::Overflow(_) => {}
        }
    }
}

/// Ends the call with a code, or with the trap in rax.
pub(super) fn fail(asm: &mut Assembler, code: Option<TrapCode>, release: usize) {
    asm.mov(Width::B64, RDI, RBP);
    match code {
        None => asm.mov(Width::B64, RSI, RAX),
        Some(code) => {
            asm.clear(RSI);
            asm.set(RDX, code as u32);
        }
    }
    asm.set_address(RCX, release);
    asm.set_address(RAX, fail_import as *const () as usize);
    asm.jump_reg(RAX);
}
