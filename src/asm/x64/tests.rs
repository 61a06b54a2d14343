//! Checks the encoding of instructions with an independent disassembler.

use super::*;
use Condition::*;
use Width::*;
use yaxpeax_arch::LengthedInstruction;
use yaxpeax_x86::long_mode::InstDecoder;

/// The instructions that `emit` writes, as text. They must account for all bytes.
pub(super) fn listing(emit: impl FnOnce(&mut Assembler)) -> Vec<String> {
    let mut asm = Assembler::default();
    emit(&mut asm);
    let code = asm.finish().unwrap();
    let mut rest = &code[..];
    let mut listing = Vec::new();
    while !rest.is_empty() {
        let instruction = InstDecoder::default().decode_slice(rest).unwrap();
        rest = &rest[instruction.len().to_const() as usize..];
        listing.push(instruction.to_string());
    }
    listing
}

/// Emits what follows the arrow, and compares.
macro_rules! check {
    ($($text:literal <- $method:ident($($arg:expr),*);)*) => {$(
        assert_eq!(listing(|asm| asm.$method($($arg),*)), [$text]);
    )*};
}

#[test]
fn integer_instructions_are_what_they_are_called() {
    check! {
        "push r12" <- push(R12);
        "pop rbp" <- pop(RBP);
        "push -0x2" <- push_const(-2);
        "push qword [rcx + 0x20]" <- push_mem(Mem(RCX, 32));
        "mov r14, rax" <- mov(B64, R14, RAX);
        "mov esi, r9d" <- mov(B32, RSI, R9);
        "mov r11, qword [rdi + 0x8]" <- load(B64, R11, Mem(RDI, 8));
        "mov r8d, dword [rbp + 0x10]" <- load(B32, R8, Mem(RBP, 16));
        "mov qword [rsp + 0x8], r15" <- store(Mem(RSP, 8), R15);
        "mov qword [r11 + 0x18], -0x1" <- store_const(B64, Mem(R11, 24), -1);
        "mov dword [rsp + 0x7], 0x5" <- store_const(B32, Mem(RSP, 7), 5);
        "mov edx, 0x12345678" <- set(RDX, 0x1234_5678);
        "mov r10, 0x123456789abcdef" <- set_address(R10, 0x0123_4567_89ab_cdef);
        "lea r13, qword [rsp - 0x100]" <- lea(R13, Mem(RSP, -256));
        "xor r9d, r9d" <- clear(R9);
        "add rsp, 0x40" <- add(RSP, 64);
        "sub r12, -0x12345" <- sub(R12, -0x12345);
        "sub qword [r11 + 0x50], 0x7fffffff" <- sub_mem(Mem(R11, 80), i32::MAX);
        "and r10d, -0x40" <- and_const(R10, -64);
        "cmp rbp, qword [r11 + 0x18]" <- cmp(RBP, Mem(R11, 24));
        "cmp rsp, r10" <- cmp_regs(RSP, R10);
        "cmp r10d, 0x1f80" <- cmp_const(R10, 0x1f80);
        "cmp dword [r11 + 0x38], 0x1f80" <- cmp_mem_const(Mem(R11, 56), 0x1f80);
        "cmp qword [rcx + 0x18], -0x1" <- cmp_word(Mem(RCX, 24), -1);
        "cmp byte [rsp + 0x88], 0x7f" <- cmp_byte(Mem(RSP, 136), 127);
        "test r11, r11" <- test(R11);
    }
}

#[test]
fn vector_instructions_are_what_they_are_called() {
    check! {
        "movss xmm9, dword [rsi + 0x8]" <- load_float(B32, Xmm(9), Mem(RSI, 8));
        "movsd xmm1, qword [r9 + 0x8]" <- load_float(B64, Xmm(1), Mem(R9, 8));
        "movss dword [rsp + 0x8], xmm7" <- store_float(B32, Mem(RSP, 8), Xmm(7));
        "movsd qword [r12 + 0x8], xmm8" <- store_float(B64, Mem(R12, 8), Xmm(8));
        "movups xmm15, xmmword [rax + 0x10]" <- load_vector(Xmm(15), Mem(RAX, 16));
        "movups xmmword [r10 + 0x10], xmm3" <- store_vector(Mem(R10, 16), Xmm(3));
        "addps xmm15, xmmword [r10 + 0x10]" <- add_floats(Xmm(15), Mem(R10, 16));
        "pcmpeqd xmm15, xmmword [rax + 0x20]" <- cmp_lanes(Xmm(15), Mem(RAX, 32));
        "movmskps r10d, xmm15" <- lane_signs(R10, Xmm(15));
        "movmskps eax, xmm2" <- lane_signs(RAX, Xmm(2));
        "movaps xmm9, xmm1" <- move_vector(Xmm(9), Xmm(1));
        "xorps xmm9, xmm9" <- clear_vector(Xmm(9));
        "movq xmm1, r9" <- move_to_vector(B64, Xmm(1), R9);
        "movd ecx, xmm9" <- move_from_vector(B32, RCX, Xmm(9));
        "movq r9, xmm1" <- move_from_vector(B64, R9, Xmm(1));
        "stmxcsr dword [rsp - 0x8]" <- store_float_state(Mem(RSP, -8));
    }
}

