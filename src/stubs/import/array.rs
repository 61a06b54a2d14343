//! Import stubs: guest code calls one like any function, and it calls the host with arrays of values.
//!
//! The arrays are at the low end of the stub's frame: first the arguments, which begin at rsp + 8, then the
//! results. So the arrays begin where arrays from the allocator never do (see [`LENT_OFFSET`]). A host function may
//! replace its vector of results by its own; detecting that takes one comparison.

use super::frame::{FloatModes, ImportFrame, from_slot};
use super::{ImportKind, ResultHooks};
use crate::abi::TrapCode;
use crate::abi::frames::{IMPORT_ARGS, IMPORT_CONTEXT, IMPORT_FRAME, IMPORT_RESULTS};
use crate::abi::signature::{self, ParamPlace, ResultPlace};
use crate::abi::value::{LENT_OFFSET, Values};
use crate::abi::vmctx::{HOST_CALLBACK, HOST_ENV, IMPORT_SLOT, STORE_OVERFLOW_RESULTS};
use crate::asm::registers::{INT_ARG_REGS, INT_RESULT_REGS};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RCX, RDI, RDX, RSI, RSP, Width, Xmm,
};
use crate::stubs::error::StubError;
use crate::stubs::float_mode::FloatCheck;
use crate::stubs::values::{clear, copy, load_xmm, store_xmm, width};
use crate::types::FuncType;

