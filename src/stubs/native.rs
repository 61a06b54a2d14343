//! Calls between host and guest code without arrays of values: both sides see C functions
//! `R f(void* context_or_env, wasm_trap_t** trap, P...)`, and the stubs only move registers.
//!
//! *Into guest code.* The stub is the C function. It builds the entry frame itself and calls guest
//! code from there; results are in the same registers on both sides. That is only right while the
//! store's limit fits the stack in use, which `entry_low` and `entry_end` of the store say. If not,
//! and for large argument areas, the arguments go into an array and the runtime makes the whole call.
//!
//! *Out of guest code.* The import stub's frame is that of `import`, with the cell for the trap in
//! the place of the arrays, and the C function's stack arguments below:
//!
//! ```text
//! -8        the context it was called with, which names the store
//! -16       stack limit of the store at the time of the call
//! -24       the trap of the host function: null
//! -32       integer result, -40 float result: only while the store is put right
//! ```

use super::cache::StubError;
use super::enter::{self, Entry};
use super::entry::{store_float, width};
use super::float_mode::FloatCheck;
use super::import::{FloatModes, Frame};
use super::leave::STUB_FRAME;
use crate::abi::signature::{self, ParamPlace};
use crate::abi::value::Values;
use crate::abi::vmctx::{
    FUNC_SLOT, FUNC_VMCTX, HOOK_CALL, HOST_CALLBACK, HOST_ENV, STORE_ENTRY_END, STORE_ENTRY_LOW,
    STORE_HOOKS, VMCTX_STORE,
};
use crate::asm::registers::{C_ARG_REGS, INT_ARG_REGS};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RBP, RCX, RDI, RDX, RSI, RSP, Reg, Width, Xmm,
};
use crate::types::{FuncType, ValType};
use std::arch::naked_asm;

const TRAP_CELL: i32 = -24;
const INT_RESULT: i32 = -32;
const FLOAT_RESULT: i32 = -40;

type Places = Vec<(ValType, ParamPlace)>;

/// Emits the native entry stub of a type: rdi is the function's `VmFunc`, rsi where a trap goes.
pub fn emit_entry(ty: &FuncType, float_check: FloatCheck) -> Result<Vec<u8>, StubError> {
    if !signature::is_native(ty) {
        return Err(StubError::Unsupported);
    }
    let mut asm = Assembler::with_capacity(640 + 96 * ty.params.len());
    let (from, _) = signature::native_params(ty);
    let stack_args = signature::stack_args_size(ty);
    let mut long_way = Label::default();
    asm.load(Width::B64, R10, Mem(RDI, FUNC_VMCTX));
    asm.load(Width::B64, R11, Mem(R10, VMCTX_STORE));
    if stack_args <= enter::UNCHECKED_ARGS {
        check_stack(&mut asm, &mut long_way);
        let entry = Entry { store: R11, context: R10, word: RSI, native: true, float_check };
        enter::emit(&mut asm, &entry, |asm| call_guest(asm, ty, &from, stack_args));
    }
    asm.bind(&mut long_way);
    call_runtime(&mut asm, &from);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// With the store in r11.
fn check_stack(asm: &mut Assembler, long_way: &mut Label) {
    asm.cmp(RSP, Mem(R11, STORE_ENTRY_LOW));
    asm.jump_if(Condition::Below, long_way);
    asm.cmp(RSP, Mem(R11, STORE_ENTRY_END));
    asm.jump_if(Condition::AboveOrEqual, long_way);
}

/// With the callee's context in r10. C functions have one more hidden integer argument than guest
/// functions, so registers move up, in the order of the parameters.
fn call_guest(asm: &mut Assembler, ty: &FuncType, from: &Places, stack_args: u32) {
    asm.load(Width::B64, R11, Mem(RDI, FUNC_SLOT));
    enter::make_room(asm, stack_args);
    for ((ty, to), (_, from)) in signature::params(ty).into_iter().zip(from) {
        match (to, *from) {
            (ParamPlace::Int(to), ParamPlace::Int(from)) => {
                asm.mov(Width::B64, INT_ARG_REGS[to as usize], C_ARG_REGS[from as usize]);
            }
            (ParamPlace::Int(to), ParamPlace::Stack(at)) => {
                asm.load(width(ty), INT_ARG_REGS[to as usize], Mem(RBP, 16 + at as i32));
            }
            (ParamPlace::Stack(to), ParamPlace::Stack(at)) => {
                asm.load(width(ty), RAX, Mem(RBP, 16 + at as i32));
                asm.store(Mem(RSP, to as i32), RAX);
            }
            // Floats are where they must be.
            _ => {}
        }
    }
    asm.mov(Width::B64, RDI, R10);
    enter::call(asm, Mem(R11, 0));
}

/// The whole call by the runtime, with the store in r11.
fn call_runtime(asm: &mut Assembler, from: &Places) {
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    asm.sub(RSP, 16 * from.len() as i32);
    store_args(asm, from, &C_ARG_REGS);
    asm.mov(Width::B64, RDX, RSP);
    asm.mov(Width::B64, RCX, R11);
    asm.set_address(R11, call_slowly as *const () as usize);
    asm.jump_reg(R11);
}

/// An array of values at rsp; stack arguments lie above the frame.
fn store_args(asm: &mut Assembler, from: &Places, regs: &[Reg]) {
    for (n, (ty, place)) in from.iter().enumerate() {
        asm.store_const(Width::B64, Mem(RSP, 16 * n as i32), ty.kind().into());
        match *place {
            ParamPlace::Int(i) => asm.store(Values::Narrow.payload(RSP, n), regs[i as usize]),
            ParamPlace::Float(i) => store_float(asm, *ty, Values::Narrow.payload(RSP, n), Xmm(i)),
            ParamPlace::Stack(offset) => {
                asm.load(width(*ty), RAX, Mem(RBP, 16 + offset as i32));
                asm.store(Values::Narrow.payload(RSP, n), RAX);
            }
        }
    }
}

/// Jumped to by a native entry stub, in its frame, with the arguments of the hook in their
/// registers.
///
/// # Safety
/// Only native entry stubs jump here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn call_slowly() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rbp, 16",
        ".cfi_offset rbp, -16",
        "mov rax, [rcx + {hooks}]",
        "call [rax + {call}]",
        "movq xmm0, rax",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        hooks = const STORE_HOOKS,
        call = const HOOK_CALL,
    )
}

