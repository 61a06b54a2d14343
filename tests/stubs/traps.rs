//! Whenever guest code stops, there is a trap with the right frames.

use crate::calls::ValVec;
use crate::guest::*;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use std::arch::naked_asm;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use wasmrt::abi::TrapCode;
use wasmrt::abi::TrapReason;
use wasmrt::abi::value::{RawVal, Values};
use wasmrt::abi::vmctx::*;
use wasmrt::stubs::ImportKind;
use wasmrt::types::FuncType;
use wasmrt::types::ValType::*;

/// Loads from an address, which is a memory access as far as the engine knows.
pub fn loader() -> (FuncType, usize) {
    let ty = func_type(&[I64], &[I64]);
    let code = compile(&ty, |b, params| {
        let flags =
            MemFlagsData::new().with_trap_code(Some(user_trap(TrapCode::MemoryOutOfBounds)));
        let value = b.ins().load(types::I64, flags, params[1], 0);
        b.ins().return_(&[value]);
    });
    (ty, code)
}

fn divider() -> (FuncType, usize) {
    let ty = func_type(&[I32, I32], &[I32]);
    let code = compile(&ty, |b, params| {
        let value = b.ins().udiv(params[1], params[2]);
        b.ins().return_(&[value]);
    });
    (ty, code)
}

fn trapper(by_call: bool) -> (FuncType, usize) {
    let ty = func_type(&[], &[]);
    let code = compile(&ty, |b, params| {
        if by_call {
            emit_trap_call(b, params[0], TrapCode::Unreachable);
        } else {
            b.ins().trap(user_trap(TrapCode::Unreachable));
        }
    });
    (ty, code)
}

/// Calls itself `n` times, keeping a value in every callee-saved register, then traps.
fn recursion(by_call: bool) -> (FuncType, usize) {
    let own: &'static AtomicUsize = Box::leak(Box::default());
    let ty = func_type(&[I64], &[I64]);
    let code = compile(&ty, |b, params| {
        emit_stack_check(b, &ty, params, 128);
        let (deeper, end) = (b.create_block(), b.create_block());
        b.ins().brif(params[1], deeper, &[], end, &[]);
        b.switch_to_block(deeper);
        let address = b.ins().iconst(PTR, own.as_ptr() as i64);
        let code = b.ins().load(PTR, MemFlagsData::trusted(), address, 0);
        let kept: Vec<_> = (2..12).map(|n| b.ins().imul_imm_s(params[1], n)).collect();
        let less = b.ins().iadd_imm_s(params[1], -1);
        let mut sum = emit_call(b, &ty, params[0], code, &[less])[0];
        for value in kept {
            sum = b.ins().iadd(sum, value);
        }
        b.ins().return_(&[sum]);
        b.switch_to_block(end);
        if by_call {
            emit_trap_call(b, params[0], TrapCode::Unreachable);
        } else {
            b.ins().trap(user_trap(TrapCode::Unreachable));
        }
    });
    own.store(code, Relaxed);
    (ty, code)
}

const UNREACHABLE: Result<Vec<u64>, TrapReason> = Err(TrapReason::Code(TrapCode::Unreachable));
const OUT_OF_BOUNDS: Result<Vec<u64>, TrapReason> =
    Err(TrapReason::Code(TrapCode::MemoryOutOfBounds));
const OVERFLOW: Result<Vec<u64>, TrapReason> = Err(TrapReason::Code(TrapCode::StackOverflow));

#[test]
fn a_bad_access_traps_with_its_address() {
    let world = World::new(256 << 10);
    let (ty, code) = loader();
    let value = 77u64;
    for _ in 0..100 {
        assert_eq!(world.call(&ty, code, &[&raw const value as u64]), Ok(vec![77]));
        assert_eq!(world.call(&ty, code, &[0x123]), OUT_OF_BOUNDS);
        assert_eq!(world.record.fault_address(), 0x123);
        let frames: Vec<usize> = world.record.frames().collect();
        assert_eq!(frames.len(), 1);
        assert_eq!(trap_at(frames[0]), Some(TrapCode::MemoryOutOfBounds));
        assert!(!world.record.is_truncated());
    }
}

