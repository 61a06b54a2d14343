//! Import stubs: guest code calls one like any function, and it calls the host with arrays of
//! values.
//!
//! Called with rdi = [`VmHostContext`](crate::abi::vmctx::VmHostContext) and the arguments where
//! guest code puts them. Everything lives in the stub's own frame, since the callback may call into
//! the store again, on this stack or another:
//!
//! ```text
//! +16       stack arguments, popped on return
//! 0         rbp and return address of the guest frame: what the exit word names
//! -8        the context it was called with, which names the store
//! -16       stack limit of the store at the time of the call
//! -32       arguments: wasm_val_vec_t
//! -48       results: wasm_val_vec_t
//!           values of the results, then of the arguments, which begin at rsp + 8
//! ```
//! So the arrays begin where arrays of the allocator never do (see [`LENT_OFFSET`]). A host function
//! may replace its vector of results by one of its own: whether it did is one comparison.
//!
//! The place that these offsets count from is the frame's address. It is in no register: rbp remains
//! that of the guest frame, since to set and load it again would make every call wait for memory.
//! The whole frame is compared with the stack limit before anything in it is touched, so it cannot
//! reach over a guard page.

use super::cache::{ImportKind, StubError};
use super::entry::width;
use super::float_mode::{self, Crossing, FloatCheck};
use super::leave::{
    ResultHooks, STUB_ARGS, STUB_CONTEXT, STUB_FRAME, STUB_RESULTS, STUB_STACK_LIMIT, fail_import,
    settle,
};
use super::values::{clear, copy, load_xmm, store_xmm};
use crate::abi::TrapCode;
use crate::abi::signature::{self, ParamPlace, ResultPlace};
use crate::abi::value::{LENT_OFFSET, Values};
use crate::abi::vmctx::{
    HOST_CALLBACK, HOST_ENV, HOST_STORE, STORE_EXIT, STORE_OVERFLOW_RESULTS, STORE_STACK_LIMIT,
};
use crate::asm::registers::{INT_ARG_REGS, INT_RESULT_REGS};
use crate::asm::x64::{
    Assembler, Condition, Label, Mem, R10, R11, RAX, RBP, RCX, RDI, RDX, RSI, RSP, Width, Xmm,
};
use crate::types::FuncType;

/// Emits the import stub of a type.
pub fn emit(
    ty: &FuncType,
    kind: ImportKind,
    hooks: &ResultHooks,
    float_check: FloatCheck,
) -> Result<Vec<u8>, StubError> {
    let (params, results) = (ty.params.len(), ty.results.len());
    let mut asm = Assembler::with_capacity(640 + 48 * params + 64 * results);
    let values = kind.values();
    let arrays = LENT + values.stride() * (params + results) as i32;
    // Rounded up, so that the host finds the stack aligned.
    let frame = Frame((STUB_FRAME + arrays + 15) & !15);
    let release = if kind.is_converted() { 0 } else { hooks.release as *const () as usize };
    let mut overflow = Label::default();
    let mut failed = Label::default();
    let mut bad_result = Label::default();
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
    let mut settled = asm.here();
    if !kind.is_converted() {
        check_results(&mut asm, ty, params, &mut bad_result);
    }
    load_results(&mut asm, ty, values);
    frame.leave(&mut asm, ty)?;

    asm.bind(&mut changed);
    frame.settle(&mut asm);
    frame.load_store(&mut asm);
    asm.jump(&mut settled);

    asm.bind(&mut replaced);
    take_results(&mut asm, frame, ty, hooks.take as *const () as usize);
    asm.test(RAX);
    asm.jump_if(Condition::NotEqual, &mut failed);
    frame.load_store(&mut asm);
    asm.jump(&mut returned);

    asm.bind(&mut failed);
    frame.fail(&mut asm, None, release);
    asm.bind(&mut bad_result);
    frame.fail(&mut asm, Some(TrapCode::BadHostResult), release);
    asm.bind(&mut overflow);
    frame.fail_before(&mut asm);
    float_modes.emit(&mut asm);
    asm.finish().ok_or(StubError::OutOfMemory)
}

const LENT: i32 = LENT_OFFSET as i32;

/// The rarely taken branches of a stub for hosts with another floating-point mode, and where they
/// return to.
#[derive(Default)]
pub(super) struct FloatModes {
    leaving: Label,
    left: Label,
    returning: Label,
    returned: Label,
}

impl FloatModes {
    pub fn emit(mut self, asm: &mut Assembler) {
        asm.bind(&mut self.leaving);
        float_mode::give_back(asm, RAX);
        asm.jump(&mut self.left);
        asm.bind(&mut self.returning);
        float_mode::take_over(asm, Crossing::Return);
        asm.jump(&mut self.returned);
    }
}

/// The frame of an import stub: how far its address is above the stack pointer.
#[derive(Clone, Copy)]
pub(super) struct Frame(pub i32);

impl Frame {
    /// A place in the frame, while the stack pointer is at its end.
    pub fn at(self, offset: i32) -> Mem {
        Mem(RSP, self.0 + offset)
    }

    pub fn open(self, asm: &mut Assembler, overflow: &mut Label) {
        asm.push(RBP);
        asm.load(Width::B64, R11, Mem(RDI, HOST_STORE));
        asm.lea(RAX, Mem(RSP, -self.0));
        asm.load(Width::B64, R10, Mem(R11, STORE_STACK_LIMIT));
        asm.cmp_regs(RAX, R10);
        asm.jump_if(Condition::Below, overflow);
        asm.store(Mem(R11, STORE_EXIT), RSP);
        asm.sub(RSP, self.0);
        asm.store(self.at(STUB_CONTEXT), RDI);
        asm.store(self.at(STUB_STACK_LIMIT), R10);
    }

