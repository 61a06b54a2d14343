//! How much functions execute before they are optimized.
//!
//! Optimizing pays after a time that is proportional to what it takes itself: about 1.3 µs for each byte of a body. For
//! tests, each function may have a budget that ends within its first call, so that code is left in the middle of a loop,
//! or one of its own by chance, so that functions of all tiers call each other.

use crate::abi::budgets::{ENTRY_COST, LOOP_COST};
use crate::module::Module;
use crate::types::DefinedFuncIndex;

/// The setting of an engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// In percent of what is usual; with 0, every function that is called is optimized.
    Percent(u32),
    /// The first call uses it up in this iteration of the function's loops, counted from one.
    Iteration(u32),
    /// By chance, from this seed.
    Random(u32),
}

impl Default for Patience {
    fn default() -> Self {
        Patience::Percent(100)
    }
}

impl Patience {
    /// Another number for each setting.
    pub(super) fn number(self) -> u64 {
        match self {
            Patience::Percent(percent) => u64::from(percent),
            Patience::Random(seed) => 1 << 32 | u64::from(seed),
            Patience::Iteration(number) => 2 << 32 | u64::from(number),
        }
    }

    /// Whether functions are optimized as soon as is usual, or sooner.
    pub(super) fn is_hasty(self) -> bool {
        matches!(self, Patience::Percent(0..=100))
    }

    /// The budgets of a module's functions, in their order.
    pub(super) fn budgets(
        self,
        module: &Module,
    ) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + use<'_> {
        (0..module.bodies.len() as u32).map(move |func| self.budget(module, DefinedFuncIndex(func)))
    }

    /// The budget of a function.
    pub(super) fn budget(self, module: &Module, func: DefinedFuncIndex) -> i64 {
        let usual = 7500 + 1000 * module.bodies.get(func).len() as i64;
        match self {
            Patience::Percent(percent) => usual * i64::from(percent) / 100,
            Patience::Iteration(number) => budget_up_to(number),
            Patience::Random(seed) => random_budget(seed, func.0.into(), usual),
        }
    }
}

/// What a call and so many iterations use up, just so.
fn budget_up_to(iteration: u32) -> i64 {
    i64::from(ENTRY_COST) + i64::from(iteration) * i64::from(LOOP_COST) - 1
}

/// None at all, a few calls or iterations, the usual budget, or one that is never used up.
fn random_budget(seed: u32, index: u64, usual: i64) -> i64 {
    let mut bits = (u64::from(seed) << 32 ^ index).wrapping_add(0x9e37_79b9_7f4a_7c15);
    for shift in [30, 27, 31] {
        bits = (bits ^ bits >> shift).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    match bits >> 62 {
        0 => 0,
        1 => (bits & 0x1ff) as i64,
        2 => usual,
        _ => i64::MAX / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_in_the_iteration_that_was_asked_for() {
        for iteration in [1, 2, 7, 100_000] {
            let after_call = budget_up_to(iteration) - i64::from(ENTRY_COST);
            let left = |iterations| after_call - i64::from(iterations) * i64::from(LOOP_COST);
            assert!(after_call >= 0 && left(iteration - 1) >= 0 && left(iteration) < 0);
        }
    }

    #[test]
    fn random_budgets_are_of_all_kinds_and_repeat() {
        let budgets = |seed| (0..64).map(move |index| random_budget(seed, index, 1_000_000));
        for seed in 0..20 {
            for range in [0..=0, 1..=511, 1_000_000..=1_000_000, i64::MAX / 2..=i64::MAX] {
                assert!(budgets(seed).any(|budget| range.contains(&budget)), "{seed}: {range:?}");
            }
            assert!(budgets(seed).eq(budgets(seed)) && budgets(seed).ne(budgets(seed + 1)));
        }
    }
}
