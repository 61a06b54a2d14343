//! The modes in which a module can be compiled.
//!
//! A module keeps one set of code per mode in use, so that no instance pays for a check that it does not need. The
//! mode is part of the shared contract because every compiler must treat it alike.

/// How code checks for errors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CodeMode {
    pub bounds: Bounds,
    pub traps: Traps,
    pub metering: Metering,
}

impl CodeMode {
    /// The number of modes.
    pub const COUNT: usize = 8;

    /// The mode as a number below [`CodeMode::COUNT`]: the index in tables of modes, and the number in serialized
    /// code.
    pub fn number(self) -> usize {
        let bounds = match self.bounds {
            Bounds::Guard => 0,
            Bounds::Explicit => 1,
        };
        let traps = match self.traps {
            Traps::Signals => 0,
            Traps::Calls => 2,
        };
        let metering = match self.metering {
            Metering::Off => 0,
            Metering::On => 4,
        };
        bounds + traps + metering
    }

    /// The mode with that number.
    pub fn from_number(number: usize) -> Option<CodeMode> {
        let bounds = if number & 1 == 0 { Bounds::Guard } else { Bounds::Explicit };
        let traps = if number & 2 == 0 { Traps::Signals } else { Traps::Calls };
        let metering = if number & 4 == 0 { Metering::Off } else { Metering::On };
        (number < CodeMode::COUNT).then_some(CodeMode { bounds, traps, metering })
    }
}

/// How accesses to 32-bit memories stay within bounds. (64-bit memories are always checked.)
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bounds {
    /// Each memory has [`GUARD_RESERVATION`](super::bounds::GUARD_RESERVATION) bytes of address space and its base
    /// never moves, so most accesses need no check.
    Guard,
    /// Every access is compared with the current length; base and length are loaded from the
    /// `VmMemory` (they may change at any call).
    Explicit,
}

/// How a failed check becomes a trap.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Traps {
    /// By a fault that the signal handler recognizes, where that is cheaper.
    Signals,
    /// Always by a call of the trap builtin: no instruction of the code can fault.
    Calls,
}

/// Whether code counts its work, so that it can be stopped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Metering {
    /// No instruction is spent on it.
    Off,
    /// Each function entry and loop iteration takes units from the store's word of fuel and calls the runtime when
    /// none are left, to get more or to trap.
    On,
}

/// What a compiler needs to know about the code of a function besides its mode: how it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variant {
    pub mode: CodeMode,
    pub direct_calls: DirectCalls,
    /// The code counts what it executes (see [`budgets`](super::budgets)): there may be better code later.
    pub counted: bool,
}

/// How the functions that a module defines call each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectCalls {
    /// By a relative call that is linked later: their code is final.
    All,
    /// Through their slots, but for calls of the function itself: the code of others may be missing or replaced.
    Own,
    /// Through their slots: the code is not that of a whole function.
    None,
}

impl DirectCalls {
    /// Whether a function's code calls one of its module directly; `is_own`: itself.
    pub fn reach(self, is_own: bool) -> bool {
        match self {
            DirectCalls::All => true,
            DirectCalls::Own => is_own,
            DirectCalls::None => false,
        }
    }
}

/// A compiler, by the quality of its code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Tier {
    /// Compiles fast.
    Baseline,
    /// Makes fast code.
    Optimized,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_one_mode() {
        for number in 0..CodeMode::COUNT {
            assert_eq!(CodeMode::from_number(number).map(CodeMode::number), Some(number));
        }
        assert_eq!(CodeMode::from_number(CodeMode::COUNT), None);
    }
}
