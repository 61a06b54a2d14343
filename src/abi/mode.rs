//! For which way of running a piece of code was compiled.
//!
//! A module keeps one set of code per mode in use, so that nobody pays for a check that his
//! instances do not need. The mode is part of the shared contract because every compiler must treat
//! it alike.

/// How code checks what could go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CodeMode {
    pub bounds: Bounds,
    pub traps: Traps,
}

/// How accesses to 32-bit memories stay within bounds. (64-bit memories are always checked.)
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bounds {
    /// Each memory has [`GUARD_RESERVATION`] bytes of address space and its base never moves: an
    /// access whose static offset is below [`GUARD_SIZE`] needs no check, larger ones are checked.
    Guard,
    /// Every access is compared with the current length; base and length are loaded from the
    /// `VmMemory` (they may change at any call).
    Explicit,
}

/// How a check that fails becomes a trap.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Traps {
    /// By a fault that the signal handler recognises, where that is cheaper.
    Signals,
    /// Always by a call of the trap builtin: no instruction of the code can fault.
    Calls,
}

/// Address space behind a 32-bit memory in guard mode: 4 GiB of index, plus the guard that
/// catches static offsets and access widths.
pub const GUARD_RESERVATION: u64 = (1 << 32) + GUARD_SIZE;

/// Bytes past the 4 GiB that are reserved: an access at index + offset with
/// `offset + width <= GUARD_SIZE` always falls inside the reservation.
pub const GUARD_SIZE: u64 = 32 << 20;

/// Frames up to this size may be placed below the stack limit unchecked: leaf functions whose
/// frame is smaller skip the check (the reserve below the limit is larger).
pub const UNCHECKED_FRAME: u32 = 256;
