//! The file `/tmp/perf-PID.map`, in which `perf` and other profilers look for the names of code that no file contains.
//!
//! Each line has an address, a length (both in hexadecimal) and a name. The place is fixed by those who read it. Other
//! makers of code in the process may write to the same file, so it is opened for each piece of code, and text is only
//! ever added, by one call of `write` for many lines. A file that an earlier process with the same number left behind
//! is emptied. A child of a fork gets what was written before it, in a file of its own.
//!
//! The file has no way to say that code is gone: where addresses are used again, later lines count.

use super::labels::Labels;
use crate::sys::process;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Text is written when there is this much of it.
const PIECE: usize = 64 << 10;

/// The process that has written last: this one, an ancestor, or none.
static WRITER: AtomicU32 = AtomicU32::new(0);

/// Adds the names of parts of code at an address. The lock that delays forks is held.
pub(super) fn write(address: usize, labels: &dyn Labels) -> io::Result<()> {
    let mut file = open()?;
    let mut text = String::new();
    text.try_reserve(PIECE)?;
    labels.each(&mut |range, name| {
        let _ = writeln!(text, "{:x} {:x} {name}", address + range.start, range.len());
        if text.len() >= PIECE / 2 {
            process::append(&mut file, text.as_bytes())?;
            text.clear();
        }
        Ok(())
    })?;
    process::append(&mut file, text.as_bytes())
}

fn open() -> io::Result<File> {
    let this = std::process::id();
    let path = |process: u32| format!("/tmp/perf-{process}.map");
    let mut file = process::append_to(path(this).as_ref())?;
    let last = WRITER.swap(this, Relaxed);
    if last != this {
        if process::is_older(&file)? {
            file.set_len(0)?;
        }
        if last != 0 {
            // The parent may be gone, and its file with it.
            let _ = fs::read(path(last)).and_then(|text| process::append(&mut file, &text));
        }
    }
    Ok(file)
}