#[test]
fn jumps_and_calls_are_what_they_are_called() {
    check! {
        "jmp r11" <- jump_reg(R11);
        "jmp qword [r11 + 0x8]" <- jump_mem(Mem(R11, 8));
        "call rax" <- call(RAX);
        "call qword [r11 + 0x90]" <- call_mem(Mem(R11, 144));
        "ret" <- ret(0);
        "ret 0x10" <- ret(16);
    }
    let conditions = [
        (Overflow, "jo"),
        (NotOverflow, "jno"),
        (Below, "jb"),
        (AboveOrEqual, "jnb"),
        (Equal, "jz"),
        (NotEqual, "jnz"),
        (BelowOrEqual, "jna"),
        (Above, "ja"),
        (Negative, "js"),
        (NotNegative, "jns"),
        (Unordered, "jp"),
        (Ordered, "jnp"),
        (Less, "jl"),
        (GreaterOrEqual, "jge"),
        (LessOrEqual, "jle"),
        (Greater, "jg"),
    ];
    for (condition, name) in conditions {
        let back = listing(|asm| {
            let mut back = asm.here();
            asm.jump_if(condition, &mut back);
        });
        assert_eq!(back, [format!("{name} $-0x2")]);
        let ahead = listing(|asm| {
            let mut ahead = Label::default();
            asm.jump_if(condition, &mut ahead);
            asm.bind(&mut ahead);
        });
        assert_eq!(ahead, [format!("{name} $+0x0")]);
        assert_eq!(condition.inverted().inverted(), condition);
        assert_eq!(condition.mirrored().mirrored(), condition);
    }
}

#[test]
fn atomic_instructions_are_what_they_are_called() {
    let place = Mem::indexed(R15, RAX, 8);
    check! {
        "xchg byte [rax + 0x8], sil" <- exchange_mem(1, Mem(RAX, 8), RSI);
        "xchg word [rax + 0x8], r9w" <- exchange_mem(2, Mem(RAX, 8), R9);
        "xchg dword [rax + 0x8], ecx" <- exchange_mem(4, Mem(RAX, 8), RCX);
        "xchg qword [r15 + rax * 1 + 0x8], rcx" <- exchange_mem(8, place, RCX);
        "lock xadd byte [rax + 0x8], sil" <- locked_add(1, Mem(RAX, 8), RSI);
        "lock xadd word [r15 + rax * 1 + 0x8], r9w" <- locked_add(2, place, R9);
        "lock xadd dword [rax + 0x8], ecx" <- locked_add(4, Mem(RAX, 8), RCX);
        "lock xadd qword [rax + 0x8], r9" <- locked_add(8, Mem(RAX, 8), R9);
        "lock cmpxchg byte [rdx + 0x8], dil" <- locked_compare_exchange(1, Mem(RDX, 8), RDI);
        "lock cmpxchg word [rdx + 0x8], di" <- locked_compare_exchange(2, Mem(RDX, 8), RDI);
        "lock cmpxchg dword [rdx + 0x8], r8d" <- locked_compare_exchange(4, Mem(RDX, 8), R8);
        "lock cmpxchg qword [r15 + rax * 1 + 0x8], rcx" <- locked_compare_exchange(8, place, RCX);
        "mfence" <- fence();
    }
}

