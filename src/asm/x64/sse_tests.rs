//! Checks the encoding of vector instructions with an independent disassembler: each by its name, and each kind of
//! operands with all registers.

use super::tests::{REGS, listing};
use super::*;
use Width::*;

/// What the disassembler calls an operation.
fn mnemonic(op: Sse) -> String {
    format!("{op:?}").to_lowercase()
}

/// How an operation is used.
#[derive(PartialEq)]
enum Operands {
    Vectors,
    /// And a constant.
    Constant,
    /// The second operand of registers is a general register.
    General,
    /// And a lane.
    Lane,
    /// The first is.
    ToGeneral,
}

fn operands(op: Sse) -> Operands {
    use Operands::*;
    use Sse::*;
    match op {
        Cvtsi2ss | Cvtsi2sd => General,
        Pinsrb | Pinsrw | Pinsrd | Pextrb | Pextrw | Pextrd => Lane,
        Cvttss2si | Cvttsd2si | Movmskps | Movmskpd | Pmovmskb => ToGeneral,
        Cmpps | Cmppd | Cmpss | Cmpsd | Shufps | Pshufd | Pshuflw | Roundps | Roundpd | Roundss
        | Roundsd | Palignr | Insertps => Constant,
        _ => Vectors,
    }
}

fn is_store(op: Sse) -> bool {
    use Sse::*;
    matches!(op, Pextrb | Pextrw | Pextrd)
}

/// The name and the operands of the only instruction, without constants and sizes of memory.
fn read_back(emit: impl FnOnce(&mut Assembler)) -> (String, Vec<String>) {
    let code = listing(emit);
    let [text] = &code[..] else { panic!("not one instruction: {code:?}") };
    let (name, operands) = text.split_once(' ').unwrap();
    let operands = operands.split(", ").filter(|operand| !operand.starts_with("0x"));
    let plain = |operand: &str| match operand.find('[') {
        Some(start) => operand[start..].to_string(),
        None => operand.to_string(),
    };
    (name.to_string(), operands.map(plain).collect())
}

fn in_order(store: bool, first: &str, second: &str) -> Vec<String> {
    if store { vec![second.into(), first.into()] } else { vec![first.into(), second.into()] }
}

#[test]
fn vector_operations_are_what_they_are_called() {
    for &op in Sse::ALL {
        if operands(op) == Operands::Vectors {
            let found = read_back(|asm| asm.sse(op, Xmm(3), Xmm(12)));
            let order = in_order(is_store(op), "xmm3", "xmm12");
            assert_eq!(found, (mnemonic(op), order));
        }
        if operands(op) == Operands::Constant {
            let found = read_back(|asm| asm.sse_imm(op, Xmm(11), Xmm(2), 0));
            assert_eq!(found, (mnemonic(op), in_order(false, "xmm11", "xmm2")));
        }
    }
}

#[test]
fn vector_operations_take_operands_in_memory() {
    let memory = "[rsp + 0x10]";
    let place = Mem(RSP, 16);
    for &op in Sse::ALL {
        let found = read_back(|asm| match operands(op) {
            Operands::Constant | Operands::Lane => asm.sse_mem_imm(op, B32, Xmm(6), place, 0),
            Operands::ToGeneral => asm.sse_to_reg(op, B32, R9, Xmm(1)),
            _ => asm.sse_mem(op, Xmm(6), place),
        });
        let order = match operands(op) {
            Operands::ToGeneral => in_order(false, "r9d", "xmm1"),
            _ => in_order(is_store(op), "xmm6", memory),
        };
        assert_eq!(found, (mnemonic(op), order));
    }
}

#[test]
fn vector_operations_take_constants_at_labels() {
    let code = listing(|asm| {
        let mut label = Label::default();
        asm.sse_label(Sse::Movaps, Xmm(1), &mut label);
        asm.sse_label(Sse::Pshufb, Xmm(9), &mut label);
        asm.vex_label(Sse::Andps, Xmm(10), Xmm(2), &mut label);
        asm.bind(&mut label);
        asm.ret(0);
    });
    assert_eq!(
        code,
        [
            "movaps xmm1, xmmword [rip + 0x12]",
            "pshufb xmm9, xmmword [rip + 0x8]",
            "vandps xmm10, xmm2, xmmword [rip]",
            "ret"
        ]
    );
}

