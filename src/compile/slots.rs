//! The slots of a code set: one word per defined function, the address to call. Sets whose functions may get better
//! code have a budget for each function below the slots (see `abi::budgets`), and records of indirect calls behind them
//! (see `abi::call_targets`).

use crate::abi::budgets::BUDGET_GAP;
use crate::abi::call_targets::{Record, record_number, words_of_records};
use crate::abi::vmctx::Slot;
use crate::error::Error;
use crate::types::DefinedFuncIndex;
use std::sync::atomic::Ordering::Relaxed;

/// The slots of a set, which never move.
pub struct Slots {
    /// Budgets in descending order, a gap, slots, a gap, records; or only slots.
    words: Box<[Slot]>,
    /// The position of the first slot.
    first: usize,
    functions: usize,
}

impl Slots {
    /// Slots with these addresses.
    pub fn new(addresses: impl ExactSizeIterator<Item = usize>) -> Result<Slots, Error> {
        Slots::with([].into_iter(), addresses, 0)
    }

    /// The same with budgets, in the order of the functions, and with records.
    pub fn with_budgets(
        budgets: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator,
        addresses: impl ExactSizeIterator<Item = usize>,
    ) -> Result<Slots, Error> {
        let gap = [0; BUDGET_GAP].into_iter();
        let records = words_of_records(addresses.len());
        Slots::with(budgets.rev().map(|budget| budget as usize).chain(gap), addresses, records)
    }

    fn with(
        below: impl Iterator<Item = usize>,
        addresses: impl ExactSizeIterator<Item = usize>,
        behind: usize,
    ) -> Result<Slots, Error> {
        let functions = addresses.len();
        let mut words = Vec::new();
        words.try_reserve_exact(below.size_hint().0 + functions + behind)?;
        words.extend(below.map(Slot::new));
        let first = words.len();
        words.extend(addresses.map(Slot::new));
        words.extend(std::iter::repeat_n(0, behind).map(Slot::new));
        Ok(Slots { words: words.into_boxed_slice(), first, functions })
    }

    pub fn get(&self) -> &[Slot] {
        &self.words[self.first..self.first + self.functions]
    }

    /// Bytes of all words.
    pub fn memory(&self) -> usize {
        size_of_val(&*self.words)
    }

    /// The number of the record of the indirect call at a byte offset in the module.
    pub fn record_number(&self, wasm_offset: u32) -> u32 {
        record_number(self.functions, wasm_offset)
    }

    /// A record of an indirect call, if there are records.
    pub fn record(&self, number: u32) -> Option<Record<'_>> {
        Record::of(&self.words[self.first..], self.functions, number)
    }

    /// A function's budget, if it has one. Code on other threads may count it down at the same time.
    pub fn budget(&self, func: DefinedFuncIndex) -> Option<i64> {
        self.budget_word(func).map(|word| word.load(Relaxed) as i64)
    }

    /// Sets a function's budget, if it has one.
    pub fn set_budget(&self, func: DefinedFuncIndex, budget: i64) {
        if let Some(word) = self.budget_word(func) {
            word.store(budget as usize, Relaxed);
        }
    }

    fn budget_word(&self, func: DefinedFuncIndex) -> Option<&Slot> {
        self.first.checked_sub(BUDGET_GAP + 1 + func.index()).map(|at| &self.words[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::budgets::budget_offset;

    #[test]
    fn budgets_are_where_code_looks_for_them() {
        let slots = Slots::with_budgets([5, 6, 7].into_iter(), [10, 20, 30].into_iter()).unwrap();
        slots.set_budget(DefinedFuncIndex(1), -4);
        let budget = |func| {
            let at = slots.first as i32 + budget_offset(func) / 8;
            let budget = slots.words[at as usize].load(Relaxed) as i64;
            assert_eq!(slots.budget(DefinedFuncIndex(func)), Some(budget));
            budget
        };
        assert_eq!([budget(0), budget(1), budget(2)], [5, -4, 7]);
        assert_eq!(slots.get().iter().map(|slot| slot.load(Relaxed)).sum::<usize>(), 60);
        let without = Slots::new([10].into_iter()).unwrap();
        without.set_budget(DefinedFuncIndex(0), 1);
        assert_eq!(without.get()[0].load(Relaxed), 10);
    }
}
