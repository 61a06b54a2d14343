//! How far the first thread's stack can grow, given what is mapped below it.
//!
//! Runtimes with guards of their own put them into the first thread's stack: a Java VM created on that thread takes
//! 1 MiB of it for Java and closes the pages below, although the system would let the stack grow to 8 MiB. And with
//! an unlimited stack, any mapping may be in the way. `/proc/self/maps` is read once per thread, in small pieces
//! and without allocating; if it cannot be read, the answer is unknown.

use std::fs::File;
use std::io::Read;
use std::ops::Range;

/// The kernel lets no stack grow closer than this to mapped memory.
const STACK_GAP: usize = 256 * 4096;

/// The lowest address that a stack whose pointer is `sp` may grow to.
pub fn stack_floor(sp: usize) -> Option<usize> {
    floor_in(File::open("/proc/self/maps").ok()?, sp)
}

/// A line of the file.
struct Area {
    range: Range<usize>,
    /// Readable and writable.
    open: bool,
}

fn floor_in(maps: impl Read, sp: usize) -> Option<usize> {
    let mut floor = 0;
    let mut below: Option<Area> = None;
    let mut lines = Lines::new(maps);
    while let Some(line) = lines.next() {
        let area = parse(line)?;
        if area.range.start > sp {
            break;
        }
        if !area.open {
            floor = area.range.end;
        } else if let Some(below) = below.filter(|b| b.open && b.range.end < area.range.start) {
            floor = floor.max(below.range.end.saturating_add(STACK_GAP));
        }
        below = Some(area);
    }
    below.is_some_and(|area| area.range.contains(&sp)).then_some(floor)
}

/// `7ffca5ba9000-7ffca5ca5000 rw-p ...`
fn parse(line: &[u8]) -> Option<Area> {
    let text = std::str::from_utf8(line).ok()?;
    let (range, access) = text.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |digits| usize::from_str_radix(digits, 16).ok();
    Some(Area { range: number(start)?..number(end)?, open: access.starts_with("rw") })
}

/// The beginning of each line of the file.
struct Lines<R> {
    file: R,
    buffer: [u8; 512],
    filled: Range<usize>,
    line: [u8; LINE],
}

/// The part of a line that is kept: two addresses and the access rights.
const LINE: usize = 38;

impl<R: Read> Lines<R> {
    fn new(file: R) -> Lines<R> {
        Lines { file, buffer: [0; 512], filled: 0..0, line: [0; LINE] }
    }

    fn next(&mut self) -> Option<&[u8]> {
        let mut len = 0;
        loop {
            match self.byte()? {
                b'\n' => return Some(&self.line[..len]),
                byte if len < LINE => {
                    self.line[len] = byte;
                    len += 1;
                }
                _ => {}
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        if self.filled.is_empty() {
            self.filled = 0..self.file.read(&mut self.buffer).ok()?;
        }
        self.filled.next().map(|at| self.buffer[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "7ffe00100000-7ffe00200000 rw-p 00000000 00:00 0    [stack]\n";

    fn floor(lines: &str) -> Option<usize> {
        floor_in(format!("{lines}{STACK}7ffe00300000-7ffe00301000 r--p 00 [vvar]\n").as_bytes(), SP)
    }
    const SP: usize = 0x7ffe_001f_0000;

    #[test]
    fn a_stack_without_neighbours_may_grow_down_to_nothing() {
        assert_eq!(floor(""), Some(0));
    }

    #[test]
    fn closed_pages_below_a_stack_end_it() {
        assert_eq!(floor("7ffe000fc000-7ffe00100000 ---p 00 00 0\n"), Some(0x7ffe_0010_0000));
        assert_eq!(
            floor("7ffe00010000-7ffe00020000 r--p 00 00 0 /a/file\n"),
            Some(0x7ffe_0002_0000)
        );
    }

    #[test]
    fn a_stack_stays_away_from_memory_in_use() {
        let gap = STACK_GAP;
        assert_eq!(floor("7ff000010000-7ff000020000 rw-p 0 0 0 x\n"), Some(0x7ff0_0002_0000 + gap));
        // Adjacent areas are parts of one stack.
        assert_eq!(floor("7ffe00000000-7ffe00100000 rw-p 0 0 0\n"), Some(0));
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        assert_eq!(floor("nonsense\n"), None);
        assert_eq!(floor_in(&b"7ffe00300000-7ffe00301000 rw-p 0\n"[..], SP), None);
        assert!(stack_floor(crate::sys::stack::stack_pointer()).is_some());
    }
}