/// Emits what follows the arrow, and compares.
macro_rules! check {
    ($($text:literal <- $method:ident($($arg:expr),*);)*) => {$(
        assert_eq!(listing(|asm| asm.$method($($arg),*)), [$text]);
    )*};
}

#[test]
fn moves_and_conversions_between_kinds_of_registers_have_a_width() {
    use Sse::*;
    // The names that the disassembler has for the general registers of inserts and extracts are often wrong.
    check! {
        "cvtsi2ss xmm8, esi" <- sse_reg(Cvtsi2ss, B32, Xmm(8), RSI);
        "cvtsi2sd xmm1, r8" <- sse_reg(Cvtsi2sd, B64, Xmm(1), R8);
        "cvttss2si r12, xmm1" <- sse_to_reg(Cvttss2si, B64, R12, Xmm(1));
        "cvttsd2si eax, xmm9" <- sse_to_reg(Cvttsd2si, B32, RAX, Xmm(9));
        "movmskpd eax, xmm2" <- sse_to_reg(Movmskpd, B32, RAX, Xmm(2));
        "pmovmskb r11d, xmm15" <- sse_to_reg(Pmovmskb, B32, R11, Xmm(15));
        "pinsrb xmm1, xmm8, 0xf" <- sse_lane(Pinsrb, B32, Xmm(1), R8, 15);
        "pinsrw xmm9, eax, 0x7" <- sse_lane(Pinsrw, B32, Xmm(9), RAX, 7);
        "pinsrd xmm9, xmm9, 0x3" <- sse_lane(Pinsrd, B32, Xmm(9), R9, 3);
        "pinsrq xmm1, xmm1, 0x1" <- sse_lane(Pinsrd, B64, Xmm(1), RCX, 1);
        "pextrb r8w, xmm1, 0xf" <- sse_lane(Pextrb, B32, Xmm(1), R8, 15);
        "pextrw ax, xmm9, 0x7" <- sse_lane(Pextrw, B32, Xmm(9), RAX, 7);
        "pextrd r9w, xmm9, 0x3" <- sse_lane(Pextrd, B32, Xmm(9), R9, 3);
        "pextrq rcx, xmm1, 0x1" <- sse_lane(Pextrd, B64, Xmm(1), RCX, 1);
        "pextrq qword [rcx + 0x8], xmm1, 0x1" <- sse_mem_imm(Pextrd, B64, Xmm(1), Mem(RCX, 8), 1);
    }
}

/// The disassembler takes all of them for `movq`.
#[test]
fn a_move_of_32_bits_to_a_vector_has_no_wide_operand() {
    let mut asm = Assembler::default();
    asm.move_to_vector(B32, Xmm(9), R10);
    let expected = [0x66, 0x45, 0x0f, 0x6e, 0xca];
    assert_eq!(asm.finish().unwrap(), expected);
}

#[test]
fn constants_of_vector_operations_are_kept() {
    use Sse::*;
    check! {
        "cmpps xmm1, xmm9, 0x3" <- sse_imm(Cmpps, Xmm(1), Xmm(9), 3);
        "roundsd xmm1, xmm9, 0xb" <- sse_imm(Roundsd, Xmm(1), Xmm(9), 11);
        "pshufd xmm9, xmm1, 0x4e" <- sse_imm(Pshufd, Xmm(9), Xmm(1), 0x4e);
        "vcmppd xmm1, xmm2, xmm3, 0x1" <- vex_imm(Cmppd, Xmm(1), Xmm(2), Xmm(3), 1);
        "psrlw xmm1, 0x8" <- sse_shift(LaneShift::Psrlw, Xmm(1), 8);
        "psraw xmm9, 0x7" <- sse_shift(LaneShift::Psraw, Xmm(9), 7);
        "psllw xmm1, 0x8" <- sse_shift(LaneShift::Psllw, Xmm(1), 8);
        "psrld xmm9, 0x1" <- sse_shift(LaneShift::Psrld, Xmm(9), 1);
        "psrad xmm1, 0x1f" <- sse_shift(LaneShift::Psrad, Xmm(1), 31);
        "pslld xmm9, 0x1f" <- sse_shift(LaneShift::Pslld, Xmm(9), 31);
        "psrlq xmm1, 0x20" <- sse_shift(LaneShift::Psrlq, Xmm(1), 32);
        "psllq xmm1, 0x3f" <- sse_shift(LaneShift::Psllq, Xmm(1), 63);
    }
}

