//! What is known of the indirect calls of a set that call several functions (see `abi::call_targets`).
//!
//! Code tells of some calls only: of the first ones, then of two in a row now and then. Each stands for those that were
//! passed over before it. The second shows whether targets come in runs: then branches that compare targets are
//! predicted, however many there are. If not, only few comparisons are worth their mispredictions.
//!
//! A call with one target is known by its record alone.

use super::slots::Slots;
use crate::abi::call_targets::{LikelyTarget, MOST_TARGETS, Record, records};
use crate::error::Error;
use crate::optimize::LikelyTargets;
use crate::sys::lock::ForkMutex;
use hashbrown::HashMap;
use smallvec::SmallVec;

/// So many targets are worth comparing in any order.
const FEW: usize = 4;

/// Code tells of all calls until there were so many.
const FIRST: u32 = 64;

/// The most calls that are passed over.
const MOST_PASSED: u32 = 1000;

/// So many pairs of calls say whether targets come in runs.
const TELLING_PAIRS: u32 = 16;

/// Of more calls than these, a new run need not be told.
const MOST_REMEMBERED: u32 = 1 << 16;

/// The calls of a set that had other targets than their records name, by the numbers of the records.
#[derive(Default)]
pub struct CallTargets(ForkMutex<HashMap<u32, Callees>>);

/// What one call calls.
#[derive(Default)]
struct Callees {
    /// The most frequent first. The record names that one, and counts its further calls.
    known: SmallVec<[LikelyTarget; FEW]>,
    /// Calls of other functions.
    others: u32,
    /// Calls that records did not count.
    missed: u32,
    /// Calls that pass before code tells of one.
    passed: u32,
    last: Option<u32>,
    /// Pairs of calls in a row, and those with the same target.
    pairs: u32,
    same: u32,
}

impl CallTargets {
    /// The functions that a call probably calls.
    pub fn likely(&self, slots: &Slots, number: u32) -> LikelyTargets {
        let Some(record) = slots.record(number) else { return LikelyTargets::default() };
        let named = record.named();
        let mut likely = match self.0.lock().get(&number) {
            Some(callees) => callees.likely(named),
            None => LikelyTargets { targets: [named].into_iter().collect(), are_predictable: true },
        };
        let exists = |func: u32| (func as usize) < slots.get().len();
        likely.targets.retain(|target| target.calls > 0 && exists(target.function));
        likely
    }

    /// Code tells of a call of a function; none if it is one of another instance.
    pub fn tell(&self, slots: &Slots, number: u32, function: Option<u32>) {
        let Some(record) = slots.record(number) else { return };
        let was_interrupted = record.named().calls > 0;
        self.change(record, number, |callees| callees.note(function, was_interrupted));
    }

    /// Takes over what was found out earlier about a call, target by target.
    pub fn remember(&self, slots: &Slots, number: u32, target: LikelyTarget) {
        let Some(record) = slots.record(number) else { return };
        let target = LikelyTarget { calls: target.calls.min(MOST_REMEMBERED), ..target };
        if record.named().calls == 0 && !self.0.lock().contains_key(&number) {
            return record.name(target);
        }
        self.change(record, number, |callees| callees.remember(target));
    }

    /// The same for all calls of another set of the same module.
    pub fn remember_all(&self, slots: &Slots, targets: &[(u32, LikelyTarget)]) {
        targets.iter().for_each(|(number, target)| self.remember(slots, *number, *target));
    }

    /// Changes what is known of a call, and its record. Without memory nothing more is found out for a while.
    fn change(&self, record: Record<'_>, number: u32, change: impl FnOnce(&mut Callees)) {
        let mut all = self.0.lock();
        if !all.contains_key(&number) && all.try_reserve(1).is_err() {
            return record.pass_over(MOST_PASSED);
        }
        let callees = all.entry(number).or_default();
        let named = record.named();
        if named.calls > 0 {
            callees.add(named);
        }
        change(callees);
        if let Some(first) = callees.known.first() {
            record.name(LikelyTarget { calls: 0, ..*first });
        }
        record.pass_over(callees.passed);
    }

