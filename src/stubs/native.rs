//! Calls between host and guest code without arrays of values: both sides see C functions
//! `R f(void* context_or_env, wasm_trap_t** trap, P...)`, and the stubs only move registers.
//!
//! *Into guest code.* The stub is the C function. It builds the entry frame itself and calls guest
//! code from there; results are in the same registers on both sides. That is only right while the
//! store's limit fits the stack in use, which `entry_low` and its neighbours of the store say. If
//! not, and for large argument areas, the arguments go into an array and the runtime makes the whole
//! call. A guest frame returns to the mark [`NATIVE_RETURN`], by which walks know the entry frame.
//!
//! *Out of guest code.* The import stub's frame is that of `import`, with the cell for the trap in
//! the place of the arrays, and the C function's stack arguments below:
//!
//! ```text
//! -8        store
//! -16       stack limit of the store at the time of the call
//! -24       the trap of the host function: null
//! -32       integer result, -40 float result: only while the store is put right
//! ```
//! What must stay true: after the runtime has ended a call it may have freed the engine, so nothing
//! returns into a stub from there; the ends of those paths are here, in the library's own code.

use super::assembler::{
    Assembler, C_ARG_REGS, Condition, INT_ARG_REGS, Label, Mem, R10, R11, R12, R13, R14, R15, RAX,
    RBP, RBX, RCX, RDI, RDX, RSI, RSP, Reg, Width, Xmm,
};
use super::cache::StubError;
use super::entry::{store_float, width};
use super::import;
use super::leave::{STUB_FRAME, STUB_STACK_LIMIT, STUB_STORE, settle};
use crate::abi::TrapCode;
use crate::abi::signature::{self, ParamPlace};
use crate::abi::value::Values;
use crate::abi::vmctx::{
    FUNC_SLOT, FUNC_VMCTX, HOST_CALLBACK, HOST_ENV, NATIVE_CALL, NATIVE_END, NATIVE_TRAPPED,
    STORE_CONDEMNED, STORE_ENTRY_LIMIT, STORE_ENTRY_LOW, STORE_ENTRY_SIZE, STORE_EXIT_FP,
    STORE_EXIT_PC, STORE_LAST_ENTRY, STORE_NATIVE, STORE_STACK_LIMIT, VMCTX_STORE,
};
use crate::traps::unwind::{
    ENTRY_EXIT_FP, ENTRY_EXIT_PC, ENTRY_FRAME, ENTRY_NATIVE, ENTRY_PREVIOUS, ENTRY_STORE,
    EntryFrame, NATIVE_RETURN,
};
use crate::types::{FuncType, ValType};
use std::arch::naked_asm;

/// Argument areas up to this size need no look at the stack limit: the callee checks it, and the
/// reserve below it is larger.
const UNCHECKED_ARGS: u32 = 1024;

const TRAP_CELL: i32 = -24;
const INT_RESULT: i32 = -32;
const FLOAT_RESULT: i32 = -40;

type Places = Vec<(ValType, ParamPlace)>;