/// Operations that AVX has with three operands.
fn has_vex_form(op: Sse) -> bool {
    use Sse::*;
    let name = mnemonic(op);
    let unary = ["mov", "pmov", "cvt", "ucomi", "sqrtp", "pabs", "ptest", "pshufd"]
        .iter()
        .any(|start| name.starts_with(start));
    let other = matches!(op, Pshuflw | Roundps | Roundpd);
    let kind = operands(op);
    !unary && !other && matches!(kind, Operands::Vectors | Operands::Constant)
}

#[test]
fn vector_operations_have_a_form_with_three_operands() {
    for &op in Sse::ALL.iter().filter(|&&op| has_vex_form(op)) {
        let has_imm = operands(op) == Operands::Constant;
        let (name, found) = read_back(|asm| match has_imm {
            true => asm.vex_imm(op, Xmm(9), Xmm(2), Xmm(13), 0),
            false => asm.vex(op, Xmm(9), Xmm(2), Xmm(13)),
        });
        assert_eq!(name, format!("v{}", mnemonic(op)));
        assert_eq!(found, ["xmm9", "xmm2", "xmm13"], "{op:?}");
        if !has_imm {
            let (name, found) = read_back(|asm| asm.vex_mem(op, Xmm(1), Xmm(10), Mem(R12, 8)));
            assert_eq!(name, format!("v{}", mnemonic(op)));
            assert_eq!(found, ["xmm1", "xmm10", "[r12 + 0x8]"], "{op:?}");
        }
    }
}

#[test]
fn fused_multiplications_are_what_they_are_called() {
    use Fma::*;
    for op in [Vfmadd213ps, Vfmadd213pd, Vfnmadd213ps, Vfnmadd213pd] {
        let (name, found) = read_back(|asm| asm.fma(op, Xmm(1), Xmm(10), Xmm(3)));
        assert_eq!(name, format!("{op:?}").to_lowercase());
        assert_eq!(found, ["xmm1", "xmm10", "xmm3"]);
    }
}

#[test]
fn any_registers_are_operands_of_vector_operations() {
    for (n, m) in (0..16).flat_map(|n| (0..16).map(move |m| (n, m))) {
        let k = (n * 7 + m * 3) % 16;
        for (op, name) in [(Sse::Pxor, "pxor"), (Sse::Pshufb, "pshufb")] {
            let code = listing(|asm| {
                asm.sse(op, Xmm(n), Xmm(m));
                asm.vex(op, Xmm(n), Xmm(k), Xmm(m));
            });
            let plain = format!("{name} xmm{n}, xmm{m}");
            assert_eq!(code, [plain, format!("v{name} xmm{n}, xmm{k}, xmm{m}")]);
        }
        let (reg, base) = REGS[usize::from(m)];
        let code = listing(|asm| {
            asm.sse_mem(Sse::Paddb, Xmm(n), Mem(reg, -8));
            asm.vex_mem(Sse::Paddb, Xmm(n), Xmm(k), Mem(reg, 4096));
            asm.sse_lane(Sse::Pextrd, B64, Xmm(n), reg, 1);
            asm.sse_to_reg(Sse::Pmovmskb, B32, reg, Xmm(n));
            asm.vex_mem(Sse::Paddb, Xmm(n), Xmm(k), Mem::indexed(reg, RCX, 1));
            asm.vex_mem(Sse::Paddb, Xmm(n), Xmm(k), Mem::indexed(RCX, R12, 1));
        });
        assert_eq!(code[0], format!("paddb xmm{n}, xmmword [{base} - 0x8]"));
        assert_eq!(code[1], format!("vpaddb xmm{n}, xmm{k}, xmmword [{base} + 0x1000]"));
        assert_eq!(code[2], format!("pextrq {base}, xmm{n}, 0x1"));
        assert_eq!(code[4], format!("vpaddb xmm{n}, xmm{k}, xmmword [{base} + rcx * 1 + 0x1]"));
        assert_eq!(code[5], format!("vpaddb xmm{n}, xmm{k}, xmmword [rcx + r12 * 1 + 0x1]"));
        assert!(code[3].ends_with(&format!(", xmm{n}")), "{}", code[3]);
    }
}