/// Emits the import stub of a type.
pub fn emit(
    ty: &FuncType,
    kind: ImportKind,
    hooks: &ResultHooks,
    float_check: FloatCheck,
) -> Result<Vec<u8>, StubError> {
    let (params, results) = (ty.params.len(), ty.results.len());
    let mut asm = Assembler::with_capacity(640 + 48 * params + 96 * results);
    let values = kind.values();
    let frame = frame(ty, values);
    let release = if kind.is_converted() { 0 } else { hooks.release as *const () as usize };
    let mut overflow = Label::default();
    let mut failed = Label::default();
    let mut bad_results: Vec<Label> = ty.results.iter().map(|_| Label::default()).collect();
    let mut changed = Label::default();
    let mut replaced = Label::default();
    let mut float_modes = FloatModes::default();

    frame.open(&mut asm, &mut overflow);
    frame.leave_guest(&mut asm, &mut float_modes);
    store_args(&mut asm, frame, ty, values);
    prepare_results(&mut asm, ty, values);
    call_host(&mut asm, frame, kind, params, results);
    frame.return_to_guest(&mut asm, float_check, &mut float_modes);
    asm.test(RAX);
    asm.jump_if(Condition::NotEqual, &mut failed);
    if !kind.is_converted() {
        check_replaced(&mut asm, frame, ty, &mut replaced);
    }
    let mut returned = asm.here();
    frame.check_exit(&mut asm, &mut changed);
    let mut restored = asm.here();
    if !kind.is_converted() {
        check_results(&mut asm, ty, params, &mut bad_results);
    }
    load_results(&mut asm, ty, values);
    frame.leave(&mut asm, ty)?;

    asm.bind(&mut changed);
    frame.restore_state(&mut asm);
    frame.load_store(&mut asm);
    asm.jump(&mut restored);

    asm.bind(&mut replaced);
    take_results(&mut asm, frame, ty, hooks.take as *const () as usize);
    asm.test(RAX);
    asm.jump_if(Condition::NotEqual, &mut failed);
    frame.load_store(&mut asm);
    asm.jump(&mut returned);

    asm.bind(&mut failed);
    frame.fail(&mut asm, None, release);
    if !kind.is_converted() && results > 0 {
        refuse_results(&mut asm, frame, ty, bad_results, hooks.refuse as *const () as usize);
        frame.fail_or(&mut asm, TrapCode::BadHostResult, release);
    }
    asm.bind(&mut overflow);
    frame.fail_before(&mut asm);
    float_modes.emit(&mut asm);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// The frame of a type's stub.
pub(super) fn frame(ty: &FuncType, values: Values) -> ImportFrame {
    let arrays = LENT + values.stride() * (ty.params.len() + ty.results.len()) as i32;
    // Rounded up, so that the stack is aligned for the host.
    ImportFrame((IMPORT_FRAME + arrays + 15) & !15)
}

const LENT: i32 = LENT_OFFSET as i32;

/// The n-th value of the arrays.
fn kind_at(values: Values, n: usize) -> Mem {
    let Mem { base, displacement: at, .. } = values.kind(RSP, n);
    Mem(base, at + LENT)
}

/// The payload of the n-th value.
fn payload_at(values: Values, n: usize) -> Mem {
    let Mem { base, displacement: at, .. } = values.payload(RSP, n);
    Mem(base, at + LENT)
}

fn store_args(asm: &mut Assembler, frame: ImportFrame, ty: &FuncType, values: Values) {
    for (n, (ty, place)) in signature::params(ty).enumerate() {
        let payload = payload_at(values, n);
        asm.store_const(Width::B64, kind_at(values, n), ty.kind().into());
        match place {
            ParamPlace::Int(i) => {
                let reg = INT_ARG_REGS[i as usize];
                if width(ty) == Width::B32 {
                    asm.mov(Width::B32, reg, reg);
                }
                asm.store(payload, reg);
            }
            ParamPlace::Float(i) => store_xmm(asm, ty, payload, Xmm(i)),
            ParamPlace::Stack(offset) => {
                copy(asm, ty, payload, frame.at(16 + offset as i32), RAX);
            }
        }
    }
}

fn prepare_results(asm: &mut Assembler, ty: &FuncType, values: Values) {
    for (n, result) in ty.results.iter().enumerate() {
        let n = ty.params.len() + n;
        asm.store_const(Width::B64, kind_at(values, n), result.kind().into());
        clear(asm, values, payload_at(values, n));
    }
}

fn call_host(
    asm: &mut Assembler,
    frame: ImportFrame,
    kind: ImportKind,
    params: usize,
    results: usize,
) {
    let (arg_values, result_values) = (kind_at(kind.values(), 0), kind_at(kind.values(), params));
    if kind.is_converted() {
        asm.load(Width::B64, RAX, Mem(RDI, IMPORT_SLOT));
        asm.lea(RDI, Mem(RAX, from_slot(0)));
        asm.lea(RSI, arg_values);
        asm.lea(RDX, result_values);
        asm.call_mem(Mem(RAX, from_slot(HOST_CALLBACK)));
        return;
    }
    vector(asm, frame.at(IMPORT_ARGS), params, arg_values);
    vector(asm, frame.at(IMPORT_RESULTS), results, result_values);
    asm.load(Width::B64, RAX, Mem(RDI, IMPORT_SLOT));
    if kind == ImportKind::WithEnv {
        asm.load(Width::B64, RDI, Mem(RAX, from_slot(HOST_ENV)));
        asm.lea(RSI, frame.at(IMPORT_ARGS));
        asm.lea(RDX, frame.at(IMPORT_RESULTS));
    } else {
        asm.lea(RDI, frame.at(IMPORT_ARGS));
        asm.lea(RSI, frame.at(IMPORT_RESULTS));
    }
    asm.call_mem(Mem(RAX, from_slot(HOST_CALLBACK)));
}

/// A `wasm_val_vec_t`: size and data, or no data.
fn vector(asm: &mut Assembler, at: Mem, size: usize, data: Mem) {
    asm.store_const(Width::B64, at, size as i32);
    if size == 0 {
        asm.store_const(Width::B64, data_of(at), 0);
    } else {
        asm.lea(RAX, data);
        asm.store(data_of(at), RAX);
    }
}

/// The data of a vector.
fn data_of(vector: Mem) -> Mem {
    vector.plus(8)
}

/// Whether the host has replaced its vector of results.
fn check_replaced(asm: &mut Assembler, frame: ImportFrame, ty: &FuncType, replaced: &mut Label) {
    let data = data_of(frame.at(IMPORT_RESULTS));
    if ty.results.is_empty() {
        asm.cmp_word(data, 0);
    } else {
        asm.lea(R10, kind_at(Values::Narrow, ty.params.len()));
        asm.cmp(R10, data);
    }
    asm.jump_if(Condition::NotEqual, replaced);
}

/// Moves the values of a replaced vector to the expected results. rax is null, or the trap that says why not.
fn take_results(asm: &mut Assembler, frame: ImportFrame, ty: &FuncType, take: usize) {
    asm.load(Width::B64, RDI, frame.at(IMPORT_CONTEXT));
    asm.lea(RSI, frame.at(IMPORT_RESULTS));
    asm.lea(RDX, kind_at(Values::Narrow, ty.params.len()));
    asm.set(RCX, ty.results.len() as u32);
    asm.set_address(RAX, take);
    asm.call(RAX);
}

/// Compares the kind of each result, and jumps to its label if it is wrong.
fn check_results(asm: &mut Assembler, ty: &FuncType, params: usize, bad: &mut [Label]) {
    for (n, (ty, bad)) in ty.results.iter().zip(bad).enumerate() {
        asm.cmp_byte(kind_at(Values::Narrow, params + n), ty.kind());
        asm.jump_if(Condition::NotEqual, bad);
    }
}

/// Where the labels of wrong results are. Afterwards rax is the trap that says what is wrong, or null.
fn refuse_results(
    asm: &mut Assembler,
    frame: ImportFrame,
    ty: &FuncType,
    bad: Vec<Label>,
    refuse: usize,
) {
    let mut all = Label::default();
    for (n, (result, mut bad)) in ty.results.iter().zip(bad).enumerate() {
        asm.bind(&mut bad);
        asm.lea(RSI, kind_at(Values::Narrow, ty.params.len() + n));
        asm.set(RDX, n as u32);
        asm.set(RCX, result.kind().into());
        asm.jump(&mut all);
    }
    asm.bind(&mut all);
    asm.load(Width::B64, RDI, frame.at(IMPORT_CONTEXT));
    asm.set_address(RAX, refuse);
    asm.call(RAX);
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
            copy(asm, ty, Mem(R10, 16 * slot as i32), payload_at(values, params + n), RAX);
        }
    }
    for (n, (ty, place)) in signature::results(ty).enumerate() {
        let from = payload_at(values, params + n);
        match place {
            ResultPlace::Int(i) => asm.load(width(ty), INT_RESULT_REGS[i as usize], from),
            ResultPlace::Float(i) => load_xmm(asm, ty, Xmm(i), from),
            ResultPlace::Overflow(_) => {}
        }
    }
}