#[test]
fn arithmetic_of_compiled_code_is_what_it_is_called() {
    check! {
        "movzx esi, byte [r15 + rax * 1 + 0x8]" <-
            load_extended(Extend::Zero8, RSI, Mem::indexed(R15, RAX, 8));
        "movzx esi, word [r15 + 0x8]" <- load_extended(Extend::Zero16, RSI, Mem(R15, 8));
        "mov esi, dword [rbp - 0x8]" <- load_extended(Extend::Zero32, RSI, Mem(RBP, -8));
        "movsx rsi, byte [rbp - 0x8]" <- load_extended(Extend::Sign8(B64), RSI, Mem(RBP, -8));
        "movsx r9d, word [rbp - 0x8]" <- load_extended(Extend::Sign16(B32), R9, Mem(RBP, -8));
        "movsxd r9, dword [rbp - 0x8]" <- load_extended(Extend::Sign32, R9, Mem(RBP, -8));
        "movsx ecx, sil" <- extend(Extend::Sign8(B32), RCX, RSI);
        "movzx ecx, bl" <- extend(Extend::Zero8, RCX, RBX);
        "mov byte [rax + 0x1], sil" <- store_low(1, Mem(RAX, 1), RSI);
        "mov word [rax + r12 * 1 + 0x1], r9w" <- store_low(2, Mem::indexed(RAX, R12, 1), R9);
        "mov dword [rax + 0x1], r9d" <- store_low(4, Mem(RAX, 1), R9);
        "mov qword [rax + 0x1], r9" <- store_low(8, Mem(RAX, 1), R9);
        "mov byte [rax + 0x1], 0x7f" <- store_low_const(1, Mem(RAX, 1), 127);
        "mov word [rax + 0x1], 0x7fff" <- store_low_const(2, Mem(RAX, 1), 0x7fff);
        "mov dword [rax + 0x1], 0x7f" <- store_low_const(4, Mem(RAX, 1), 127);
        "mov qword [rax + 0x1], -0x1" <- store_low_const(8, Mem(RAX, 1), -1);
        "mov eax, 0x5" <- set_64(RAX, 5);
        "mov rax, -0x1" <- set_64(RAX, u64::MAX);
        "mov rax, 0x123456789abc" <- set_64(RAX, 0x1234_5678_9abc);
        "lea eax, dword [rcx + r8 * 1 + 0x5]" <- lea_32(RAX, Mem::indexed(RCX, R8, 5));
        "imul r8, rcx" <- multiply(B64, R8, RCX);
        "imul r8d, dword [rbp + 0x8]" <- multiply_mem(B32, R8, Mem(RBP, 8));
        "imul r8d, ecx, 0x5" <- multiply_const(B32, R8, RCX, 5);
        "imul r8d, ecx, 0x500" <- multiply_const(B32, R8, RCX, 0x500);
        "not r9d" <- unary(Unary::Not, B32, R9);
        "neg r9d" <- unary(Unary::Negate, B32, R9);
        "mul rcx" <- unary(Unary::Multiply, B64, RCX);
        "imul rcx" <- unary(Unary::MultiplySigned, B64, RCX);
        "div ecx" <- unary(Unary::Divide, B32, RCX);
        "idiv rcx" <- unary(Unary::DivideSigned, B64, RCX);
        "cdq" <- sign_to_rdx(B32);
        "cqo" <- sign_to_rdx(B64);
        "rol ecx, 0x5" <- shift_const(Shift::RotateLeft, B32, RCX, 5);
        "ror rcx, cl" <- shift_by_cl(Shift::RotateRight, B64, RCX);
        "shl ecx, 0x5" <- shift_const(Shift::Left, B32, RCX, 5);
        "shr ecx, 0x5" <- shift_const(Shift::Right, B32, RCX, 5);
        "sar r8d, cl" <- shift_by_cl(Shift::RightSigned, B32, R8);
        "shlx r9, rcx, r12" <- shift_by(Shift::Left, B64, R9, RCX, R12);
        "shrx ecx, r9d, edx" <- shift_by(Shift::Right, B32, RCX, R9, RDX);
        "sarx ecx, r9d, edx" <- shift_by(Shift::RightSigned, B32, RCX, R9, RDX);
        "setb sil" <- set_if(Below, RSI);
        "cmovl r9, rcx" <- move_if(Less, B64, R9, RCX);
        "xchg r9, rcx" <- exchange(RCX, R9);
        "test ecx, r9d" <- test_regs(B32, RCX, R9);
        "test rcx, 0x100" <- test_const(B64, RCX, 256);
        "lzcnt ecx, r9d" <- leading_zeros(B32, RCX, R9);
        "tzcnt rcx, r9" <- trailing_zeros(B64, RCX, R9);
        "popcnt ecx, r9d" <- ones(B32, RCX, R9);
        "bsr ecx, r9d" <- highest_bit(B32, RCX, R9);
        "bsf rcx, r9" <- lowest_bit(B64, RCX, R9);
        "or rcx, r9" <- alu(Alu::Or, B64, RCX, R9);
        "and ecx, 0x10" <- alu_const(Alu::And, B32, RCX, 16);
        "xor ecx, dword [rbp - 0x8]" <- alu_mem(Alu::Xor, B32, RCX, Mem(RBP, -8));
        "add dword [rbp - 0x8], 0x1000" <- alu_mem_const(Alu::Add, B32, Mem(RBP, -8), 0x1000);
        "leave" <- leave();
        "ud2" <- undefined();
    }
}

