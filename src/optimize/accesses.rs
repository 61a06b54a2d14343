//! Which access to memory a fault belongs to.
//!
//! The code generator merges a load into the instruction that uses its value, and the result has the place of that
//! instruction in the body, if any. What stays is the load's trap code. So the accesses that may fault are numbered by
//! trap codes, of which there are few: of all accesses with the same one, the last that is not after the instruction
//! is meant, because a load is only merged where nothing between it and its use may fault.
//!
//! A load, an operation and a store at the same address may become one instruction, with the trap code of the store.
//! The load would have failed before, so such a store gets the load's number.

use cranelift_codegen::ir::{Block, SourceLoc, TrapCode, Value};

/// Trap codes of accesses: this many, from this one on.
const FIRST_CODE: u8 = 64;
const CODES: u8 = 32;

/// The accesses of one function that may fault.
#[derive(Default)]
pub(super) struct Accesses {
    /// Number and location of each.
    all: Vec<(u8, u32)>,
    last: Option<(Block, Target)>,
}

/// What an access is to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub index: Index,
    pub offset: u64,
    pub width: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    Constant(u64),
    Value(Value),
}

impl Accesses {
    /// The trap code of the next access.
    pub(super) fn next(&mut self, at: SourceLoc, block: Block, target: Target) -> TrapCode {
        if self.last != Some((block, target)) {
            let number = self.all.last().map_or(0, |(last, _)| (last + 1) % CODES);
            self.all.push((number, at.bits()));
            self.last = Some((block, target));
        }
        let number = self.all.last().map_or(0, |(number, _)| *number);
        TrapCode::unwrap_user(FIRST_CODE + number)
    }

    /// All accesses, in order.
    pub(super) fn take(&mut self) -> Accesses {
        self.all.sort_unstable();
        std::mem::take(self)
    }

    /// The location of the access that a trap code is of, in an instruction at `inside`. If that is not known, `near`
    /// tells the location of code before it.
    pub(super) fn location(
        &self,
        code: TrapCode,
        inside: Option<u32>,
        near: impl FnOnce() -> u32,
    ) -> Option<u32> {
        let number = number(code)?;
        let place = inside.unwrap_or_else(near);
        let (before, after) =
            self.all.split_at(self.all.partition_point(|&access| access <= (number, place)));
        let same = |&(other, location): &(u8, u32)| (other == number).then_some(location);
        let (before, after) = (before.last().and_then(same), after.first().and_then(same));
        if inside.is_some() {
            return before;
        }
        before.into_iter().chain(after).min_by_key(|location| location.abs_diff(place))
    }
}

/// Whether a trap code is that of an access.
pub(super) const fn is_access(code: TrapCode) -> bool {
    number(code).is_some()
}

const fn number(code: TrapCode) -> Option<u8> {
    match code.as_raw().get().checked_sub(FIRST_CODE) {
        Some(number) if number < CODES => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cranelift_codegen::entity::EntityRef;

    #[test]
    fn an_access_is_found_from_the_instruction_that_it_became_part_of() {
        let mut accesses = Accesses::default();
        let block = Block::new(0);
        let target = |offset| Target { index: Index::Constant(0), offset, width: 4 };
        let codes: Vec<_> = (0..100u32)
            .map(|i| accesses.next(SourceLoc::new(10 * i), block, target(i.into())))
            .collect();
        let again = accesses.next(SourceLoc::new(1000), block, target(99));
        let other = accesses.next(SourceLoc::new(1010), Block::new(1), target(99));
        let accesses = accesses.take();
        for i in 0..100 {
            let (code, own) = (codes[i as usize], 10 * i);
            assert_eq!(accesses.location(code, Some(own), || 0), Some(own));
            assert_eq!(accesses.location(code, Some(own + 300), || 0), Some(own));
            assert_eq!(accesses.location(code, None, || own.saturating_sub(150)), Some(own));
            assert_eq!(accesses.location(code, None, || own + 150), Some(own));
        }
        assert_eq!(accesses.location(again, Some(1000), || 0), Some(990));
        assert_eq!(accesses.location(other, Some(1010), || 0), Some(1010));
        assert_eq!(accesses.location(TrapCode::unwrap_user(2), Some(1010), || 0), None);
    }
}
