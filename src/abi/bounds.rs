//! Which check an access to a linear memory needs. THIS IS THE SANDBOX: a wrong inequality here lets a guest out.
//! Every compiler asks this file and emits exactly the answer.
//!
//! With `end = offset + width`, an access at index `i` is in bounds when `i + end <= length`. There are four ways
//! to ensure that; each [`Check`] names the inequality that it emits.
//!
//! - Nothing at all, for a constant index below the initial length of the memory.
//! - Reserved address space, for 32-bit memories of whole pages in guard mode where faults become traps: every address from
//!   `length` to [`GUARD_RESERVATION`] faults, so accesses only have to stay below that.
//! - A compare in 64 bits for a 32-bit index, where the sum cannot overflow.
//! - A compare for a 64-bit index, which subtracts instead of adding.
//!
//! Memories whose pages are bytes are compared in every mode: what follows them within a page of the system does not
//! fault.
//!
//! What must stay true elsewhere: a memory is never shorter than its minimum or longer than its
//! maximum, its length is a multiple of the page size, and a guarded memory has the reservation.

use super::mode::{Bounds, CodeMode, Metering, Traps};
use crate::types::MemoryType;

/// Address space of a 32-bit memory in guard mode: 4 GiB of index, and the guard that catches static
/// offsets and access widths.
pub const GUARD_RESERVATION: u64 = (1 << 32) + GUARD_SIZE;

/// Bytes reserved past the 4 GiB: an access at index + offset with `offset + width <= GUARD_SIZE` is always inside
/// the reservation.
pub const GUARD_SIZE: u64 = 32 << 20;

/// An access whose static part is known: `width` bytes at `index + offset`.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// At most `u32::MAX` for a 32-bit memory, by validation.
    pub offset: u64,
    pub width: u32,
    /// The index, if it is a constant (of a 32-bit memory: zero-extended).
    pub index: Option<u64>,
}

/// What code must do before an access. `index` is the index as 64 bits, zero-extended for a 32-bit
/// memory, and `length` the current length of the memory in bytes; all compares are unsigned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// No memory is large enough: always trap.
    Never,
    /// The index is a constant and the access needs no check. It is at `base + at`.
    None { at: u64 },
    /// No compare: the access faults if it is out of bounds.
    Guard,
    /// Trap if `index > last`. Otherwise as [`Check::Guard`].
    GuardUpTo { last: u64 },
    /// Trap if `index + end > length`.
    Compare32 { end: u64 },
    /// Trap if `index > length - end`. The difference must not wrap: if `may_be_short`, trap first if
    /// `length < end`.
    Compare64 { end: u64, may_be_short: bool },
}

/// The check that an access needs.
pub fn check(memory: &MemoryType, mode: CodeMode, access: Access) -> Check {
    let Some(end) = access.offset.checked_add(access.width.into()) else { return Check::Never };
    let guard = guard_catches(memory, mode);
    if let Some(all) = access.index.and_then(|index| index.checked_add(end))
        && (all <= memory.minimum_bytes() || guard && all <= GUARD_SIZE)
    {
        return Check::None { at: all - u64::from(access.width) };
    }
    if guard {
        return check_by_guard(end);
    }
    if memory.is_64 {
        return Check::Compare64 { end, may_be_short: end > memory.minimum_bytes() };
    }
    Check::Compare32 { end }
}

fn check_by_guard(end: u64) -> Check {
    if end <= GUARD_SIZE {
        return Check::Guard;
    }
    match GUARD_RESERVATION.checked_sub(end) {
        Some(last) => Check::GuardUpTo { last },
        None => Check::Never,
    }
}

/// Whether the guard catches all accesses at an index that is not a constant and this static offset, whatever their width.
/// Then [`check`] need not be asked: the answer for a guarded memory is [`Check::Guard`].
pub const fn is_short(offset: u64) -> bool {
    const WIDEST: u64 = 16;
    offset < GUARD_SIZE - WIDEST
}

/// How `memory.copy` and `memory.fill` check a range of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockCheck {
    /// Trap if `index + count > length`, where index and count are zero-extended. Also in guard mode: the bytes may
    /// be moved by a function of the C library, where a fault would not become a trap.
    Compare32,
    /// The runtime executes the instruction, and checks.
    Runtime,
}

/// The check that a range of bytes needs.
pub fn check_block(memory: &MemoryType, mode: CodeMode) -> BlockCheck {
    // Metered code pays for bulk operations by their length, which the runtime does.
    if memory.is_64 || mode.metering == Metering::On {
        return BlockCheck::Runtime;
    }
    BlockCheck::Compare32
}