pub(super) const REGS: [(Reg, &str); 16] = [
    (RAX, "rax"),
    (RCX, "rcx"),
    (RDX, "rdx"),
    (RBX, "rbx"),
    (RSP, "rsp"),
    (RBP, "rbp"),
    (RSI, "rsi"),
    (RDI, "rdi"),
    (R8, "r8"),
    (R9, "r9"),
    (R10, "r10"),
    (R11, "r11"),
    (R12, "r12"),
    (R13, "r13"),
    (R14, "r14"),
    (R15, "r15"),
];

#[test]
fn any_register_and_displacement_makes_an_operand() {
    let displacements = [0, 1, -1, 127, -128, 128, -129, 0x1234_5678, i32::MAX, i32::MIN];
    for (base, base_name) in REGS {
        for displacement in displacements {
            let memory = match displacement {
                0 => format!("[{base_name}]"),
                1.. => format!("[{base_name} + {displacement:#x}]"),
                _ => format!("[{base_name} - {:#x}]", displacement.unsigned_abs()),
            };
            let place = Mem(base, displacement);
            for (reg, name) in REGS {
                let code = listing(|asm| asm.load(B64, reg, place));
                assert_eq!(code, [format!("mov {name}, qword {memory}")]);
            }
            for n in 0..16 {
                let code = listing(|asm| asm.store_float(B64, place, Xmm(n)));
                assert_eq!(code, [format!("movsd qword {memory}, xmm{n}")]);
            }
            assert_eq!(listing(|asm| asm.call_mem(place)), [format!("call qword {memory}")]);
        }
        for (reg, name) in REGS {
            let code = listing(|asm| asm.mov(B64, base, reg));
            assert_eq!(code, [format!("mov {base_name}, {name}")]);
        }
        let code = listing(|asm| {
            asm.push(base);
            asm.pop(base);
            asm.call(base);
            asm.set_address(base, 1);
        });
        let expected = ["push {}", "pop {}", "call {}", "mov {}, 0x1"];
        assert_eq!(code, expected.map(|text| text.replace("{}", base_name)));
    }
}

#[test]
fn jumps_reach_their_label_from_both_sides() {
    let code = listing(|asm| {
        let mut ahead = Label::default();
        let mut back = asm.here();
        asm.jump(&mut ahead);
        asm.jump_if(Below, &mut ahead);
        asm.jump(&mut back);
        asm.bind(&mut ahead);
        asm.jump(&mut ahead);
    });
    assert_eq!(code, ["jmp $+0x8", "jb $+0x2", "jmp $-0xd", "jmp $-0x2"]);
}

#[test]
fn alignment_is_made_of_instructions_that_do_nothing() {
    for size in 0..70 {
        let mut asm = Assembler::default();
        asm.append(&vec![0x90; size]);
        asm.align(32);
        assert_eq!(asm.len() % 32, 0);
        assert!(asm.len() < size + 32);
        let code = listing(|all| all.append(&asm.finish().unwrap()[size..]));
        assert!(code.iter().all(|text| text.starts_with("nop")), "{code:?}");
    }
}

#[test]
fn code_beyond_its_limit_is_no_code() {
    let mut asm = Assembler::default();
    asm.restart(100);
    for _ in 0..10_000 {
        asm.push(RAX);
    }
    assert!(asm.is_full() && !asm.is_complete() && asm.len() < 1000);
    asm.restart(100);
    asm.push(RAX);
    assert!(asm.is_complete());
    assert_eq!(asm.finish().unwrap().len(), 1);
}

#[test]
fn code_without_memory_is_no_code() {
    let mut asm = Assembler::with_capacity(usize::MAX);
    let mut label = Label::default();
    asm.jump(&mut label);
    asm.push(RAX);
    asm.jump(&mut label);
    asm.bind(&mut label);
    assert!(asm.finish().is_none());
}
