//! Which memory an instruction reads or writes, and how many bytes of it: for messages.

use super::{Module, leb};
use crate::types::MemoryIndex;

/// A load or store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    pub memory: MemoryIndex,
    pub width: u32,
}

/// In the first number behind the opcode: the memory's index follows.
const HAS_MEMORY: u32 = 1 << 6;

impl Module {
    /// What the load or store at a byte offset reaches for.
    pub fn access_at(&self, offset: u32) -> Option<Access> {
        access(self.bytes.get(offset as usize..)?)
    }
}

fn access(bytes: &[u8]) -> Option<Access> {
    let (&opcode, rest) = bytes.split_first()?;
    let (width, rest) = match opcode {
        0x28..=0x3e => (Some(SCALAR[usize::from(opcode - 0x28)]), rest),
        0xfd => {
            let (number, len) = leb(rest)?;
            (Some(vector_width(number)?), rest.get(len..)?)
        }
        // An atomic access is aligned to its width.
        0xfe => (None, rest.get(leb(rest)?.1..)?),
        _ => return None,
    };
    let (flags, len) = leb(rest)?;
    let memory = if flags & HAS_MEMORY != 0 { leb(rest.get(len..)?)?.0 } else { 0 };
    let width = width.unwrap_or(1 << (flags & 3));
    Some(Access { memory: MemoryIndex(memory), width })
}

/// From i32.load to i64.store32.
const SCALAR: [u32; 23] = [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4];

fn vector_width(number: u32) -> Option<u32> {
    Some(match number {
        0 | 11 => 16,
        1..=6 | 10 | 87 | 91 | 93 => 8,
        7 | 84 | 88 => 1,
        8 | 85 | 89 => 2,
        9 | 86 | 90 | 92 => 4,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accesses_have_the_width_and_memory_of_their_text() {
        let cases = [
            ("i32.load8_u 1 offset=200 (i32.const 0)", 1, 1),
            ("i64.load (i32.const 0)", 0, 8),
            ("i64.load32_s 1 (i32.const 0)", 1, 4),
            ("f64.load (i32.const 0)", 0, 8),
            ("v128.load 1 (i32.const 0)", 1, 16),
            ("v128.load32_zero (i32.const 0)", 0, 4),
            ("v128.load8x8_s (i32.const 0)", 0, 8),
            ("v128.load16_lane 0 (i32.const 0) (v128.const i64x2 0 0)", 0, 2),
            ("i64.atomic.load16_u 1 (i32.const 0)", 1, 2),
        ];
        for (text, memory, width) in cases {
            let module = format!("(module (memory 1) (memory 1) (func (drop ({text}))))");
            let bytes = wat::parse_str(module).unwrap();
            let found = (0..bytes.len()).filter_map(|at| {
                let is_access =
                    [0xfd, 0xfe].contains(&bytes[at]) || (0x28..=0x3e).contains(&bytes[at]);
                access(&bytes[at..]).filter(|_| is_access)
            });
            let expected = Access { memory: MemoryIndex(memory), width };
            assert!(found.into_iter().any(|access| access == expected), "{text}");
        }
    }
}