    /// Gives the host its floating-point mode, with the store in r11.
    pub fn leave_guest(self, asm: &mut Assembler, modes: &mut FloatModes) {
        float_mode::check_leaving(asm, &mut modes.leaving);
        modes.left = asm.here();
    }

    /// Takes it away again, with the store in r11 from then on. Before anything else, so that whatever
    /// the stub does next, it does in the mode of guest code.
    pub fn return_to_guest(self, asm: &mut Assembler, check: FloatCheck, modes: &mut FloatModes) {
        self.load_store(asm);
        float_mode::check(asm, check, Crossing::Return, &mut modes.returning);
        modes.returned = asm.here();
    }

    /// The store into r11, after the host has run.
    pub fn load_store(self, asm: &mut Assembler) {
        asm.load(Width::B64, R11, self.at(STUB_CONTEXT));
        asm.load(Width::B64, R11, Mem(R11, HOST_STORE));
    }

    /// Whether the exit word is still that of this frame, with the store in r11.
    pub fn check_exit(self, asm: &mut Assembler, changed: &mut Label) {
        asm.lea(R10, self.at(0));
        asm.cmp(R10, Mem(R11, STORE_EXIT));
        asm.jump_if(Condition::NotEqual, changed);
    }

    /// Puts the store right, which is in r11.
    pub fn settle(self, asm: &mut Assembler) {
        asm.mov(Width::B64, RDI, R11);
        asm.load(Width::B64, RSI, self.at(STUB_STACK_LIMIT));
        asm.lea(RDX, self.at(0));
        asm.set_address(RAX, settle as *const () as usize);
        asm.call(RAX);
    }

    /// Returns to guest code.
    pub fn leave(self, asm: &mut Assembler, ty: &FuncType) -> Result<(), StubError> {
        let popped = u16::try_from(signature::stack_args_size(ty));
        asm.add(RSP, self.0 + 8);
        asm.ret(popped.map_err(|_| StubError::Unsupported)?);
        Ok(())
    }

    /// Ends the call with a code, or with the trap in rax.
    pub fn fail(self, asm: &mut Assembler, code: Option<TrapCode>, release: usize) {
        asm.lea(RDI, self.at(0));
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

    /// Ends the call because there is no room for the frame, of which nothing has been written.
    pub fn fail_before(self, asm: &mut Assembler) {
        asm.push(RDI);
        Frame(-STUB_CONTEXT).fail(asm, Some(TrapCode::StackOverflow), 0);
    }
}

/// The n-th value of the arrays.
fn kind_at(values: Values, n: usize) -> Mem {
    let Mem(base, at) = values.kind(RSP, n);
    Mem(base, at + LENT)
}

/// The payload of the n-th value.
fn payload_at(values: Values, n: usize) -> Mem {
    let Mem(base, at) = values.payload(RSP, n);
    Mem(base, at + LENT)
}

fn store_args(asm: &mut Assembler, frame: Frame, ty: &FuncType, values: Values) {
    for (n, (ty, place)) in signature::params(ty).into_iter().enumerate() {
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

fn call_host(asm: &mut Assembler, frame: Frame, kind: ImportKind, params: usize, results: usize) {
    let (arg_values, result_values) = (kind_at(kind.values(), 0), kind_at(kind.values(), params));
    if kind.is_converted() {
        asm.lea(RSI, arg_values);
        asm.lea(RDX, result_values);
        asm.call_mem(Mem(RDI, HOST_CALLBACK));
        return;
    }
    vector(asm, frame.at(STUB_ARGS), params, arg_values);
    vector(asm, frame.at(STUB_RESULTS), results, result_values);
    asm.load(Width::B64, RAX, Mem(RDI, HOST_CALLBACK));
    if kind == ImportKind::WithEnv {
        asm.load(Width::B64, RDI, Mem(RDI, HOST_ENV));
        asm.lea(RSI, frame.at(STUB_ARGS));
        asm.lea(RDX, frame.at(STUB_RESULTS));
    } else {
        asm.lea(RDI, frame.at(STUB_ARGS));
        asm.lea(RSI, frame.at(STUB_RESULTS));
    }
    asm.call(RAX);
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
    Mem(vector.0, vector.1 + 8)
}

/// Whether the host has put another vector in the place of its results.
fn check_replaced(asm: &mut Assembler, frame: Frame, ty: &FuncType, replaced: &mut Label) {
    let data = data_of(frame.at(STUB_RESULTS));
    if ty.results.is_empty() {
        asm.cmp_word(data, 0);
    } else {
        asm.lea(R10, kind_at(Values::Narrow, ty.params.len()));
        asm.cmp(R10, data);
    }
    asm.jump_if(Condition::NotEqual, replaced);
}

/// Has the values of a replaced vector moved to where the results are expected. The trap that says why
/// not, or null, is in rax.
fn take_results(asm: &mut Assembler, frame: Frame, ty: &FuncType, take: usize) {
    asm.load(Width::B64, RDI, frame.at(STUB_CONTEXT));
    asm.lea(RSI, frame.at(STUB_RESULTS));
    asm.lea(RDX, kind_at(Values::Narrow, ty.params.len()));
    asm.set(RCX, ty.results.len() as u32);
    asm.set_address(RAX, take);
    asm.call(RAX);
}

fn check_results(asm: &mut Assembler, ty: &FuncType, params: usize, bad: &mut Label) {
    for (n, ty) in ty.results.iter().enumerate() {
        asm.cmp_byte(kind_at(Values::Narrow, params + n), ty.kind());
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
