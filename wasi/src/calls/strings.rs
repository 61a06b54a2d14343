//! Lists of strings as guests get them: an array of addresses, and the texts, each ending in a NUL.

use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::guest::Memory;
use std::ffi::CString;

/// Writes how many strings there are, and how many bytes they have with their NULs.
pub fn sizes(call: &Call, strings: &[CString], count: u32, size: u32) -> Outcome {
    let memory = call.memory()?;
    let bytes = strings.iter().map(|s| s.as_bytes_with_nul().len()).sum::<usize>();
    memory.write(count, u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?)?;
    memory.write(size, u32::try_from(bytes).map_err(|_| Errno::Overflow)?)?;
    Ok(())
}

pub fn get(call: &Call, strings: &[CString], array: u32, texts: u32) -> Outcome {
    let memory = call.memory()?;
    memory.check::<u32>(array, u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?)?;
    let mut text = texts;
    for (i, string) in strings.iter().enumerate() {
        let bytes = string.as_bytes_with_nul();
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        memory.bytes(text, len)?.copy_from(bytes);
        memory.write(Memory::element::<u32>(array, i as u32)?, text)?;
        text = text.checked_add(len).ok_or(Errno::Fault)?;
    }
    Ok(())
}