/// Emits the native entry stub of a type: rdi is the function's `VmFunc`, rsi where a trap goes.
pub fn emit_entry(ty: &FuncType) -> Result<Vec<u8>, StubError> {
    if !signature::is_native(ty) {
        return Err(StubError::Unsupported);
    }
    let mut asm = Assembler::new(512 + 64 * ty.params.len()).ok_or(StubError::OutOfMemory)?;
    let (from, _) = signature::native_params(ty);
    let stack_args = signature::stack_args_size(ty);
    let mut long_way = Label::default();
    let mut end = Label::default();
    asm.load(Width::B64, R11, Mem(RDI, FUNC_VMCTX));
    asm.load(Width::B64, R10, Mem(R11, VMCTX_STORE));
    if stack_args <= UNCHECKED_ARGS {
        check_stack(&mut asm, &mut long_way);
        open_entry(&mut asm);
        call_guest(&mut asm, ty, &from, stack_args);
        close_entry(&mut asm, &mut end);
        asm.bind(end);
        asm.set_address(R11, end_slowly as *const () as usize);
        asm.jump_reg(R11);
    }
    asm.bind(long_way);
    call_runtime(&mut asm, &from);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// With the store in r10.
fn check_stack(asm: &mut Assembler, long_way: &mut Label) {
    asm.mov(Width::B64, RAX, RSP);
    asm.sub_mem(RAX, Mem(R10, STORE_ENTRY_LOW));
    asm.cmp(RAX, Mem(R10, STORE_ENTRY_SIZE));
    asm.jump_if(Condition::AboveOrEqual, long_way);
    asm.load(Width::B64, RAX, Mem(R10, STORE_ENTRY_LIMIT));
    asm.cmp(RAX, Mem(R10, STORE_STACK_LIMIT));
    asm.jump_if(Condition::NotEqual, long_way);
}

/// The entry frame, as drawn in `traps::unwind`.
fn open_entry(asm: &mut Assembler) {
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    asm.lea(RAX, Mem(RSI, 1));
    for reg in [RBX, R12, R13, R14, R15, R10] {
        asm.push(reg);
    }
    asm.push_mem(Mem(R10, STORE_EXIT_FP));
    asm.push_mem(Mem(R10, STORE_EXIT_PC));
    asm.push_mem(Mem(R10, STORE_LAST_ENTRY));
    asm.push(RAX);
    asm.store(Mem(R10, STORE_LAST_ENTRY), RBP);
}

/// With the callee's context in r11. C functions have one more hidden integer argument than guest
/// functions, so registers move up, in the order of the parameters.
fn call_guest(asm: &mut Assembler, ty: &FuncType, from: &Places, stack_args: u32) {
    asm.load(Width::B64, R10, Mem(RDI, FUNC_SLOT));
    if stack_args > 0 {
        asm.sub(RSP, stack_args as i32);
    }
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
    asm.mov(Width::B64, RDI, R11);
    asm.call_mem(Mem(R10, 0));
    asm.mark(NATIVE_RETURN);
}

/// The result stays in rax or xmm0.
fn close_entry(asm: &mut Assembler, end: &mut Label) {
    let frame = |offset| Mem(RBP, offset as i32);
    asm.load(Width::B64, R10, frame(ENTRY_STORE));
    asm.cmp(RBP, Mem(R10, STORE_LAST_ENTRY));
    asm.jump_if(Condition::NotEqual, end);
    asm.cmp_word(Mem(R10, STORE_CONDEMNED), 0);
    asm.jump_if(Condition::NotEqual, end);
    let words = [
        (ENTRY_PREVIOUS, STORE_LAST_ENTRY),
        (ENTRY_EXIT_FP, STORE_EXIT_FP),
        (ENTRY_EXIT_PC, STORE_EXIT_PC),
    ];
    for (from, to) in words {
        asm.load(Width::B64, RCX, frame(from));
        asm.store(Mem(R10, to), RCX);
    }
    asm.leave();
    asm.ret(0);
}

/// The whole call by the runtime, with the store in r10.
fn call_runtime(asm: &mut Assembler, from: &Places) {
    asm.push(RBP);
    asm.mov(Width::B64, RBP, RSP);
    asm.sub(RSP, 16 * from.len() as i32);
    store_args(asm, from, &C_ARG_REGS);
    asm.mov(Width::B64, RDX, RSP);
    asm.mov(Width::B64, RCX, R10);
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
        "mov rax, [rcx + {native}]",
        "call [rax + {call}]",
        "movq xmm0, rax",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        native = const STORE_NATIVE,
        call = const NATIVE_CALL,
    )
}

/// Jumped to by a native entry stub whose frame is not the store's first, or whose store has been
/// deleted from within; with the store in r10.
///
/// # Safety
/// Only native entry stubs jump here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn end_slowly() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rbp, 16",
        ".cfi_offset rbp, -16",
        "push rax",
        "sub rsp, 8",
        "movsd [rsp], xmm0",
        "mov rdi, rbp",
        "mov rax, [r10 + {native}]",
        "call [rax + {end}]",
        "movsd xmm0, [rsp]",
        "mov rax, [rsp + 8]",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        native = const STORE_NATIVE,
        end = const NATIVE_END,
    )
}

/// Where a trap continues if its entry frame, at rbp, is a native stub's.
///
/// # Safety
/// Only `enter_trap` jumps here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn trap() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rbp, 16",
        ".cfi_offset rbp, -16",
        "lea rsp, [rbp - {frame_size}]",
        "mov rbx, [rbp - 8]",
        "mov r12, [rbp - 16]",
        "mov r13, [rbp - 24]",
        "mov r14, [rbp - 32]",
        "mov r15, [rbp - 40]",
        "mov rdi, rbp",
        "mov rsi, [rbp + {frame_native}]",
        "dec rsi",
        "mov rax, [rbp + {frame_store}]",
        "mov rax, [rax + {native}]",
        "call [rax + {trapped}]",
        "xor eax, eax",
        "xorps xmm0, xmm0",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        frame_size = const ENTRY_FRAME,
        frame_native = const ENTRY_NATIVE,
        frame_store = const ENTRY_STORE,
        native = const STORE_NATIVE,
        trapped = const NATIVE_TRAPPED,
    )
}

