//! Entry stubs: from an array of values to the argument registers of guest code, and its results
//! back into such an array. Narrow ones read and write `wasm_val_t`, wide ones `wasmrt_val_t`.
//!
//! Called as an [`EntryStub`](super::enter::EntryStub): rdi = func, rsi = args, rdx = results, rcx =
//! store. Guest code is called from the entry frame itself, a word of which keeps the results
//! meanwhile. Stack arguments lie below the frame and are popped by the callee. References are moved
//! as the words they are; the runtime converts them before and after.

use super::cache::StubError;
use super::enter::{self, Entry};
use super::float_mode::FloatCheck;
use super::values::{copy, load_xmm, store_xmm};
use crate::abi::signature::{self, ParamPlace, ResultPlace};
use crate::abi::value::Values;
use crate::abi::vmctx::{
    FUNC_SLOT, FUNC_VMCTX, STORE_OVERFLOW_RESULTS, STORE_STACK_LIMIT, VMCTX_STORE,
};
use crate::asm::registers::{INT_ARG_REGS, INT_RESULT_REGS};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RBP, RCX, RDI, RDX, RSI, RSP, Width, Xmm,
};
use crate::traps::unwind::{ENTRY_CONTEXT, ENTRY_WORD};
use crate::types::{FuncType, ValType};

/// Emits the entry stub of a type, for arrays of such values.
pub fn emit(ty: &FuncType, values: Values, float_check: FloatCheck) -> Result<Vec<u8>, StubError> {
    let positions = ty.params.len() + ty.results.len();
    let mut asm = Assembler::with_capacity(512 + 80 * positions);
    let stack_args = signature::stack_args_size(ty);
    let mut overflow = Label::default();
    asm.load(Width::B64, R10, Mem(RDI, FUNC_SLOT));
    asm.load(Width::B64, RDI, Mem(RDI, FUNC_VMCTX));
    let entry = Entry { store: RCX, context: RDI, word: RDX, native: false, float_check };
    enter::emit(&mut asm, &entry, |asm| {
        if stack_args > enter::UNCHECKED_ARGS {
            asm.lea(R11, Mem(RSP, -(stack_args as i32)));
            asm.cmp(R11, Mem(RCX, STORE_STACK_LIMIT));
            asm.jump_if(Condition::Below, &mut overflow);
        }
        enter::make_room(asm, stack_args);
        load_args(asm, ty, values);
        enter::call(asm, Mem(R10, 0));
        if !ty.results.is_empty() {
            asm.load(Width::B64, R11, Mem(RBP, ENTRY_WORD as i32));
            store_results(asm, ty, values);
        }
        asm.clear(RAX);
    });
    if stack_args > enter::UNCHECKED_ARGS {
        asm.bind(&mut overflow);
        asm.set_address(RAX, super::builtins::entry_stack_overflow as *const () as usize);
        asm.jump_reg(RAX);
    }
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// How much of a value of this type moves through a register.
pub(super) fn width(ty: ValType) -> Width {
    match ty {
        ValType::I32 | ValType::F32 => Width::B32,
        _ => Width::B64,
    }
}

/// From the array at rsi, which is overwritten last.
fn load_args(asm: &mut Assembler, ty: &FuncType, values: Values) {
    let mut args_register = None;
    for (n, (ty, place)) in signature::params(ty).into_iter().enumerate() {
        match place {
            ParamPlace::Int(i) if INT_ARG_REGS[i as usize] == RSI => args_register = Some((n, ty)),
            ParamPlace::Int(i) => {
                asm.load(width(ty), INT_ARG_REGS[i as usize], values.payload(RSI, n));
            }
            ParamPlace::Float(i) => load_xmm(asm, ty, Xmm(i), values.payload(RSI, n)),
            ParamPlace::Stack(offset) => {
                copy(asm, ty, Mem(RSP, offset as i32), values.payload(RSI, n), R11);
            }
        }
    }
    if let Some((n, ty)) = args_register {
        asm.load(width(ty), RSI, values.payload(RSI, n));
    }
}

/// To the array at r11. Registers first: the overflow values pass through one of them.
fn store_results(asm: &mut Assembler, ty: &FuncType, values: Values) {
    let mut overflows = false;
    for (n, (ty, place)) in signature::results(ty).enumerate() {
        asm.store_const(Width::B64, values.kind(R11, n), ty.kind().into());
        match place {
            ResultPlace::Int(i) => {
                let reg = INT_RESULT_REGS[i as usize];
                if width(ty) == Width::B32 {
                    asm.mov(Width::B32, reg, reg);
                }
                asm.store(values.payload(R11, n), reg);
            }
            ResultPlace::Float(i) => store_xmm(asm, ty, values.payload(R11, n), Xmm(i)),
            ResultPlace::Overflow(_) => overflows = true,
        }
    }
    if overflows {
        asm.load(Width::B64, R10, Mem(RBP, ENTRY_CONTEXT as i32));
        asm.load(Width::B64, R10, Mem(R10, VMCTX_STORE));
        asm.load(Width::B64, R10, Mem(R10, STORE_OVERFLOW_RESULTS));
        for (n, (ty, place)) in signature::results(ty).enumerate() {
            if let ResultPlace::Overflow(slot) = place {
                copy(asm, ty, values.payload(R11, n), Mem(R10, 16 * slot as i32), RAX);
            }
        }
    }
}

/// Writes a float as a payload, upper half zero.
pub(super) fn store_float(asm: &mut Assembler, ty: ValType, to: Mem, from: Xmm) {
    asm.store_float(width(ty), to, from);
    if width(ty) == Width::B32 {
        asm.store_const(Width::B32, Mem(to.0, to.1 + 4), 0);
    }
}
