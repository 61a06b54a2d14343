//! Stubs between guest code and builtins.
//!
//! A builtin stub records where guest code was left, calls the runtime's function, and returns to guest code or, if
//! a trap was raised meanwhile, continues at the entry frame. The runtime makes one per builtin with
//! [`builtin_stub!`](crate::builtin_stub) and keeps their addresses in a static table
//! (`runtime::calls::builtin_table`).
//!
//! The functions behind these stubs must not unwind: they catch panics and raise an internal error. Those
//! that run foreign code restore the state of the store before they raise or return (`saved_state`).

use crate::abi::vmctx::STORE_PENDING_TRAP;
use std::arch::naked_asm;

/// Makes a builtin stub: `builtin_stub!(memory_grow_stub, memory_grow)` defines the naked function
/// `memory_grow_stub` around `extern "C" fn memory_grow(vmctx: *mut VmContext, ...)`, which may
/// have up to five more integer arguments and an integer result.
#[macro_export]
macro_rules! builtin_stub {
    ($(#[$meta:meta])* $visibility:vis $stub:ident, $function:path) => {
        $(#[$meta])*
        #[cfg(target_arch = "x86_64")]
        #[unsafe(naked)]
        $visibility unsafe extern "C" fn $stub() {
            ::std::arch::naked_asm!(
                ".cfi_startproc",
                "push rbp",
                ".cfi_def_cfa_offset 16",
                ".cfi_offset rbp, -16",
                "mov rbp, rsp",
                ".cfi_def_cfa_register rbp",
                "mov r11, [rdi + {vmctx_store}]",
                "mov [r11 + {exit}], rbp",
                "push rdi",
                "sub rsp, 8",
                "call {function}",
                "mov r11, [rbp - 8]",
                "mov r11, [r11 + {vmctx_store}]",
                "cmp qword ptr [r11 + {pending}], 0",
                "jne {unwind}",
                "leave",
                ".cfi_def_cfa rsp, 8",
                "ret",
                ".cfi_endproc",
                vmctx_store = const $crate::abi::vmctx::VMCTX_STORE,
                exit = const $crate::abi::vmctx::STORE_EXIT,
                pending = const $crate::abi::vmctx::STORE_PENDING_TRAP,
                function = sym $function,
                unwind = sym $crate::stubs::builtins::unwind_pending,
            )
        }
    };
}

/// As [`builtin_stub!`], for a function without further arguments and result: all registers are preserved. The
/// function must not run foreign code. `$open` and `$close` are pushed before and popped after the frame, so that
/// the words above it identify the guest code responsible.
#[macro_export]
macro_rules! preserving_builtin_stub {
    ($(#[$meta:meta])* $visibility:vis $stub:ident, $function:path, $open:literal, $close:literal) => {
        $(#[$meta])*
        #[cfg(target_arch = "x86_64")]
        #[unsafe(naked)]
        $visibility unsafe extern "C" fn $stub() {
            ::std::arch::naked_asm!(
                ".cfi_startproc",
                $open,
                "push rbp",
                ".cfi_def_cfa_offset 16",
                ".cfi_offset rbp, -16",
                "mov rbp, rsp",
                ".cfi_def_cfa_register rbp",
                "push rdi",
                "push rax",
                "push rcx",
                "push rdx",
                "push rsi",
                "push r8",
                "push r9",
                "push r10",
                "push r11",
                "sub rsp, 264",
                "movaps [rsp], xmm0",
                "movaps [rsp + 16], xmm1",
                "movaps [rsp + 32], xmm2",
                "movaps [rsp + 48], xmm3",
                "movaps [rsp + 64], xmm4",
                "movaps [rsp + 80], xmm5",
                "movaps [rsp + 96], xmm6",
                "movaps [rsp + 112], xmm7",
                "movaps [rsp + 128], xmm8",
                "movaps [rsp + 144], xmm9",
                "movaps [rsp + 160], xmm10",
                "movaps [rsp + 176], xmm11",
                "movaps [rsp + 192], xmm12",
                "movaps [rsp + 208], xmm13",
                "movaps [rsp + 224], xmm14",
                "movaps [rsp + 240], xmm15",
                "mov r11, [rdi + {vmctx_store}]",
                "mov [r11 + {exit}], rbp",
                "call {function}",
                "mov r11, [rbp - 8]",
                "mov r11, [r11 + {vmctx_store}]",
                "cmp qword ptr [r11 + {pending}], 0",
                "jne {unwind}",
                "movaps xmm0, [rsp]",
                "movaps xmm1, [rsp + 16]",
                "movaps xmm2, [rsp + 32]",
                "movaps xmm3, [rsp + 48]",
                "movaps xmm4, [rsp + 64]",
                "movaps xmm5, [rsp + 80]",
                "movaps xmm6, [rsp + 96]",
                "movaps xmm7, [rsp + 112]",
                "movaps xmm8, [rsp + 128]",
                "movaps xmm9, [rsp + 144]",
                "movaps xmm10, [rsp + 160]",
                "movaps xmm11, [rsp + 176]",
                "movaps xmm12, [rsp + 192]",
                "movaps xmm13, [rsp + 208]",
                "movaps xmm14, [rsp + 224]",
                "movaps xmm15, [rsp + 240]",
                "add rsp, 264",
                "pop r11",
                "pop r10",
                "pop r9",
                "pop r8",
                "pop rsi",
                "pop rdx",
                "pop rcx",
                "pop rax",
                "pop rdi",
                "pop rbp",
                ".cfi_def_cfa rsp, 8",
                $close,
                "ret",
                ".cfi_endproc",
                vmctx_store = const $crate::abi::vmctx::VMCTX_STORE,
                exit = const $crate::abi::vmctx::STORE_EXIT,
                pending = const $crate::abi::vmctx::STORE_PENDING_TRAP,
                function = sym $function,
                unwind = sym $crate::stubs::builtins::unwind_pending,
            )
        }
    };
}

/// Jumped to with the store in r11: continues at the entry frame in its pending word.
///
/// # Safety
/// Only builtin stubs jump here.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn unwind_pending() {
    naked_asm!(
        "mov rbp, [r11 + {pending}]",
        "mov qword ptr [r11 + {pending}], 0",
        "jmp {trap}",
        pending = const STORE_PENDING_TRAP,
        trap = sym super::entry::frame::trap,
    )
}

/// The builtin `StackOverflow`: jumped to at a function's entry, where the stack pointer is at the
/// return address and the frame pointer is the caller's. Runs in the reserve below the stack limit.
///
/// # Safety
/// Jumped to by guest code only.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn stack_overflow() {
    naked_asm!(
        "mov rdi, rbp",
        "mov rsi, [rsp]",
        "and rsp, -16",
        "call {record}",
        "mov rbp, rax",
        "jmp {trap}",
        record = sym super::entry::record_stack_overflow,
        trap = sym super::entry::frame::trap,
    )
}