/// Takes a native entry off the store's list and puts the exit words back, as the fast end does.
///
/// # Safety
/// `fp` is the frame pointer of a live native entry frame, whose guest code is done.
pub unsafe fn close(fp: usize) {
    // SAFETY: promised by the caller; a store outlives its entries.
    let (entry, store) = unsafe {
        let entry = EntryFrame::new(fp);
        (entry, &*entry.store())
    };
    if store.last_entry.get() == fp {
        store.last_entry.set(entry.previous().map_or(0, EntryFrame::fp));
    } else {
        // SAFETY: as promised.
        unsafe { super::enter::unlink(store, fp) };
    }
    let outer = entry.outer();
    store.exit_fp.set(outer.map_or(0, |outer| outer.fp));
    store.exit_pc.set(outer.map_or(0, |outer| outer.pc));
}

/// Emits the import stub of a type whose host function is a C function of the type's own prototype.
pub fn emit_import(ty: &FuncType) -> Result<Vec<u8>, StubError> {
    if !signature::is_native(ty) {
        return Err(StubError::Unsupported);
    }
    let mut asm = Assembler::new(512 + 32 * ty.params.len()).ok_or(StubError::OutOfMemory)?;
    let (to, stack_args) = signature::native_params(ty);
    let mut overflow = Label::default();
    let mut failed = Label::default();
    let mut changed = Label::default();

    import::open_frame(&mut asm, STUB_FRAME + stack_args as i32, &mut overflow);
    asm.store_const(Width::B64, Mem(RBP, TRAP_CELL), 0);
    call_host(&mut asm, ty, &to);
    asm.cmp_word(Mem(RBP, TRAP_CELL), 0);
    asm.jump_if(Condition::NotEqual, &mut failed);
    asm.load(Width::B64, R11, Mem(RBP, STUB_STORE));
    asm.load(Width::B64, RCX, Mem(RBP, STUB_STACK_LIMIT));
    asm.cmp(RCX, Mem(R11, STORE_STACK_LIMIT));
    asm.jump_if(Condition::NotEqual, &mut changed);
    asm.load(Width::B64, RCX, Mem(RBP, 0));
    asm.cmp(RCX, Mem(R11, STORE_EXIT_FP));
    asm.jump_if(Condition::NotEqual, &mut changed);
    let settled = asm.here();
    asm.leave();
    let popped = u16::try_from(signature::stack_args_size(ty));
    asm.ret(popped.map_err(|_| StubError::Unsupported)?);

    asm.bind(changed);
    put_right(&mut asm);
    asm.jump_back(settled);
    asm.bind(failed);
    asm.load(Width::B64, RAX, Mem(RBP, TRAP_CELL));
    import::fail(&mut asm, None, 0);
    asm.bind(overflow);
    import::fail(&mut asm, Some(TrapCode::StackOverflow), 0);
    asm.finish().ok_or(StubError::OutOfMemory)
}

/// Registers move down, so the last goes first; the stack arguments before them, through r10.
fn call_host(asm: &mut Assembler, ty: &FuncType, to: &Places) {
    let moves =
        || signature::params(ty).into_iter().zip(to).map(|((ty, from), to)| (ty, from, to.1));
    for (ty, from, to) in moves() {
        let ParamPlace::Stack(to) = to else { continue };
        match from {
            ParamPlace::Int(from) => asm.store(Mem(RSP, to as i32), INT_ARG_REGS[from as usize]),
            ParamPlace::Stack(from) => {
                asm.load(width(ty), R10, Mem(RBP, 16 + from as i32));
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
    asm.lea(RSI, Mem(RBP, TRAP_CELL));
    asm.load(Width::B64, RAX, Mem(RDI, HOST_CALLBACK));
    asm.load(Width::B64, RDI, Mem(RDI, HOST_ENV));
    asm.call(RAX);
}

/// Calls `settle` with the result kept, with the store in r11.
fn put_right(asm: &mut Assembler) {
    asm.store(Mem(RBP, INT_RESULT), RAX);
    asm.store_float(Width::B64, Mem(RBP, FLOAT_RESULT), Xmm(0));
    asm.mov(Width::B64, RDI, R11);
    asm.load(Width::B64, RSI, Mem(RBP, STUB_STACK_LIMIT));
    asm.load(Width::B64, RDX, Mem(RBP, 0));
    asm.set_address(RAX, settle as *const () as usize);
    asm.call(RAX);
    asm.load(Width::B64, RAX, Mem(RBP, INT_RESULT));
    asm.load_float(Width::B64, Xmm(0), Mem(RBP, FLOAT_RESULT));
}
