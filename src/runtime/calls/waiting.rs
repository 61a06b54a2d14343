//! `memory.atomic.wait` and `memory.atomic.notify`.
//!
//! Code has checked alignment and bounds; they are checked again here, where the address enters the table of
//! waiters. A wait ends early when the store is interrupted or its deadline is reached: both are checked before
//! each sleep, and an interrupt wakes the sleeper. Sleeping consumes no fuel.

use super::builtins::{Outcome, store_in};
use crate::abi::TrapCode;
use crate::runtime::instances::instance::Instance;
use crate::runtime::memories::parking::{self, WaitWord};
use crate::types::MemoryIndex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// The native address of `width` bytes, and whether the memory is shared.
fn place(
    instance: &Instance,
    memory: MemoryIndex,
    address: u64,
    width: u64,
) -> Outcome<(*mut u8, bool)> {
    let range = instance.memory_range(memory, address, width)?;
    if !address.is_multiple_of(width) {
        return Err(TrapCode::UnalignedAtomic);
    }
    let memory = instance.memory(memory);
    Ok((memory.base().wrapping_add(range.start), memory.ty.shared))
}

pub(super) fn atomic_notify(
    instance: &Instance,
    memory: MemoryIndex,
    address: u64,
    count: u32,
) -> Outcome<u32> {
    let (place, is_shared) = place(instance, memory, address, 4)?;
    // Nobody can wait on a memory that is not shared.
    Ok(if is_shared { parking::notify(place.addr(), count) } else { 0 })
}

pub(super) fn atomic_wait32(
    instance: &Instance,
    memory: MemoryIndex,
    address: u64,
    expected: u32,
    timeout: u64,
) -> Outcome<u32> {
    let place = shared_place(instance, memory, address, 4)?;
    // SAFETY: aligned bytes of a memory that cannot shrink and stays while its instance runs.
    let word = unsafe { AtomicU32::from_ptr(place.cast()) };
    wait(instance, place, timeout, || word.load(SeqCst) == expected)
}

pub(super) fn atomic_wait64(
    instance: &Instance,
    memory: MemoryIndex,
    address: u64,
    expected: u64,
    timeout: u64,
) -> Outcome<u32> {
    let place = shared_place(instance, memory, address, 8)?;
    // SAFETY: as above.
    let word = unsafe { AtomicU64::from_ptr(place.cast()) };
    wait(instance, place, timeout, || word.load(SeqCst) == expected)
}

fn shared_place(
    instance: &Instance,
    memory: MemoryIndex,
    address: u64,
    width: u64,
) -> Outcome<*mut u8> {
    let (place, is_shared) = place(instance, memory, address, width)?;
    if is_shared { Ok(place) } else { Err(TrapCode::ExpectedSharedMemory) }
}

/// Waits for `timeout` nanoseconds; for ever if they are negative as a signed number.
fn wait(
    instance: &Instance,
    place: *mut u8,
    timeout: u64,
    is_equal: impl Fn() -> bool,
) -> Outcome<u32> {
    let store = store_in(instance)?;
    let end = i64::try_from(timeout)
        .ok()
        .and_then(|_| Instant::now().checked_add(Duration::from_nanos(timeout)));
    let own_word = WaitWord::default();
    let word = store.metering.interrupt.get().map_or(&own_word, |interrupt| &interrupt.word);
    let waited = parking::wait(place.addr(), word, end, is_equal, || store.alarm())?;
    Ok(waited as u32)
}