    /// Everything that is known, target by target, the least frequent of each call first: who reads only one of them, reads
    /// the last.
    pub fn all(&self, slots: &Slots) -> Result<Vec<(u32, LikelyTarget)>, Error> {
        let mut list = Vec::new();
        for number in 0..records(slots.get().len()) as u32 {
            let targets = self.likely(slots, number).targets;
            list.try_reserve(targets.len())?;
            list.extend(targets.into_iter().rev().map(|target| (number, target)));
        }
        Ok(list)
    }
}

impl Callees {
    /// A call of a function; calls of the named one may have come before it.
    fn note(&mut self, function: Option<u32>, was_interrupted: bool) {
        let calls = self.passed.saturating_add(1);
        self.missed = self.missed.saturating_add(calls);
        let is_second = self.passed == 0;
        if is_second && !was_interrupted {
            self.pairs += 1;
            self.same += u32::from(self.last == function);
        }
        self.last = function;
        match function {
            Some(function) => self.add(LikelyTarget { function, calls }),
            None => self.others = self.others.saturating_add(calls),
        }
        self.passed = self.next_passed(is_second);
    }

    /// How many calls pass next. Not always as many, since targets may take turns.
    fn next_passed(&self, was_second: bool) -> u32 {
        if self.missed < FIRST || !was_second {
            return 0;
        }
        (self.missed / 32).min(MOST_PASSED - self.pairs % 61)
    }

    fn add(&mut self, target: LikelyTarget) {
        let known = self.known.iter().position(|known| known.function == target.function);
        let mut at = match known {
            Some(at) => at,
            None => {
                if (self.known.len() == MOST_TARGETS || self.known.try_reserve(1).is_err())
                    && let Some(rarest) = self.known.pop()
                {
                    self.others = self.others.saturating_add(rarest.calls);
                }
                self.known.push(LikelyTarget { calls: 0, ..target });
                self.known.len() - 1
            }
        };
        self.known[at].calls = self.known[at].calls.saturating_add(target.calls);
        while at > 0 && self.known[at - 1].calls < self.known[at].calls {
            self.known.swap(at - 1, at);
            at -= 1;
        }
    }

    /// Many targets were only kept if they came in runs.
    fn remember(&mut self, target: LikelyTarget) {
        self.add(target);
        if self.known.len() > FEW {
            (self.pairs, self.same) = (TELLING_PAIRS, TELLING_PAIRS);
        }
    }

    /// The targets worth comparing, where the record has counted further calls of the first one.
    fn likely(&self, named: LikelyTarget) -> LikelyTargets {
        let mut targets = self.known.clone();
        if let Some(first) = targets.first_mut().filter(|first| first.function == named.function) {
            first.calls = first.calls.saturating_add(named.calls);
        }
        let sum = |targets: &[LikelyTarget]| -> u64 {
            targets.iter().map(|target| u64::from(target.calls)).sum()
        };
        let all = sum(&targets) + u64::from(self.others);
        let are_most = |targets: &[LikelyTarget]| 4 * sum(targets) >= 3 * all;
        let in_runs = self.come_in_runs();
        let most = match &targets[..] {
            targets if are_most(&targets[..targets.len().min(FEW)]) => FEW,
            targets if are_most(targets) && in_runs => MOST_TARGETS,
            _ => 0,
        };
        targets.truncate(most);
        targets.retain(|target| 8 * most as u64 * u64::from(target.calls) >= all);
        let are_predictable = in_runs || 2 * sum(&targets[..targets.len().min(1)]) >= all;
        LikelyTargets { targets, are_predictable }
    }