#[test]
fn a_division_by_zero_traps() {
    let world = World::new(256 << 10);
    let (ty, code) = divider();
    assert_eq!(world.call(&ty, code, &[7, 2]), Ok(vec![3]));
    let trap = Err(TrapReason::Code(TrapCode::IntegerDivideByZero));
    assert_eq!(world.call(&ty, code, &[7, 0]), trap);
}

#[test]
fn unreachable_traps_by_signal_and_by_call() {
    let world = World::new(256 << 10);
    for by_call in [false, true] {
        let (ty, code) = trapper(by_call);
        assert_eq!(world.call(&ty, code, &[]), UNREACHABLE);
        let (ty, code) = recursion(by_call);
        for depth in [0, 1, 50, 255, 256, 400] {
            assert_eq!(world.call(&ty, code, &[depth]), UNREACHABLE);
            let frames: Vec<usize> = world.record.frames().collect();
            assert_eq!(frames.len() as u64, (depth + 1).min(256));
            assert_eq!(world.record.is_truncated(), depth + 1 > 256);
            assert!(frames.iter().all(|pc| pc.wrapping_sub(code) < 4096));
            // All callers are at the one recursive call.
            assert!(frames.iter().skip(2).all(|pc| *pc == frames[1]));
        }
    }
}

#[test]
fn endless_recursion_traps_within_its_limit() {
    let world = World::new(200 << 10);
    let (ty, code) = recursion(true);
    for _ in 0..10 {
        assert_eq!(world.call(&ty, code, &[u64::MAX]), OVERFLOW);
        assert!(world.record.is_truncated());
    }
    assert_eq!(world.call(&ty, code, &[3]), UNREACHABLE);
}

#[test]
fn arguments_and_host_frames_that_do_not_fit_overflow_the_stack() {
    let world = World::new(0);
    let ty = func_type(&[I64; 500], &[]);
    let host = world.host(&ty, ImportKind::Plain, 1, std::ptr::null_mut());
    let vmctx = (&raw const *host).cast_mut().cast();
    // Here the entry stub's own frame does not fit, there the import stub's.
    assert_eq!(world.call_with(&ty, vmctx, host.slot.load(Relaxed), &[0; 500]), OVERFLOW);
    world.limit_stack(10 << 10);
    assert_eq!(world.call_with(&ty, vmctx, host.slot.load(Relaxed), &[0; 500]), OVERFLOW);
    assert_eq!(world.record.frames().len(), 0);
}

#[derive(Clone, Copy)]
#[repr(C)]
struct EnterArgs {
    func: *const VmFunc,
    args: *const RawVal,
    results: *mut RawVal,
    store: *const StoreContext,
    stub: usize,
}

