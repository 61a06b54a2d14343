//! The stub of the builtin `CurrentCode`: continues a call at the current code of its function.
//!
//! Jumped to where a function was called whose code is missing or may have been replaced: with the function's number
//! in eax, the address that was called in r10, and everything else as it is at a function's entry. If the slot holds
//! another address by now, the call continues there at once. Otherwise the runtime says where: it compiles the
//! function, or raises a trap at the caller.
//!
//! Such calls are counted down in the store: whoever called may have found the old address in a table, and when many
//! did, the runtime is asked as well, with an address that is in no slot, and brings the tables up to date.

/// Makes the stub around `extern "C" fn current_code(vmctx: *mut VmContext, func: u32, called: usize) -> usize`. All
/// arguments of the call are preserved.
#[macro_export]
macro_rules! current_code_stub {
    ($(#[$meta:meta])* $visibility:vis $stub:ident, $function:path) => {
        $(#[$meta])*
        #[cfg(target_arch = "x86_64")]
        #[unsafe(naked)]
        $visibility unsafe extern "C" fn $stub() {
            ::std::arch::naked_asm!(
                ".cfi_startproc",
                "mov r11, [rdi + {code_table}]",
                "mov r11, [r11 + 8 * rax]",
                "cmp r11, r10",
                "je 2f",
                "mov r10, [rdi + {vmctx_store}]",
                "sub dword ptr [r10 + {stale_calls}], 1",
                "js 2f",
                "jmp r11",
                "2:",
                "push rbp",
                ".cfi_def_cfa_offset 16",
                ".cfi_offset rbp, -16",
                "mov rbp, rsp",
                ".cfi_def_cfa_register rbp",
                "push rdi",
                "push rsi",
                "push rdx",
                "push rcx",
                "push r8",
                "push r9",
                "sub rsp, 128",
                "movaps [rsp], xmm0",
                "movaps [rsp + 16], xmm1",
                "movaps [rsp + 32], xmm2",
                "movaps [rsp + 48], xmm3",
                "movaps [rsp + 64], xmm4",
                "movaps [rsp + 80], xmm5",
                "movaps [rsp + 96], xmm6",
                "movaps [rsp + 112], xmm7",
                "mov r11, [rdi + {vmctx_store}]",
                "mov [r11 + {exit}], rbp",
                "mov esi, eax",
                "mov rdx, r10",
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
                "add rsp, 128",
                "pop r9",
                "pop r8",
                "pop rcx",
                "pop rdx",
                "pop rsi",
                "pop rdi",
                "pop rbp",
                ".cfi_def_cfa rsp, 8",
                "jmp rax",
                ".cfi_endproc",
                vmctx_store = const $crate::abi::vmctx::VMCTX_STORE,
                code_table = const $crate::abi::vmctx::VMCTX_CODE_TABLE,
                stale_calls = const $crate::abi::vmctx::STORE_STALE_CALLS,
                exit = const $crate::abi::vmctx::STORE_EXIT,
                pending = const $crate::abi::vmctx::STORE_PENDING_TRAP,
                function = sym $function,
                unwind = sym $crate::stubs::builtins::unwind_pending,
            )
        }
    };
}
