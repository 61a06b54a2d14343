//! Entry stubs without arrays of values: C functions `R f(wasmrt function, wasm_trap_t** trap, P...)`.
//!
//! The stub is the C function. It builds the entry frame itself and calls guest code from there, after moving
//! registers; results are in the same registers on both sides. That is only possible while the store's limit is
//! valid for the current stack, which `entry_low` and `entry_end` of the store say. If it is not, and for large
//! argument areas, the slow path stores the arguments in an array and the runtime makes the whole call.

use super::frame::{self, EntryRegisters};
use crate::abi::frames::UNCHECKED_ARGS;
use crate::abi::signature::{self, NativeParams, ParamPlace};
use crate::abi::value::Values;
use crate::abi::vmctx::{
    FUNC_SLOT, FUNC_VMCTX, HOOK_CALL, STORE_ENTRY_END, STORE_ENTRY_LOW, STORE_HOOKS, VMCTX_STORE,
};
use crate::asm::registers::{C_ARG_REGS, INT_ARG_REGS};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RBP, RCX, RDI, RDX, RSI, RSP, Reg, Width, Xmm,
};
use crate::stubs::error::StubError;
use crate::stubs::float_mode::FloatCheck;
use crate::stubs::values::{store_float, width};
use crate::types::FuncType;
use std::arch::naked_asm;

/// Emits the native entry stub of a type: rdi is the function's `VmFunc`, rsi the place for a trap.
pub fn emit(ty: &FuncType, float_check: FloatCheck) -> Result<Vec<u8>, StubError> {
    if !signature::is_native(ty) {
        return Err(StubError::Unsupported);
    }
    let mut asm = Assembler::with_capacity(640 + 96 * ty.params.len());
    let (from, _) = signature::native_params(ty);
    let stack_args = signature::stack_args_size(ty);
    let mut slow_path = Label::default();
    asm.load(Width::B64, R10, Mem(RDI, FUNC_VMCTX));
    asm.load(Width::B64, R11, Mem(R10, VMCTX_STORE));
    if stack_args <= UNCHECKED_ARGS {
        check_stack(&mut asm, &mut slow_path);
        let entry =
            EntryRegisters { store: R11, context: R10, word: RSI, native: true, float_check };
        frame::emit(&mut asm, &entry, |asm| call_guest(asm, ty, &from, stack_args));
    }
    asm.bind(&mut slow_path);
    call_runtime(&mut asm, &from);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// Expects the store in r11.
fn check_stack(asm: &mut Assembler, slow_path: &mut Label) {
    asm.cmp(RSP, Mem(R11, STORE_ENTRY_LOW));
    asm.jump_if(Condition::Below, slow_path);
    asm.cmp(RSP, Mem(R11, STORE_ENTRY_END));
    asm.jump_if(Condition::AboveOrEqual, slow_path);
}

/// Expects the callee's context in r10. C functions have one more hidden integer argument than guest functions, so
/// registers move up, in the order of the parameters.
fn call_guest(asm: &mut Assembler, ty: &FuncType, from: &NativeParams, stack_args: u32) {
    asm.load(Width::B64, R11, Mem(RDI, FUNC_SLOT));
    frame::make_room(asm, stack_args);
    for ((ty, to), (_, from)) in signature::params(ty).zip(from) {
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
            // Floats are already in place.
            _ => {}
        }
    }
    asm.mov(Width::B64, RDI, R10);
    frame::call(asm, Mem(R11, 0));
}

/// The slow path: the runtime makes the whole call. Expects the store in r11.
fn call_runtime(asm: &mut Assembler, from: &NativeParams) {
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    asm.sub(RSP, 16 * from.len() as i32);
    store_args(asm, from, &C_ARG_REGS);
    asm.mov(Width::B64, RDX, RSP);
    asm.mov(Width::B64, RCX, R11);
    asm.set_address(R11, call_slowly as *const () as usize);
    asm.jump_reg(R11);
}

/// Stores the arguments in an array of values at rsp; stack arguments are above the frame.
fn store_args(asm: &mut Assembler, from: &NativeParams, regs: &[Reg]) {
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