/// Calls the stub with known values in the registers that it must preserve, and returns how many have changed, plus
/// 256 for a trap.
#[unsafe(naked)]
unsafe extern "C" fn enter_checked(args: *const EnterArgs) -> usize {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 24",
        "mov rbp, 0x1111111111111111",
        "mov rbx, 0x2222222222222222",
        "mov r12, 0x3333333333333333",
        "mov r13, 0x4444444444444444",
        "mov r14, 0x5555555555555555",
        "mov r15, 0x6666666666666666",
        "mov [rsp], rsp",
        "mov rax, rdi",
        "mov rdi, [rax]",
        "mov rsi, [rax + 8]",
        "mov rdx, [rax + 16]",
        "mov rcx, [rax + 24]",
        "call [rax + 32]",
        "neg rax",
        "sbb rax, rax",
        "and eax, 256",
        "mov rdx, 0x1111111111111111",
        "cmp rbp, rdx",
        "je 2f",
        "inc rax",
        "2:",
        "mov rdx, 0x2222222222222222",
        "cmp rbx, rdx",
        "je 2f",
        "inc rax",
        "2:",
        "mov rdx, 0x3333333333333333",
        "cmp r12, rdx",
        "je 2f",
        "inc rax",
        "2:",
        "mov rdx, 0x4444444444444444",
        "cmp r13, rdx",
        "je 2f",
        "inc rax",
        "2:",
        "mov rdx, 0x5555555555555555",
        "cmp r14, rdx",
        "je 2f",
        "inc rax",
        "2:",
        "mov rdx, 0x6666666666666666",
        "cmp r15, rdx",
        "je 2f",
        "inc rax",
        "2:",
        "cmp [rsp], rsp",
        "je 2f",
        "inc rax",
        "2:",
        "add rsp, 24",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

#[test]
fn the_hosts_registers_survive_calls_and_traps() {
    let world = World::new(256 << 10);
    for (ty, code, arg, expected) in [
        (recursion(true), 20, 256),
        (recursion(false), 20, 256),
        (recursion(true), u64::MAX, 256),
        (loader(), 0, 256),
        (loader(), &raw const world as u64, 0),
    ]
    .map(|((ty, code), arg, expected)| (ty, code, arg, expected))
    {
        let args = [RawVal { kind: 1, bits: arg }];
        let mut results = [RawVal { kind: 1, bits: 0 }];
        let slot = Slot::new(code);
        let func = VmFunc { sig: 0, own: 0, slot: &slot, vmctx: world.vmctx() };
        let args = EnterArgs {
            func: &func,
            args: args.as_ptr(),
            results: results.as_mut_ptr(),
            stub: world.stubs.entry(world.stubs_of(&ty), &ty, Values::Narrow).unwrap(),
            store: &*world.context,
        };
        // SAFETY: as the stub asks for.
        assert_eq!(unsafe { enter_checked(&args) }, expected);
    }
}

/// Host and guest calling each other, down to a level where the guest traps.
pub struct Nest {
    pub world: World,
    pub ty: FuncType,
    pub code: usize,
    host: Option<Box<VmHostFunc>>,
    /// A host frame at this level turns the trap of the levels below into a result.
    swallow_at: Cell<u64>,
    /// Where a host frame wrote what it saw.
    seen: RefCell<Vec<(u64, usize)>>,
}

pub const HOST_TRAP: *mut () = std::ptr::without_provenance_mut(0x7700);

extern "C" fn descend(nest: &Nest, args: &ValVec, results: &ValVec) -> *mut () {
    let [level, trap_at] = [args.slice()[0].bits, args.slice()[1].bits];
    match nest.world.call(&nest.ty, nest.code, &[level + 1, trap_at]) {
        Ok(values) => results.slice_mut()[0].bits = values[0],
        Err(_) => {
            nest.seen.borrow_mut().push((level, nest.world.record.frames().len()));
            if level != nest.swallow_at.get() {
                return HOST_TRAP;
            }
            results.slice_mut()[0].bits = 1000;
        }
    }
    std::ptr::null_mut()
}

impl Nest {
    pub fn new(by_call: bool) -> Box<Nest> {
        let world = World::new(128 << 10);
        let ty = func_type(&[I64, I64], &[I64]);
        let mut nest = Box::new(Nest {
            world,
            ty,
            code: 0,
            host: None,
            swallow_at: Cell::new(u64::MAX),
            seen: RefCell::default(),
        });
        let env: *mut () = (&raw mut *nest).cast();
        let callback = descend as *const () as usize;
        let host = nest.world.host(&nest.ty, ImportKind::WithEnv, callback, env);
        let (host_vmctx, stub) = (&raw const *host as i64, host.slot.load(Relaxed) as i64);
        nest.host = Some(host);
        nest.code = compile(&nest.ty, |b, params| {
            let (trap, deeper) = (b.create_block(), b.create_block());
            let here = b.ins().icmp(IntCC::Equal, params[1], params[2]);
            b.ins().brif(here, trap, &[], deeper, &[]);
            b.switch_to_block(trap);
            if by_call {
                emit_trap_call(b, params[0], TrapCode::Unreachable);
            } else {
                b.ins().trap(user_trap(TrapCode::Unreachable));
            }
            b.switch_to_block(deeper);
            let vmctx = b.ins().iconst(PTR, host_vmctx);
            let code = b.ins().iconst(PTR, stub);
            let result = emit_call(b, &nest.ty, vmctx, code, &params[1..])[0];
            let result = b.ins().iadd_imm_s(result, 1);
            b.ins().return_(&[result]);
        });
        nest
    }

    pub fn run(&self, trap_at: u64, swallow_at: u64) -> Result<Vec<u64>, TrapReason> {
        self.swallow_at.set(swallow_at);
        self.seen.borrow_mut().clear();
        let limit = self.world.context.stack_limit.load(Relaxed);
        let outcome = self.world.call(&self.ty, self.code, &[0, trap_at]);
        assert_eq!(self.world.context.stack_limit.load(Relaxed), limit);
        outcome
    }
}

#[test]
fn traps_pass_through_host_frames() {
    for by_call in [false, true] {
        let nest = Nest::new(by_call);
        for level in 0..6 {
            let expected = if level == 0 { UNREACHABLE } else { Err(TrapReason::Host(HOST_TRAP)) };
            assert_eq!(nest.run(level, u64::MAX), expected);
            // Each level adds one guest frame to what is below it, seen from the trap on; a trap
            // that the host returns starts at the frame that called the host.
            let seen: Vec<_> = (0..level).rev().map(|l| (l, l as usize + 2)).collect();
            assert_eq!(*nest.seen.borrow(), seen);
            assert_eq!(nest.world.record.frames().len(), 1);
            for swallow in 0..level {
                assert_eq!(nest.run(level, swallow), Ok(vec![1000 + swallow + 1]));
            }
        }
    }
}

/// What must work on a stack of 64 KiB. Made on another stack, since the compiler needs more.
pub struct SmallStack {
    world: World,
    loader: (FuncType, usize),
    recursions: [(FuncType, usize); 2],
    nests: [Box<Nest>; 2],
}

impl SmallStack {
    pub fn new() -> SmallStack {
        SmallStack {
            world: World::new(0),
            loader: loader(),
            recursions: [false, true].map(recursion),
            nests: [false, true].map(Nest::new),
        }
    }

    /// The lowest stack limit in use.
    pub fn limit(&self) -> usize {
        self.nests[0].world.context.stack_limit.load(Relaxed)
    }

    pub fn run(&self) {
        let world = &self.world;
        world.limit_stack(32 << 10);
        assert_eq!(world.call(&self.loader.0, self.loader.1, &[8]), OUT_OF_BOUNDS);
        for (ty, code) in &self.recursions {
            assert_eq!(world.call(ty, *code, &[20]), UNREACHABLE);
            assert_eq!(world.call(ty, *code, &[u64::MAX]), OVERFLOW);
            // As deep as possible, then a trap there.
            let deepest = (0..).find(|n| world.call(ty, *code, &[*n]) == OVERFLOW).unwrap();
            assert_eq!(world.call(ty, *code, &[deepest - 1]), UNREACHABLE);
        }
        for nest in &self.nests {
            nest.world.limit_stack(32 << 10);
            assert_eq!(nest.run(5, 2), Ok(vec![1003]));
        }
    }
}

extern "C" fn small_thread(prepared: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: asks only.
    let alternate = unsafe {
        let mut stack: libc::stack_t = std::mem::zeroed();
        libc::sigaltstack(std::ptr::null(), &mut stack);
        stack
    };
    assert!(alternate.ss_flags & libc::SS_DISABLE != 0, "this thread has an alternate stack");
    // SAFETY: the test waits for this thread.
    unsafe { &*prepared.cast::<SmallStack>() }.run();
    std::ptr::without_provenance_mut(1)
}

#[test]
fn a_thread_with_64_kib_of_stack_traps_and_overflows() {
    let mut prepared = SmallStack::new();
    // SAFETY: a plain thread with its attributes.
    unsafe {
        let mut attributes = std::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        assert_eq!(libc::pthread_attr_setstacksize(&mut attributes, 64 << 10), 0);
        let mut thread = 0;
        let argument = (&raw mut prepared).cast();
        assert_eq!(libc::pthread_create(&mut thread, &attributes, small_thread, argument), 0);
        let mut outcome = std::ptr::null_mut();
        assert_eq!(libc::pthread_join(thread, &mut outcome), 0);
        assert_eq!(outcome as usize, 1);
    }
}
