//! The file `jit-PID.dump`, from which `perf inject` takes code, names and lines.
//!
//! Each piece of code is a record with the time when it became reachable, so samples get the right names where
//! addresses are used again, and the code itself, so that instructions can be shown. `perf record` notices the
//! file because its first page is mapped as code. As a perf map, it is opened for each piece of code.

use super::labels::Labels;
use super::lines::Lines;
use crate::sys::process;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

const HEADER: u32 = 40;
const LOAD: u32 = 0;
const DEBUG_INFO: u32 = 2;
const RECORD_HEADER: usize = 16;

/// The process that has written last: this one, an ancestor, or none.
static WRITER: AtomicU32 = AtomicU32::new(0);
/// Each piece of code has a number of its own.
static PIECES: AtomicU64 = AtomicU64::new(0);

/// Adds code at an address to the file in a folder. The lock that delays forks is held.
pub(super) fn write(
    folder: &Path,
    address: usize,
    code: &[u8],
    labels: &dyn Labels,
) -> io::Result<()> {
    let mut file = open(folder)?;
    let lines = labels.lines()?;
    let mut functions = lines.functions.iter().peekable();
    let mut text = Vec::new();
    labels.each(&mut |range, name| {
        let part = code.get(range.clone()).unwrap_or_default();
        let start = address + range.start;
        let now = process::monotonic_nanoseconds();
        text.clear();
        if let Some(function) = functions.next_if(|function| function.end == range.end) {
            let rows = debug_info(address, start, function, &lines)?;
            record(&mut text, DEBUG_INFO, now, &rows)?;
        }
        let mut load = Vec::new();
        load.try_reserve(64 + name.len() + part.len())?;
        for id in [std::process::id(), process::thread_id()] {
            load.extend_from_slice(&id.to_le_bytes());
        }
        let number = PIECES.fetch_add(1, Relaxed);
        for word in [start as u64, start as u64, part.len() as u64, number] {
            load.extend_from_slice(&word.to_le_bytes());
        }
        load.extend_from_slice(name.as_bytes());
        load.push(0);
        load.extend_from_slice(part);
        record(&mut text, LOAD, now, &load)?;
        process::append(&mut file, &text)
    })
}

fn record(out: &mut Vec<u8>, kind: u32, time: u64, contents: &[u8]) -> io::Result<()> {
    let len = RECORD_HEADER + contents.len();
    out.try_reserve(len)?;
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&(len as u32).to_le_bytes());
    out.extend_from_slice(&time.to_le_bytes());
    out.extend_from_slice(contents);
    Ok(())
}

/// The lines of a function at `start`, in code at an address.
fn debug_info(
    address: usize,
    start: usize,
    function: &super::lines::FunctionLines,
    lines: &Lines,
) -> io::Result<Vec<u8>> {
    let mut info = Vec::new();
    for word in [start, function.rows.len()] {
        info.extend_from_slice(&(word as u64).to_le_bytes());
    }
    for row in &function.rows {
        let file = lines.files[row.file].as_bytes();
        info.try_reserve(file.len() + 17)?;
        info.extend_from_slice(&((address + row.offset) as u64).to_le_bytes());
        info.extend_from_slice(&row.line.to_le_bytes());
        info.extend_from_slice(&0u32.to_le_bytes());
        info.extend_from_slice(file);
        info.push(0);
    }
    Ok(info)
}

fn open(folder: &Path) -> io::Result<File> {
    let this = std::process::id();
    let mut file = process::append_to(&folder.join(format!("jit-{this}.dump")))?;
    if WRITER.swap(this, Relaxed) != this && process::is_older(&file)? {
        file.set_len(0)?;
    }
    if file.metadata()?.len() == 0 {
        process::append(&mut file, &header(this))?;
        process::map_as_code(&file)?;
    }
    Ok(file)
}

fn header(process: u32) -> [u8; HEADER as usize] {
    let mut header = [0; HEADER as usize];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &0x4a69_5444u32.to_le_bytes());
    put(4, &1u32.to_le_bytes());
    put(8, &HEADER.to_le_bytes());
    put(12, &62u32.to_le_bytes()); // x86-64
    put(20, &process.to_le_bytes());
    put(24, &process::monotonic_nanoseconds().to_le_bytes());
    header
}
