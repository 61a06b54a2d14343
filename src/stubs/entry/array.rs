//! Entry stubs: from an array of values to the argument registers of guest code, and from the results back to such
//! an array. Narrow stubs read and write `wasm_val_t`, wide ones `wasmrt_val_t`.
//!
//! Called as an [`EntryStub`](super::EntryStub): rdi = func, rsi = args, rdx = results, rcx = store. Guest code is
//! called from the entry frame itself, which keeps the address of the results meanwhile. Stack arguments are below
//! the frame and are popped by the callee. References are moved as plain words; the runtime converts them before
//! and after.

use super::frame::{self, EntryRegisters};
use crate::abi::frames::{ENTRY_CONTEXT, ENTRY_WORD, UNCHECKED_ARGS};
use crate::abi::signature::{self, ParamPlace, ResultPlace};
use crate::abi::value::Values;
use crate::abi::vmctx::{
    FUNC_SLOT, FUNC_VMCTX, STORE_OVERFLOW_RESULTS, STORE_STACK_LIMIT, VMCTX_STORE,
};
use crate::asm::registers::{INT_ARG_REGS, INT_RESULT_REGS};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RBP, RCX, RDI, RDX, RSI, RSP, Width, Xmm,
};
use crate::stubs::error::StubError;
use crate::stubs::float_mode::FloatCheck;
use crate::stubs::values::{copy, load_xmm, store_xmm, width};
use crate::types::FuncType;

/// Emits the entry stub of a type, for arrays of these values.
pub fn emit(ty: &FuncType, values: Values, float_check: FloatCheck) -> Result<Vec<u8>, StubError> {
    let positions = ty.params.len() + ty.results.len();
    let mut asm = Assembler::with_capacity(512 + 80 * positions);
    let stack_args = signature::stack_args_size(ty);
    let mut overflow = Label::default();
    asm.load(Width::B64, R10, Mem(RDI, FUNC_SLOT));
    asm.load(Width::B64, RDI, Mem(RDI, FUNC_VMCTX));
    let entry = EntryRegisters { store: RCX, context: RDI, word: RDX, native: false, float_check };
    frame::emit(&mut asm, &entry, |asm| {
        if stack_args > UNCHECKED_ARGS {
            asm.lea(R11, Mem(RSP, -(stack_args as i32)));
            asm.cmp(R11, Mem(RCX, STORE_STACK_LIMIT));
            asm.jump_if(Condition::Below, &mut overflow);
        }
        frame::make_room(asm, stack_args);
        load_args(asm, ty, values);
        frame::call(asm, Mem(R10, 0));
        if !ty.results.is_empty() {
            asm.load(Width::B64, R11, Mem(RBP, ENTRY_WORD));
            store_results(asm, ty, values);
        }
        asm.clear(RAX);
    });
    if stack_args > UNCHECKED_ARGS {
        asm.bind(&mut overflow);
        asm.set_address(RAX, super::overflow::entry_stack_overflow as *const () as usize);
        asm.jump_reg(RAX);
    }
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// From the array at rsi, which is overwritten last.
fn load_args(asm: &mut Assembler, ty: &FuncType, values: Values) {
    let mut args_register = None;
    for (n, (ty, place)) in signature::params(ty).enumerate() {
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
        asm.load(Width::B64, R10, Mem(RBP, ENTRY_CONTEXT));
        asm.load(Width::B64, R10, Mem(R10, VMCTX_STORE));
        asm.load(Width::B64, R10, Mem(R10, STORE_OVERFLOW_RESULTS));
        for (n, (ty, place)) in signature::results(ty).enumerate() {
            if let ResultPlace::Overflow(slot) = place {
                copy(asm, ty, values.payload(R11, n), Mem(R10, 16 * slot as i32), RAX);
            }
        }
    }
}