/// Emits the import stub of a type whose host function is a C function of the type's own prototype.
pub fn emit_import(ty: &FuncType, float_check: FloatCheck) -> Result<Vec<u8>, StubError> {
    if !signature::is_native(ty) {
        return Err(StubError::Unsupported);
    }
    let mut asm = Assembler::with_capacity(640 + 32 * ty.params.len());
    let (to, stack_args) = signature::native_params(ty);
    let mut overflow = Label::default();
    let mut failed = Label::default();
    let mut changed = Label::default();

    let mut float_modes = FloatModes::default();
    let frame = Frame(STUB_FRAME + stack_args as i32);
    frame.open(&mut asm, &mut overflow);
    frame.leave_guest(&mut asm, &mut float_modes);
    asm.store_const(Width::B64, frame.at(TRAP_CELL), 0);
    call_host(&mut asm, frame, ty, &to);
    frame.return_to_guest(&mut asm, float_check, &mut float_modes);
    asm.cmp_word(frame.at(TRAP_CELL), 0);
    asm.jump_if(Condition::NotEqual, &mut failed);
    frame.check_exit(&mut asm, &mut changed);
    let mut settled = asm.here();
    frame.leave(&mut asm, ty)?;

    asm.bind(&mut changed);
    put_right(&mut asm, frame);
    asm.jump(&mut settled);
    asm.bind(&mut failed);
    asm.load(Width::B64, RAX, frame.at(TRAP_CELL));
    frame.fail(&mut asm, None, 0);
    asm.bind(&mut overflow);
    frame.fail_before(&mut asm);
    float_modes.emit(&mut asm);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// Registers move down, so the last goes first; the stack arguments before them, through r10.
fn call_host(asm: &mut Assembler, frame: Frame, ty: &FuncType, to: &Places) {
    let moves =
        || signature::params(ty).into_iter().zip(to).map(|((ty, from), to)| (ty, from, to.1));
    for (ty, from, to) in moves() {
        let ParamPlace::Stack(to) = to else { continue };
        match from {
            ParamPlace::Int(from) => asm.store(Mem(RSP, to as i32), INT_ARG_REGS[from as usize]),
            ParamPlace::Stack(from) => {
                asm.load(width(ty), R10, frame.at(16 + from as i32));
                asm.store(Mem(RSP, to as i32), R10);
            }
            ParamPlace::Float(_) => {}
        }
    }
    for (_, from, to) in moves().rev() {
        if let (ParamPlace::Int(from), ParamPlace::Int(to)) = (from, to) {
            asm.mov(Width::B64, C_ARG_REGS[to as usize], INT_ARG_REGS[from as usize]);
        }
    }
    asm.lea(RSI, frame.at(TRAP_CELL));
    asm.load(Width::B64, RAX, Mem(RDI, HOST_CALLBACK));
    asm.load(Width::B64, RDI, Mem(RDI, HOST_ENV));
    asm.call(RAX);
}

/// Puts the store in r11 right, and keeps the result.
fn put_right(asm: &mut Assembler, frame: Frame) {
    asm.store(frame.at(INT_RESULT), RAX);
    asm.store_float(Width::B64, frame.at(FLOAT_RESULT), Xmm(0));
    frame.settle(asm);
    asm.load(Width::B64, RAX, frame.at(INT_RESULT));
    asm.load_float(Width::B64, Xmm(0), frame.at(FLOAT_RESULT));
}
