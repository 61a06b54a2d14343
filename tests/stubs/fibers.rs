//! Hosts that switch stacks: within callbacks, with calls that end in any order.

use crate::calls::ValVec;
use crate::guest::*;
use crate::traps::{HOST_TRAP, SmallStack};
use cranelift_codegen::ir::InstBuilder;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::sync::atomic::Ordering::*;
use wasmrt::abi::TrapCode;
use wasmrt::abi::TrapReason;
use wasmrt::abi::vmctx::*;
use wasmrt::stubs::ImportKind;
use wasmrt::types::FuncType;
use wasmrt::types::ValType::*;

/// A stack of its own, switched to and from by the C library.
struct Fiber {
    context: UnsafeCell<libc::ucontext_t>,
    back: UnsafeCell<libc::ucontext_t>,
    stack: Vec<u8>,
    run: RefCell<Option<Box<dyn FnOnce()>>>,
    finished: Cell<bool>,
}

thread_local! {
    static CURRENT: Cell<*const Fiber> = const { Cell::new(std::ptr::null()) };
}

extern "C" fn fiber_main() {
    // SAFETY: a fiber lives until it has finished.
    let fiber = unsafe { &*CURRENT.get() };
    let run = fiber.run.take();
    run.unwrap()();
    fiber.finished.set(true);
}

impl Fiber {
    fn new(size: usize, run: impl FnOnce() + 'static) -> Box<Fiber> {
        // SAFETY: contexts are plain data; the stack and the contexts stay where they are.
        unsafe {
            let mut fiber = Box::new(Fiber {
                context: UnsafeCell::new(std::mem::zeroed()),
                back: UnsafeCell::new(std::mem::zeroed()),
                stack: vec![0; size],
                run: RefCell::new(Some(Box::new(run))),
                finished: Cell::new(false),
            });
            libc::getcontext(fiber.context.get());
            let context = fiber.context.get();
            (*context).uc_stack.ss_sp = fiber.stack.as_mut_ptr().cast();
            (*context).uc_stack.ss_size = size;
            (*context).uc_link = fiber.back.get();
            libc::makecontext(context, fiber_main, 0);
            fiber
        }
    }

    fn resume(&self) {
        let outer = CURRENT.replace(self);
        // SAFETY: the context was made by `new` or `pause`.
        unsafe { libc::swapcontext(self.back.get(), self.context.get()) };
        CURRENT.set(outer);
    }

    /// Switches from the running fiber to the one that resumed it; does nothing outside fibers.
    fn pause() {
        // SAFETY: the running fiber lives.
        if let Some(fiber) = unsafe { CURRENT.get().as_ref() } {
            // SAFETY: `resume` has filled `back`.
            unsafe { libc::swapcontext(fiber.context.get(), fiber.back.get()) };
        }
    }
}

#[test]
fn a_fiber_with_64_kib_of_stack_traps_and_overflows() {
    let prepared = SmallStack::new();
    let fiber = Fiber::new(64 << 10, move || prepared.run());
    fiber.resume();
    assert!(fiber.finished.get());
}

#[test]
fn handling_a_trap_at_the_limit_stays_within_the_reserve() {
    const SIZE: usize = 64 << 10;
    // Without an alternate stack, which the test's own threads have.
    // SAFETY: switching it off is always allowed outside of handlers.
    unsafe {
        let mut none: libc::stack_t = std::mem::zeroed();
        none.ss_flags = libc::SS_DISABLE;
        assert_eq!(libc::sigaltstack(&none, std::ptr::null_mut()), 0);
    }
    let prepared = SmallStack::new();
    let limit = std::rc::Rc::new(Cell::new(0));
    let limit_seen = limit.clone();
    let mut fiber = Fiber::new(SIZE, move || {
        prepared.run();
        limit_seen.set(prepared.limit());
    });
    fiber.stack[..SIZE / 2].fill(0xa5);
    fiber.resume();
    assert!(fiber.finished.get());
    let lowest = fiber.stack.iter().position(|byte| *byte != 0xa5).unwrap();
    let below = limit.get().saturating_sub(fiber.stack.as_ptr() as usize + lowest);
    assert!(below > 0, "nothing was handled near the limit");
    assert!(
        below < wasmrt::abi::frames::STACK_RESERVE / 2,
        "{below} bytes below the limit were used"
    );
}

/// What a callback does before it returns.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Step {
    Return,
    Trap,
    Pause,
    /// Calls guest code again, which calls back.
    Enter,
}

type Script = Box<dyn FnMut() -> Step>;

/// Guest code that calls `n` times back, one frame deeper each time, all in one store.
struct Shared {
    world: World,
    ty: FuncType,
    code: Cell<usize>,
    host: RefCell<Option<Box<VmHostFunc>>>,
    script: RefCell<Script>,
    most_frames: Cell<usize>,
}