/// Whether code may rely on a constant base. The base of a shared memory is constant too, because other threads may
/// use it at any time.
pub fn has_fixed_base(memory: &MemoryType, mode: CodeMode) -> bool {
    is_guarded(memory, mode) || memory.shared
}

/// Whether code may rely on the memory's reservation.
pub fn is_guarded(memory: &MemoryType, mode: CodeMode) -> bool {
    mode.bounds == Bounds::Guard && memory.may_be_guarded()
}

/// Whether an access out of bounds faults, and the fault becomes a trap.
pub fn guard_catches(memory: &MemoryType, mode: CodeMode) -> bool {
    is_guarded(memory, mode) && mode.traps == Traps::Signals
}

/// The length in bytes of a memory that never grows.
pub fn fixed_length(memory: &MemoryType) -> Option<u64> {
    (memory.limits.max == Some(memory.limits.min)).then(|| memory.minimum_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Limits, PAGE_SIZE, PageSize};

    const WIDTHS: [u32; 5] = [1, 2, 4, 8, 16];
    /// The outcome of an access.
    #[derive(PartialEq, Eq, Debug)]
    enum Outcome {
        Trap,
        /// Accesses bytes from here on, relative to the memory's base.
        At(u64),
    }

    /// The outcome by the specification, in integers that cannot overflow.
    fn specified(access: Access, index: u64, length: u64) -> Outcome {
        let start = u128::from(index) + u128::from(access.offset);
        let in_bounds = start + u128::from(access.width) <= u128::from(length);
        if in_bounds { Outcome::At(start as u64) } else { Outcome::Trap }
    }

    /// The outcome of code that follows the check, in machine arithmetic.
    fn emitted(check: Check, access: Access, index: u64, length: u64) -> Outcome {
        let at = index.wrapping_add(access.offset);
        let unless = |outside| if outside { Outcome::Trap } else { Outcome::At(at) };
        match check {
            Check::Never => Outcome::Trap,
            Check::None { at } => reserved(at, access, length),
            Check::Guard => reserved(at, access, length),
            Check::GuardUpTo { last } if index > last => Outcome::Trap,
            Check::GuardUpTo { .. } => reserved(at, access, length),
            Check::Compare32 { end } => unless(index.wrapping_add(end) > length),
            Check::Compare64 { end, may_be_short } => {
                unless(may_be_short && length < end || index > length.wrapping_sub(end))
            }
        }
    }

    /// An access without a compare: bytes past the length fault. Past the reservation there may be anything.
    fn reserved(at: u64, access: Access, length: u64) -> Outcome {
        let end = u128::from(at) + u128::from(access.width);
        assert!(end <= u128::from(length.max(GUARD_RESERVATION)), "escape: {at:#x}, {access:?}");
        if end <= u128::from(length) { Outcome::At(at) } else { Outcome::Trap }
    }

    /// Each number and its neighbors up to `distance`, without those above `most`.
    fn around(numbers: &[u64], distance: u64, most: u64) -> Vec<u64> {
        let near = |n: &u64| n.saturating_sub(distance)..=n.saturating_add(distance);
        let mut all: Vec<u64> = numbers.iter().flat_map(near).filter(|n| *n <= most).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn memories() -> Vec<MemoryType> {
        let kinds = [false, true].into_iter().flat_map(|is_64| {
            [PageSize::Byte, PageSize::Usual].map(|page| {
                let limits = Limits { min: 0, max: None };
                MemoryType { limits, is_64, shared: false, page }
            })
        });
        kinds.flat_map(memories_of_kind).collect()
    }

    fn memories_of_kind(kind: MemoryType) -> Vec<MemoryType> {
        let most = kind.index_space_pages();
        let sizes = [0, 1, 2, GUARD_SIZE >> kind.page.log2(), 1 << 32, most];
        let sizes = around(&sizes, 1, most);
        let mut memories = Vec::new();
        for (i, &min) in sizes.iter().enumerate() {
            let larger = sizes[i..].iter().map(|max| Some(*max));
            memories.extend(larger.chain([None]).map(|max| {
                let limits = Limits { min, max };
                MemoryType { limits, ..kind }
            }));
        }
        memories
    }

    /// Lengths that a memory of the type may have. None has 2^64 bytes, but a type may name them.
    fn lengths(memory: &MemoryType) -> Vec<u64> {
        let most = memory.index_space_pages().min(u64::MAX >> memory.page.log2());
        let max = memory.limits.max.unwrap_or(most).min(most);
        let mut pages = around(&[memory.limits.min, max, 1 << 16], 1, max);
        pages.retain(|pages| *pages >= memory.limits.min);
        pages.into_iter().map(|pages| memory.bytes(pages)).collect()
    }

    fn offsets(memory: &MemoryType) -> Vec<u64> {
        let most = if memory.is_64 { u64::MAX } else { u32::MAX.into() };
        let edges =
            [0, PAGE_SIZE, GUARD_SIZE, 1 << 31, 1 << 32, GUARD_RESERVATION, 1 << 63, u64::MAX];
        around(&edges, 17, most)
    }

    /// Indices around which the check's outcome may change.
    fn indices(memory: &MemoryType, access: Access, length: u64) -> Vec<u64> {
        let most = if memory.is_64 { u64::MAX } else { u32::MAX.into() };
        let end = access.offset.wrapping_add(access.width.into());
        let edges =
            [0, length, length.wrapping_sub(end), GUARD_RESERVATION.wrapping_sub(end), most];
        let mut indices = around(&edges, 1, most);
        indices.push(end.wrapping_neg() & most);
        indices
    }

    fn modes() -> impl Iterator<Item = CodeMode> {
        (0..CodeMode::COUNT).filter_map(CodeMode::from_number)
    }

    fn examine(memory: &MemoryType, mode: CodeMode, access: Access, index: u64, length: u64) {
        let check = check(memory, mode, access);
        let seen = emitted(check, access, index, length);
        let place =
            || format!("{check:?} {index:#x} of {length:#x}: {access:?}, {memory:?} {mode:?}");
        assert_eq!(seen, specified(access, index, length), "{}", place());
        let relies_on_faults = match check {
            Check::None { at } => at + u64::from(access.width) > length,
            Check::Guard | Check::GuardUpTo { .. } => true,
            _ => false,
        };
        let CodeMode { bounds, traps, .. } = mode;
        let faults = memory.may_be_guarded() && (bounds, traps) == (Bounds::Guard, Traps::Signals);
        assert!(!relies_on_faults || faults, "{}", place());
    }

    #[test]
    fn an_access_passes_exactly_when_it_is_in_bounds() {
        for memory in memories() {
            for offset in offsets(&memory) {
                for width in WIDTHS {
                    let access = Access { offset, width, index: None };
                    for length in lengths(&memory) {
                        for index in indices(&memory, access, length) {
                            for mode in modes() {
                                examine(&memory, mode, access, index, length);
                                let constant = Access { index: Some(index), ..access };
                                examine(&memory, mode, constant, index, length);
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn short_offsets_are_always_left_to_the_guard() {
        for memory in memories() {
            for mode in modes().filter(|mode| guard_catches(&memory, *mode)) {
                for offset in offsets(&memory).into_iter().filter(|offset| is_short(*offset)) {
                    for width in WIDTHS {
                        let access = Access { offset, width, index: None };
                        assert_eq!(check(&memory, mode, access), Check::Guard, "{access:?}");
                    }
                }
            }
        }
        assert!(is_short(GUARD_SIZE - 17) && !is_short(GUARD_SIZE) && !is_short(u64::MAX));
    }

    #[test]
    fn most_accesses_to_guarded_memories_are_not_compared() {
        let limits = Limits { min: 1, max: None };
        let memory = MemoryType { limits, is_64: false, shared: false, page: PageSize::Usual };
        let mode = CodeMode::from_number(0).unwrap();
        let checked = |offset, index| check(&memory, mode, Access { offset, width: 4, index });
        assert_eq!(checked(GUARD_SIZE - 4, None), Check::Guard);
        assert_eq!(checked(GUARD_SIZE - 3, None), Check::GuardUpTo { last: (1 << 32) - 1 });
        assert_eq!(checked(8, Some(PAGE_SIZE)), Check::None { at: PAGE_SIZE + 8 });
        assert_eq!(checked(8, Some(GUARD_SIZE)), Check::Guard);
    }

    #[test]
    fn a_block_passes_exactly_when_it_is_in_bounds() {
        for memory in memories() {
            for mode in modes() {
                let check = check_block(&memory, mode);
                let in_place = !memory.is_64 && mode.metering == Metering::Off;
                assert_eq!(check == BlockCheck::Compare32, in_place);
            }
        }
        let numbers =
            around(&[0, PAGE_SIZE, GUARD_SIZE, 1 << 31, u32::MAX.into()], 2, u32::MAX.into());
        for (index, count) in numbers.iter().flat_map(|i| numbers.iter().map(move |n| (*i, *n))) {
            for length in [0, PAGE_SIZE, GUARD_SIZE, 1 << 32] {
                let in_bounds = u128::from(index) + u128::from(count) <= u128::from(length);
                assert_eq!(index.wrapping_add(count) <= length, in_bounds);
            }
        }
    }
}
