//! The floating-point mode: guest code computes in the default mode, the host in its own.
//!
//! A host may have set another rounding mode, flush denormal numbers to zero, or unmask exceptions. Stubs check
//! whether the mode is the default when control comes from the host, at entries and after host functions; if it is
//! not, guest code gets the default, and the store's word `host_float_mode` keeps the host's mode for the way back.
//! While host code runs, and where the modes agree, the word is the default: then nothing has to be done on the way
//! to the host. So the mode needs no place in any frame, and whatever the host sets inside a callback, or on
//! another fiber, stays set.
//!
//! Reading the register takes 3 to 5 ns on AMD processors, as long as a native call. So stubs normally observe the
//! effects of the mode ([`FloatCheck::Probe`]): three additions, whose results show whether denormal numbers are
//! flushed and which way results are rounded. No other instruction waits for them, and a call takes 0.1 to 0.9 ns
//! longer (Zen 4). Unmasked exceptions do not show; they raise SIGFPE when guest code first causes one, and the
//! signal handler then does what the stub would have done ([`adopt`]). Where there is no handler, stubs read the
//! register ([`FloatCheck::Exact`]).
//!
//! The flags of past exceptions are shared by both sides, as in any C function.

use crate::abi::vmctx::{STORE_HOST_FLOAT_MODE, StoreContext};
use crate::asm::registers::FREE_XMM;
use crate::asm::x64::{Assembler, Condition, Label, Mem, R10, R11, RAX, RSP, Reg, Width};
use crate::sys::cpu::{DEFAULT_FLOAT_MODE, FLOAT_FLAGS, float_state, set_float_state};
use std::arch::naked_asm;

/// How stubs determine the host's mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatCheck {
    /// By arithmetic; unmasked exceptions by signal.
    Probe,
    /// By reading the register.
    Exact,
}

/// The direction of a check.
#[derive(Clone, Copy)]
pub(super) enum Crossing {
    /// An entry: rax may be overwritten.
    Entry,
    /// The end of a host function: rax may be its result, r10 may be overwritten.
    Return,
}

impl Crossing {
    /// A register that the check may use.
    fn scratch(self) -> Reg {
        match self {
            Crossing::Entry => RAX,
            Crossing::Return => R10,
        }
    }
}

/// Two vectors and their sum in the default mode.
#[repr(C, align(16))]
struct Probe {
    left: [u32; 4],
    right: [u32; 4],
    sum: [u32; 4],
}

/// Denormal numbers; a sum that is rounded up, only by the modes nearest and upward; one that is rounded down, but
/// not by upward.
static PROBE: Probe = Probe {
    left: [3, 0x3f80_0000, 0x3f80_0000, 0],
    right: [5, 0x33c0_0000, 0x3280_0000, 0],
    sum: [8, 0x3f80_0001, 0x3f80_0000, 0],
};
const RIGHT: i32 = 16;
const SUM: i32 = 32;
const ALL_LANES: i32 = 15;

const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(Probe, right) == RIGHT as usize);
    assert!(offset_of!(Probe, sum) == SUM as usize);
};

/// Emits the check of the mode; jumps to `differs` unless it is the default.
pub(super) fn check(
    asm: &mut Assembler,
    check: FloatCheck,
    crossing: Crossing,
    differs: &mut Label,
) {
    let scratch = crossing.scratch();
    match check {
        FloatCheck::Probe => {
            asm.set_address(scratch, &raw const PROBE as usize);
            asm.load_vector(FREE_XMM, Mem(scratch, 0));
            asm.add_floats(FREE_XMM, Mem(scratch, RIGHT));
            asm.cmp_lanes(FREE_XMM, Mem(scratch, SUM));
            asm.lane_signs(scratch, FREE_XMM);
            asm.cmp_const(scratch, ALL_LANES);
        }
        FloatCheck::Exact => {
            let below = Mem(RSP, -8);
            asm.store_float_state(below);
            asm.load(Width::B32, scratch, below);
            asm.and_const(scratch, !(FLOAT_FLAGS as i8));
            asm.cmp_const(scratch, DEFAULT_FLOAT_MODE as i32);
        }
    }
    asm.jump_if(Condition::NotEqual, differs);
}

/// Emits the code at the label of a check, with the store in r11.
pub(super) fn take_over(asm: &mut Assembler, crossing: Crossing) {
    asm.set_address(crossing.scratch(), to_guest as *const () as usize);
    asm.call(crossing.scratch());
}

