//! Finds branches and returns in finished machine code.
//!
//! `placement` needs the loops of the finished code, and `epilogue` its returns. The code generator's own list of
//! blocks and edges cannot be used: computing it takes quadratic time where many blocks turn out empty, and it
//! attributes edges to the wrong blocks as soon as a cold block has others after it. So the instructions that end a
//! block are marked before code is generated, in the source location, which follows every instruction into machine
//! code: the low bits hold the location of the wasm instruction (see `places`), the bits above them the kind of
//! block end.

use cranelift_codegen::ir::{Function, Opcode, SourceLoc};
use cranelift_codegen::{CompiledCode, Final, MachSrcLoc};

/// Bodies are shorter than this.
pub(super) const MAX_BODY: usize = 1 << 30;

const OFFSET: u32 = (1 << 30) - 1;
const TABLE: u32 = 1 << 30;
const BRANCH: u32 = 2 << 30;
const RETURN: u32 = 3 << 30;

/// Marks the branches and returns of a function.
pub(super) fn mark(func: &mut Function) {
    let mut next = func.layout.entry_block();
    while let Some(block) = next {
        next = func.layout.next_block(block);
        let Some(last) = func.layout.last_inst(block) else { continue };
        let kind = match func.dfg.insts[last].opcode() {
            Opcode::Jump | Opcode::Brif => BRANCH,
            Opcode::BrTable => TABLE,
            Opcode::Return => RETURN,
            _ => continue,
        };
        let offset = offset(func.srcloc(last)).unwrap_or(0);
        func.set_srcloc(last, SourceLoc::new(kind | offset));
    }
}

/// The location of the wasm instruction behind a source location, if known.
pub(super) fn offset(location: SourceLoc) -> Option<u32> {
    (!location.is_default()).then(|| location.bits() & OFFSET)
}

/// The end offsets of the code of returns.
pub(super) fn returns(compiled: &CompiledCode) -> impl Iterator<Item = usize> + '_ {
    let ranges = compiled.buffer.get_srclocs_sorted().iter();
    ranges.filter(|range| kind(range) == Some(RETURN)).map(|range| range.end as usize)
}

/// A loop, as ranges of finished code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Loop {
    /// From the target of a backward branch to the end of that branch.
    pub start: u32,
    pub end: u32,
    /// Where its first block ends, and its last one begins.
    pub first_end: u32,
    pub last_start: u32,
    /// That of its first instruction.
    pub location: u32,
}

/// The loops that backward branches close. Targets of branch tables are not looked for.
pub(super) fn loops(compiled: &CompiledCode) -> Vec<Loop> {
    let code = compiled.buffer.data();
    let ranges = compiled.buffer.get_srclocs_sorted();
    let (mut edges, mut ends) = (Vec::new(), Vec::new());
    for range in ranges {
        // Jumps between blocks that the code generator added have no location.
        if kind(range).is_some_and(|kind| kind == 0) {
            continue;
        }
        let before = ends.len();
        let code = &code[..range.end as usize];
        if kind(range) == Some(TABLE) {
            ends.extend(end_of_dispatch(code, range.start as usize));
            continue;
        }
        for target in jump_targets(code, range.start as usize) {
            if target <= range.start {
                edges.push((target, range.end));
            }
            ends.extend([target, range.end]);
        }
        if ends.len() == before && kind(range) == Some(RETURN) {
            ends.push(range.end);
        }
    }
    ends.sort_unstable();
    let bounds = |(start, end): (u32, u32)| {
        let first_end = ends[ends.partition_point(|&at| at <= start)];
        let last = ends.partition_point(|&at| at < end).checked_sub(1);
        let last_start = last.map_or(start, |last| ends[last].max(start));
        let inside = &ranges[ranges.partition_point(|range| range.end <= start)..];
        let location = inside.iter().find_map(|range| offset(range.loc)).unwrap_or(0);
        Loop { start, end, first_end, last_start, location }
    };
    edges.into_iter().map(bounds).collect()
}

fn kind(range: &MachSrcLoc<Final>) -> Option<u32> {
    (!range.loc.is_default()).then(|| range.loc.bits() & !OFFSET)
}

/// Where the code of a branch table ends that begins at `start`, before the table: it loads the table's address, and then
/// jumps to that plus an entry, in 9 bytes.
fn end_of_dispatch(code: &[u8], start: usize) -> Option<u32> {
    const TO_TABLE: u8 = 9;
    let loads =
        |code: &[u8]| matches!(code, [0x8d, operand, TO_TABLE, 0, 0, 0] if operand & 0xc7 == 5);
    let lea = code[start..].windows(6).position(loads)?;
    Some((start + lea + 6) as u32 + u32::from(TO_TABLE))
}

/// Targets of the jumps with 32-bit distances that `code` ends with, not looking before `start`.
fn jump_targets(code: &[u8], start: usize) -> impl Iterator<Item = u32> + '_ {
    let mut end = code.len();
    std::iter::from_fn(move || {
        let (head, distance) = code[start..end].split_last_chunk::<4>()?;
        let target = (end as u32).wrapping_add(u32::from_le_bytes(*distance));
        end -= match head {
            [.., 0xe9] => 5,
            [.., 0x0f, 0x80..=0x8f] => 6,
            _ => return None,
        };
        Some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::{end_of_dispatch, jump_targets};

    #[test]
    fn the_code_of_a_branch_table_ends_at_the_table() {
        // mov esi, 15; lea rdi, [rip + 9]; movsxd rsi, [rdi + rsi * 4]; add rdi, rsi; jmp rdi; the table
        let code = [
            0x90, 0xbe, 15, 0, 0, 0, 0x48, 0x8d, 0x3d, 9, 0, 0, 0, 0x48, 0x63, 0x34, 0xb7, 0x48, 1,
            0xf7, 0xff, 0xe7, 9, 0, 0, 0, 9, 0, 0, 0,
        ];
        assert_eq!(end_of_dispatch(&code, 1), Some(22));
        assert_eq!(end_of_dispatch(&code[..8], 1), None);
    }

    #[test]
    fn targets_are_read_off_the_jumps_at_the_end() {
        let two = [0x90, 0x0f, 0x85, 0xf9, 0xff, 0xff, 0xff, 0xe9, 1, 0, 0, 0];
        assert_eq!(jump_targets(&two, 0).collect::<Vec<_>>(), [13, 0]);
        assert_eq!(jump_targets(&two, 7).collect::<Vec<_>>(), [13]);
        assert_eq!(jump_targets(&two[..7], 0).collect::<Vec<_>>(), [0]);
        assert_eq!(jump_targets(&two[..6], 0).count(), 0);
        assert_eq!(jump_targets(&[], 0).count(), 0);
    }
}
