//! Addresses without a needless displacement. Part of the sandbox: this file rewrites machine code.
//!
//! Where a memory's base is in r13, an access at `base + index` is encoded with a displacement of zero, because r13 as base
//! register needs one. On Zen 4, accesses that add three things take a cycle more. As index register r13 needs none, so
//! base and index are swapped. A prefix without effect takes the place of the byte that is left over; no offset changes.
//!
//! Bytes are replaced only where an instruction that may fault begins, and only those up to the displacement.

use super::accesses::is_access;
use cranelift_codegen::CompiledCode;

/// Selects a segment, which means nothing in 64-bit mode. May be before every other prefix.
const NO_EFFECT: u8 = 0x3e;

const REX_X: u8 = 1 << 1;
const REX_B: u8 = 1 << 0;
/// The same bits in the second byte of a three-byte VEX prefix, inverted.
const VEX_X: u8 = 1 << 6;
const VEX_B: u8 = 1 << 5;

/// The low bits of r13, and of rbp.
const R13: u8 = 5;
/// As index: none.
const NO_INDEX: u8 = 4;

/// Rewrites the guarded accesses in `code`, the code of `compiled`.
pub(super) fn simplify(code: &mut [u8], compiled: &CompiledCode) {
    for trap in compiled.buffer.traps().iter().filter(|trap| is_access(trap.code)) {
        code.get_mut(trap.offset as usize..).and_then(swap_registers);
    }
}

/// Rewrites the instruction that `code` begins with, if it accesses `[r13 + index + 0]`.
fn swap_registers(code: &mut [u8]) -> Option<()> {
    let at = code.iter().take_while(|byte| matches!(byte, 0x66 | 0xf0 | 0xf2 | 0xf3)).count();
    let vex = *code.get(at)? == 0xc4;
    // Where the high bits of registers are, and the last byte of the opcode.
    let (flags, opcode) = match *code.get(at..at + 3)? {
        [0xc4, _, _] => (at + 1, at + 3),
        [0x40..=0x4f, 0x0f, 0x38 | 0x3a] => (at, at + 3),
        [0x40..=0x4f, 0x0f, _] => (at, at + 2),
        [0x40..=0x4f, _, _] => (at, at + 1),
        _ => return None,
    };
    let [modrm, sib, displacement] = *code.get(opcode + 1..opcode + 4)? else { return None };
    let (x, b) = if vex { (VEX_X, VEX_B) } else { (REX_X, REX_B) };
    let high = if vex { !code[flags] } else { code[flags] };
    let (scale, index, base) = (sib >> 6, sib >> 3 & 7, sib & 7);
    let is_r13 = base == R13 && high & b != 0;
    let can_be_base = index != R13 && !(index == NO_INDEX && high & x == 0);
    if modrm & 0xc7 != 0x44 || scale != 0 || displacement != 0 || !is_r13 || !can_be_base {
        return None;
    }
    // The index, which becomes the base, may be one of the high registers or not; r13 is.
    let swapped = (high | x) & !b | if high & x != 0 { b } else { 0 };
    code[flags] = if vex { !swapped } else { swapped };
    code[opcode + 1] = modrm & !0xc0;
    code[opcode + 2] = R13 << 3 | index;
    code.copy_within(..opcode + 3, 1);
    code[0] = NO_EFFECT;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::swap_registers;

    fn rewritten(code: &str) -> Option<String> {
        let mut code: Vec<u8> =
            code.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        swap_registers(&mut code)?;
        Some(code.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn r13_becomes_the_index() {
        for (before, after) in [
            ("49 8b 44 0d 00", "3e 4a 8b 04 29"),
            ("47 88 54 0d 00", "3e 47 88 14 29"),
            ("4f 0f b6 44 05 00", "3e 4f 0f b6 04 28"),
            ("45 3b 64 1d 00", "3e 46 3b 24 2b"),
            ("f0 4b 0f b1 4c 25 00", "3e f0 4b 0f b1 0c 2c"),
            ("41 c7 44 35 00 78 56 34 12", "3e 42 c7 04 2e 78 56 34 12"),
            ("f3 45 0f 10 4c 15 00", "3e f3 46 0f 10 0c 2a"),
            ("66 41 0f 38 00 4c 15 00", "3e 66 42 0f 38 00 0c 2a"),
            ("c4 81 29 fe 5c 1d 00", "3e c4 81 29 fe 1c 2b"),
            ("c4 c3 7b f0 44 3d 00 07", "3e c4 a3 7b f0 04 2f 07"),
        ] {
            assert_eq!(rewritten(before).as_deref(), Some(after));
        }
    }

    #[test]
    fn other_addresses_stay() {
        for code in [
            // Of r12 as base, scaled, with r13 or nothing as index, with a displacement, at an address of another form.
            "49 8b 44 0c 00",
            "49 8b 44 4d 00",
            "4b 8b 44 2d 00",
            "49 8b 44 25 00",
            "49 8b 44 0d 08",
            "49 8b 45 00 90",
            "8b 04 08 90 90",
            "49",
        ] {
            assert_eq!(rewritten(code), None);
        }
    }
}