extern "C" fn callback(shared: &Shared, args: &ValVec, results: &ValVec) -> *mut () {
    results.slice_mut()[0].bits = args.slice()[0].bits;
    loop {
        let step = (shared.script.borrow_mut())();
        match step {
            Step::Return => return std::ptr::null_mut(),
            Step::Trap => return HOST_TRAP,
            Step::Pause => Fiber::pause(),
            Step::Enter => drop(shared.call(2)),
        }
    }
}

impl Shared {
    fn new(script: Script) -> &'static Shared {
        let ty = func_type(&[I64], &[I64]);
        let shared: &'static Shared = Box::leak(Box::new(Shared {
            world: World::new(0),
            ty,
            code: Cell::new(0),
            host: RefCell::default(),
            script: RefCell::new(script),
            most_frames: Cell::new(0),
        }));
        shared.world.interleaved.set(true);
        let env = (&raw const *shared).cast_mut().cast();
        let address = callback as *const () as usize;
        let host = shared.world.host(&shared.ty, ImportKind::WithEnv, address, env);
        let (vmctx, stub) = (&raw const *host as i64, host.slot.load(Relaxed) as i64);
        *shared.host.borrow_mut() = Some(host);
        let own = shared.code.as_ptr() as i64;
        shared.code.set(compile(&shared.ty, |b, params| {
            let (more, last) = (b.create_block(), b.create_block());
            let vmctx = b.ins().iconst(PTR, vmctx);
            let code = b.ins().iconst(PTR, stub);
            let n = emit_call(b, &shared.ty, vmctx, code, &params[1..])[0];
            b.ins().brif(n, more, &[], last, &[]);
            b.switch_to_block(more);
            let own = b.ins().iconst(PTR, own);
            let flags = cranelift_codegen::ir::MemFlagsData::trusted();
            let own = b.ins().load(PTR, flags, own, 0);
            let less = b.ins().iadd_imm_s(n, -1);
            let sum = emit_call(b, &shared.ty, params[0], own, &[less])[0];
            let sum = b.ins().iadd(sum, n);
            b.ins().return_(&[sum]);
            b.switch_to_block(last);
            emit_trap_call(b, params[0], TrapCode::Unreachable);
        }));
        shared
    }

    fn call(&self, n: u64) -> Result<Vec<u64>, TrapReason> {
        self.world.limit_stack(8 << 10);
        let outcome = self.world.call(&self.ty, self.code.get(), &[n]);
        let frames: Vec<usize> = self.world.record.frames().collect();
        let code = self.code.get();
        assert!(frames.iter().all(|pc| pc.wrapping_sub(code) < 4096), "a stale frame was walked");
        self.most_frames.set(self.most_frames.get().max(frames.len()));
        outcome
    }
}

fn script(steps: &'static [Step]) -> Script {
    let mut steps = steps.iter();
    Box::new(move || steps.next().copied().unwrap_or(Step::Return))
}

#[test]
fn calls_on_two_fibers_may_end_in_the_order_they_began() {
    // The first fiber pauses in a callback; the second begins inside that, pauses, and traps after the first has
    // ended and its stack is gone.
    let shared = Shared::new(script(&[Step::Pause, Step::Pause]));
    let first = Fiber::new(64 << 10, || assert!(shared.call(1).is_err()));
    let second = Fiber::new(64 << 10, || {
        let trap = Err(TrapReason::Code(TrapCode::Unreachable));
        assert_eq!(shared.call(0), trap);
        assert_eq!(shared.world.record.frames().len(), 1);
    });
    first.resume();
    second.resume();
    first.resume();
    assert!(first.finished.get() && !second.finished.get());
    drop(first);
    second.resume();
    assert!(second.finished.get());
    assert_eq!(shared.world.context.last_entry.get(), 0);
}

#[test]
fn an_inner_call_shows_the_frames_around_it() {
    // Nothing pauses, so each call sees those below: guest, host, guest.
    let shared = Shared::new(script(&[Step::Return, Step::Enter]));
    assert!(shared.call(1).is_err());
    assert_eq!(shared.most_frames.get(), 5);
}

#[test]
fn fibers_in_one_store_interleave_in_any_way() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed >> 8
    };
    let mut choice = random;
    let shared = Shared::new(Box::new(move || match choice() % 12 {
        0..6 => Step::Return,
        6 => Step::Trap,
        7 => Step::Enter,
        _ => Step::Pause,
    }));
    let mut fibers: Vec<Box<Fiber>> = Vec::new();
    for _ in 0..20_000 {
        if fibers.len() < 6 && random() % 8 == 0 {
            let n = random() % 4;
            fibers.push(Fiber::new(128 << 10, move || drop(shared.call(n))));
        }
        if fibers.is_empty() {
            continue;
        }
        let at = random() as usize % fibers.len();
        fibers[at].resume();
        if fibers[at].finished.get() {
            let mut fiber = fibers.swap_remove(at);
            fiber.stack.fill(0xa5);
        }
    }
    while let Some(fiber) = fibers.pop() {
        while !fiber.finished.get() {
            fiber.resume();
        }
    }
    assert_eq!(shared.world.context.last_entry.get(), 0);
    assert_eq!(shared.world.context.exit_word(), 0);
}