    fn come_in_runs(&self) -> bool {
        self.pairs >= TELLING_PAIRS && 8 * self.same >= 7 * self.pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: u32 = 5;

    /// Records of a module with 100 functions.
    struct Known(Slots, CallTargets);

    impl Known {
        fn new() -> Known {
            let slots = Slots::with_budgets([0; 100].into_iter(), [0; 100].into_iter()).unwrap();
            Known(slots, CallTargets::default())
        }

        /// Calls functions; the number of times that code tells of one.
        fn call(&self, functions: impl IntoIterator<Item = u32>) -> usize {
            let Known(slots, targets) = self;
            let record = slots.record(RECORD).unwrap();
            let tell = |function: &u32| {
                let is_told = record.call(*function);
                if is_told {
                    targets.tell(slots, RECORD, Some(*function));
                }
                is_told
            };
            functions.into_iter().filter(tell).count()
        }

        fn likely(&self) -> LikelyTargets {
            self.1.likely(&self.0, RECORD)
        }

        fn functions(&self) -> Vec<u32> {
            self.likely().targets.iter().map(|target| target.function).collect()
        }
    }

    /// A sequence of numbers below `n` without order.
    fn random(n: u32) -> impl Iterator<Item = u32> {
        let mut x = 12345_u32;
        std::iter::repeat_with(move || {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            (x >> 8) % n
        })
    }

    fn in_runs(of: impl Iterator<Item = u32>) -> impl Iterator<Item = u32> {
        of.flat_map(|function| std::iter::repeat_n(function, 50))
    }

    #[test]
    fn a_call_of_one_function_is_known_by_its_record() {
        let known = Known::new();
        assert!(known.functions().is_empty());
        assert_eq!(known.call([0; 70]), 0);
        assert_eq!(known.likely().targets[..], [LikelyTarget { function: 0, calls: 70 }]);
        let known = Known::new();
        assert_eq!(known.call([8; 70]), 1);
        assert_eq!(known.likely().targets[..], [LikelyTarget { function: 8, calls: 70 }]);
    }

    #[test]
    fn a_few_functions_are_known_by_how_often_they_are_called() {
        let known = Known::new();
        known.call(random(10).take(5000).map(|n| [7, 7, 7, 7, 7, 7, 0, 0, 0, 3][n as usize]));
        assert_eq!(known.functions(), [7, 0, 3]);
        let calls: Vec<u32> = known.likely().targets.iter().map(|target| target.calls).collect();
        assert!(calls.iter().zip([3000, 1500, 500]).all(|(is, was)| is.abs_diff(was) < was / 4));
        assert!(known.likely().are_predictable);
        // Hardly ever called, or only before.
        known.call(std::iter::repeat_n([9; 95], 400).flatten().chain([4; 5]));
        assert_eq!(known.functions()[..2], [9, 7]);
    }

    #[test]
    fn many_functions_are_known_if_they_come_in_runs() {
        let known = Known::new();
        known.call(random(10).take(10_000));
        assert!(known.functions().is_empty() && !known.likely().are_predictable);
        let known = Known::new();
        known.call(in_runs(random(10)).take(10_000));
        let mut functions = known.functions();
        functions.sort_unstable();
        assert!(functions.iter().copied().eq(0..10) && known.likely().are_predictable);
        let known = Known::new();
        known.call(in_runs(random(60)).take(10_000));
        assert!(known.functions().is_empty());
    }

    #[test]
    fn a_few_functions_without_order_are_not_predictable() {
        let known = Known::new();
        known.call(random(4).take(1000));
        assert!(known.functions().len() == 4 && !known.likely().are_predictable);
        let known = Known::new();
        known.call(in_runs(random(4)).take(10_000));
        assert!(known.functions().len() == 4 && known.likely().are_predictable);
    }

    #[test]
    fn the_more_calls_there_were_the_less_is_told() {
        let known = Known::new();
        assert_eq!(known.call((1..=50).cycle().take(50)), 50);
        assert!(known.call((1..=50).cycle().take(100_000)) < 1000);
    }

    #[test]
    fn functions_of_other_instances_are_no_targets() {
        let Known(slots, targets) = &Known::new();
        (0..10).for_each(|_| targets.tell(slots, RECORD, None));
        assert!(targets.likely(slots, RECORD).targets.is_empty());
        targets.tell(slots, RECORD, Some(3));
        assert!(targets.likely(slots, RECORD).targets.is_empty());
        (0..40).for_each(|_| targets.tell(slots, RECORD, Some(3)));
        assert_eq!(targets.likely(slots, RECORD).targets.len(), 1);
    }

    #[test]
    fn what_is_known_comes_back() {
        for sequence in [1, 2, 4, 12].map(|n| in_runs(random(n)).take(10_000)) {
            let (known, copy) = (Known::new(), Known::new());
            known.call(sequence);
            let all = known.1.all(&known.0).unwrap();
            assert!(!all.is_empty());
            copy.1.remember_all(&copy.0, &all);
            assert_eq!(copy.likely().targets, known.likely().targets);
            copy.1.remember(&copy.0, u32::MAX, all[0].1);
            copy.1.remember(&copy.0, 9, LikelyTarget { function: 100, calls: 5 });
            assert_eq!(copy.1.all(&copy.0).unwrap().len(), all.len());
        }
    }
}