/// Emits the comparison on the way to the host, with the store in r11.
pub(super) fn check_leaving(asm: &mut Assembler, differs: &mut Label) {
    asm.cmp_mem_const(Mem(R11, STORE_HOST_FLOAT_MODE), DEFAULT_FLOAT_MODE as i32);
    asm.jump_if(Condition::NotEqual, differs);
}

/// Emits the code at the label of such a comparison; overwrites `scratch`.
pub(super) fn give_back(asm: &mut Assembler, scratch: Reg) {
    asm.set_address(scratch, to_host as *const () as usize);
    asm.call(scratch);
}

/// Saves the host's mode in the store in r11, and sets the default mode. Preserves all registers.
///
/// # Safety
/// Called by stubs, between host and guest code.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn to_guest() {
    naked_asm!(
        ".cfi_startproc",
        "push rax",
        ".cfi_adjust_cfa_offset 8",
        "stmxcsr [rsp - 8]",
        "mov eax, [rsp - 8]",
        "and eax, {mode}",
        "mov [r11 + {host}], eax",
        "and dword ptr [rsp - 8], {flags}",
        "or dword ptr [rsp - 8], {default}",
        "ldmxcsr [rsp - 8]",
        "pop rax",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_endproc",
        mode = const !(FLOAT_FLAGS as i32),
        flags = const FLOAT_FLAGS,
        default = const DEFAULT_FLOAT_MODE,
        host = const STORE_HOST_FLOAT_MODE,
    )
}

/// Restores the host's mode, which is in the store in r11. Preserves all registers.
///
/// # Safety
/// Called by stubs, between guest and host code.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn to_host() {
    naked_asm!(
        ".cfi_startproc",
        "push rax",
        ".cfi_adjust_cfa_offset 8",
        "mov eax, [r11 + {host}]",
        "mov dword ptr [r11 + {host}], {default}",
        "stmxcsr [rsp - 8]",
        "and dword ptr [rsp - 8], {flags}",
        "or [rsp - 8], eax",
        "ldmxcsr [rsp - 8]",
        "pop rax",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_endproc",
        flags = const FLOAT_FLAGS,
        default = const DEFAULT_FLOAT_MODE,
        host = const STORE_HOST_FLOAT_MODE,
    )
}

/// Runs host code on behalf of guest code that called a builtin.
pub fn in_host_mode<R>(store: &StoreContext, host: impl FnOnce() -> R) -> R {
    let mode = store.host_float_mode.replace(DEFAULT_FLOAT_MODE);
    if mode != DEFAULT_FLOAT_MODE {
        // SAFETY: the host's own mode, for its code.
        unsafe { set_float_state(mode | (float_state() & FLOAT_FLAGS)) };
    }
    let result = host();
    let state = float_state();
    if let Some(state) = adopt(store, state) {
        // SAFETY: `adopt` returns the state for guest code.
        unsafe { set_float_state(state) };
    }
    result
}

/// If `state` is not in the default mode, saves its mode as the host's and returns the state for guest code.
pub fn adopt(store: &StoreContext, state: u32) -> Option<u32> {
    let mode = state & !FLOAT_FLAGS;
    if mode == DEFAULT_FLOAT_MODE {
        return None;
    }
    store.host_float_mode.set(mode);
    Some(DEFAULT_FLOAT_MODE | (state & FLOAT_FLAGS))
}

/// Where to continue if the instruction at `pc` is an addition of a probe that raised an exception the host does
/// not mask: after the additions, where the sums are found wrong. `rax` and `r10` are the registers there.
pub fn skip_probe(pc: usize, rax: usize, r10: usize) -> Option<usize> {
    /// `addps xmm15, [rax + 16]` and `addps xmm15, [r10 + 16]`.
    const ADDITIONS: [[u8; 5]; 2] =
        [[0x44, 0x0f, 0x58, 0x78, RIGHT as u8], [0x45, 0x0f, 0x58, 0x7a, RIGHT as u8]];
    let code: *const u8 = std::ptr::with_exposed_provenance(pc);
    let probe = &raw const PROBE as usize;
    let found = [rax, r10].into_iter().zip(ADDITIONS).any(|(base, bytes)| {
        // SAFETY: the processor has just read an instruction there; as long as the bytes are equal,
        // they belong to it.
        base == probe && (0..bytes.len()).all(|i| unsafe { *code.add(i) } == bytes[i])
    });
    found.then_some(pc + ADDITIONS[0].len())
}
