//! How far the first thread's stack can grow, given what is mapped below it.
//!
//! Runtimes with guards of their own put them into the first thread's stack: a Java VM created on that thread takes
//! 1 MiB of it for Java and closes the pages below, although the system would let the stack grow to 8 MiB. And with
//! an unlimited stack, any mapping may be in the way. The system is asked for the mappings near the stack
//! (`PROCMAP_QUERY`, Linux 6.11), or else `/proc/self/maps` is read, in small pieces and without allocating: once per
//! thread. If neither is possible, the answer is unknown.

use super::valgrind;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::fd::AsRawFd;

/// The kernel lets no stack grow closer than this to mapped memory.
const STACK_GAP: usize = 256 * 4096;

/// The lowest address that a stack whose pointer is `sp` may grow to. Addresses below `low` do not matter.
pub fn stack_floor(low: usize, sp: usize) -> Option<usize> {
    let maps = File::open("/proc/self/maps").ok()?;
    let near = Near { maps: &maps, from: low.saturating_sub(STACK_GAP), left: MOST_QUERIES };
    let floor = if valgrind::is_running() { None } else { floor_in(near, sp) };
    floor.or_else(|| floor_in(Lines::new(maps), sp))
}

/// A mapping.
struct Area {
    range: Range<usize>,
    /// Readable and writable.
    open: bool,
}

/// `None` if an area cannot be found out, or the stack is not among them.
fn floor_in(areas: impl Iterator<Item = Option<Area>>, sp: usize) -> Option<usize> {
    let mut floor = 0;
    let mut below: Option<Area> = None;
    for area in areas {
        let area = area?;
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

/// `struct procmap_query`, without names.
#[repr(C)]
#[derive(Default)]
struct Query {
    size: u64,
    flags: u64,
    address: u64,
    start: u64,
    end: u64,
    access: u64,
    page_size: u64,
    file: [u64; 3],
    lengths: [u32; 2],
    buffers: [u64; 2],
}

/// `_IOWR('f', 17, struct procmap_query)`.
const PROCMAP_QUERY: libc::c_ulong = 0xc068_6611;
const READABLE: u64 = 1;
const WRITABLE: u64 = 2;
const COVERING_OR_NEXT: u64 = 0x10;

/// Rarely is there anything but the stack. Many queries would take longer than reading the file.
const MOST_QUERIES: usize = 16;

const _: () = assert!(size_of::<Query>() == 0x68);

/// The mappings that end after an address, asked for one by one.
struct Near<'a> {
    maps: &'a File,
    from: usize,
    left: usize,
}

impl Iterator for Near<'_> {
    type Item = Option<Area>;
    fn next(&mut self) -> Option<Option<Area>> {
        let Some(left) = self.left.checked_sub(1) else { return Some(None) };
        self.left = left;
        let mut query = Query {
            size: size_of::<Query>() as u64,
            flags: COVERING_OR_NEXT,
            address: self.from as u64,
            ..Query::default()
        };
        // SAFETY: the call fills the structure; a kernel that does not know the request refuses it.
        let result = unsafe { libc::ioctl(self.maps.as_raw_fd(), PROCMAP_QUERY, &mut query) };
        if result != 0 {
            return Some(None);
        }
        self.from = query.end as usize;
        let open = query.access & (READABLE | WRITABLE) == READABLE | WRITABLE;
        Some(Some(Area { range: query.start as usize..query.end as usize, open }))
    }
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

    fn line(&mut self) -> Option<&[u8]> {
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

impl<R: Read> Iterator for Lines<R> {
    type Item = Option<Area>;
    fn next(&mut self) -> Option<Option<Area>> {
        self.line().map(parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "7ffe00100000-7ffe00200000 rw-p 00000000 00:00 0    [stack]\n";

    fn floor(lines: &str) -> Option<usize> {
        let text = format!("{lines}{STACK}7ffe00300000-7ffe00301000 r--p 00 [vvar]\n");
        floor_in(Lines::new(text.as_bytes()), SP)
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
        assert_eq!(floor_in(Lines::new(&b"7ffe00300000-7ffe00301000 rw-p 0\n"[..]), SP), None);
        assert!(stack_floor(0, crate::sys::stack::stack_pointer()).is_some());
    }

    #[test]
    fn queries_and_the_file_say_the_same() {
        let maps = File::open("/proc/self/maps").unwrap();
        let sp = crate::sys::stack::stack_pointer();
        let near = |from| Near { maps: &maps, from, left: MOST_QUERIES };
        if near(0).next().unwrap().is_none() {
            return; // an older system
        }
        let told = floor_in(near(sp - (64 << 10)), sp);
        let read = floor_in(Lines::new(&maps), sp).unwrap();
        // Farther below there may be more in the way, and here nothing.
        assert!(told.is_some_and(|told| told == read || told == 0), "{told:x?} {read:x?}");
        assert!(near(usize::MAX >> 1).next().unwrap().is_none());
    }
}
