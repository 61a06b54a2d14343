//! Import stubs without arrays of values: the host function is a C function `R f(void* env, wasm_trap_t** trap,
//! P...)`, and the stub only moves registers.
//!
//! The frame is that of any import stub, with the cell for the trap in place of the vectors, and the C function's
//! stack arguments below it.

use super::frame::{FloatModes, ImportFrame, from_slot};
use crate::abi::frames::{IMPORT_FLOAT_RESULT, IMPORT_FRAME, IMPORT_INT_RESULT, IMPORT_TRAP};
use crate::abi::signature::{self, NativeParams, ParamPlace};
use crate::abi::vmctx::{HOST_CALLBACK, HOST_ENV, IMPORT_SLOT};
use crate::asm::registers::{C_ARG_REGS, INT_ARG_REGS};
use crate::asm::x64::{Assembler, Condition, Label, Mem, R10, RAX, RDI, RSI, RSP, Width, Xmm};
use crate::stubs::error::StubError;
use crate::stubs::float_mode::FloatCheck;
use crate::stubs::values::width;
use crate::types::FuncType;

/// Emits the import stub of a type whose host function is a C function of the type's own prototype.
pub fn emit(ty: &FuncType, float_check: FloatCheck) -> Result<Vec<u8>, StubError> {
    if !signature::is_native(ty) {
        return Err(StubError::Unsupported);
    }
    let mut asm = Assembler::with_capacity(640 + 32 * ty.params.len());
    let (to, _) = signature::native_params(ty);
    let mut overflow = Label::default();
    let mut failed = Label::default();
    let mut changed = Label::default();

    let mut float_modes = FloatModes::default();
    let frame = frame(ty);
    frame.open(&mut asm, &mut overflow);
    frame.leave_guest(&mut asm, &mut float_modes);
    asm.store_const(Width::B64, frame.at(IMPORT_TRAP), 0);
    call_host(&mut asm, frame, ty, &to);
    frame.return_to_guest(&mut asm, float_check, &mut float_modes);
    asm.cmp_word(frame.at(IMPORT_TRAP), 0);
    asm.jump_if(Condition::NotEqual, &mut failed);
    frame.check_exit(&mut asm, &mut changed);
    let mut restored = asm.here();
    frame.leave(&mut asm, ty)?;

    asm.bind(&mut changed);
    restore_state(&mut asm, frame);
    asm.jump(&mut restored);
    asm.bind(&mut failed);
    asm.load(Width::B64, RAX, frame.at(IMPORT_TRAP));
    frame.fail(&mut asm, None, 0);
    asm.bind(&mut overflow);
    frame.fail_before(&mut asm);
    float_modes.emit(&mut asm);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// The frame of a type's stub.
pub(super) fn frame(ty: &FuncType) -> ImportFrame {
    let (_, stack_args) = signature::native_params(ty);
    ImportFrame(IMPORT_FRAME + stack_args as i32)
}

/// Registers move down, so the last goes first; the stack arguments before them, through r10.
fn call_host(asm: &mut Assembler, frame: ImportFrame, ty: &FuncType, to: &NativeParams) {
    let from: Vec<_> = signature::params(ty).collect();
    let moves = || from.iter().zip(to).map(|(&(ty, from), to)| (ty, from, to.1));
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
    asm.lea(RSI, frame.at(IMPORT_TRAP));
    asm.load(Width::B64, RAX, Mem(RDI, IMPORT_SLOT));
    asm.load(Width::B64, RDI, Mem(RAX, from_slot(HOST_ENV)));
    asm.call_mem(Mem(RAX, from_slot(HOST_CALLBACK)));
}

/// Restores the state of the store in r11, and preserves the result.
fn restore_state(asm: &mut Assembler, frame: ImportFrame) {
    asm.store(frame.at(IMPORT_INT_RESULT), RAX);
    asm.store_float(Width::B64, frame.at(IMPORT_FLOAT_RESULT), Xmm(0));
    frame.restore_state(asm);
    asm.load(Width::B64, RAX, frame.at(IMPORT_INT_RESULT));
    asm.load_float(Width::B64, Xmm(0), frame.at(IMPORT_FLOAT_RESULT));
}
