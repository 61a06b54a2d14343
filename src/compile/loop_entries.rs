//! Code that continues loops which were running when their function became hot (see `abi::loop_frame`).
//!
//! Such code is made only for loops that asked for it. The first one comes before the code of the function, because it
//! runs now and another call may never come; the others come after the function. All come after it
//!
//! - if it is called again, since then its loops are short. While it waits for its turn, its loops get small budgets
//!   (probes), and some of them would be used up by a call;
//! - if it has calls. The later they are compiled, the more callees have final code. And if the loop may end in a tail
//!   call that leads to the function again, baseline code there would let the stack grow: its frame stays below the code
//!   that continues the loop.

use crate::error::Error;
use crate::sys::lock::ForkMutex;
use crate::types::DefinedFuncIndex;

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopCode {
    /// An earlier run wanted it.
    Foreseen,
    Wanted,
    At(usize),
    /// There will be none.
    Refused,
}

/// The requests of one code set.
#[derive(Default)]
pub struct LoopEntries(ForkMutex<Vec<Entry>>);

struct Entry {
    func: DefinedFuncIndex,
    number: u32,
    code: LoopCode,
    /// How many probes are left.
    probes: u32,
    /// The function was called since the loop asked.
    is_short: bool,
}

/// Probes of a loop, each with a budget of at least so much; they differ, so that they end at various places.
const PROBES: u32 = 32;
const PROBE: i64 = 1000;
const LONGER: i64 = 37;

impl Entry {
    fn new(func: DefinedFuncIndex, number: u32, code: LoopCode) -> Entry {
        Entry { func, number, code, probes: PROBES, is_short: false }
    }

    fn is_running(&self) -> bool {
        self.code == LoopCode::Wanted && !self.is_short
    }
}

impl LoopEntries {
    /// The code for a loop, and whether the request is new. Then it is noted.
    pub fn ask(&self, func: DefinedFuncIndex, number: u32) -> Result<(LoopCode, bool), Error> {
        let mut entries = self.0.lock();
        let is_it = |entry: &&mut Entry| (entry.func, entry.number) == (func, number);
        if let Some(entry) = entries.iter_mut().find(is_it) {
            let is_new = entry.code == LoopCode::Foreseen;
            if is_new {
                entry.code = LoopCode::Wanted;
            }
            return Ok((entry.code, is_new));
        }
        entries.try_reserve(1)?;
        entries.push(Entry::new(func, number, LoopCode::Wanted));
        Ok((LoopCode::Wanted, true))
    }

    /// A loop of a function that waits for code.
    pub fn wanted(&self, func: DefinedFuncIndex) -> Option<u32> {
        let entries = self.0.lock();
        let waits = |entry: &&Entry| {
            entry.func == func && matches!(entry.code, LoopCode::Foreseen | LoopCode::Wanted)
        };
        entries.iter().find(waits).map(|entry| entry.number)
    }

    /// The loop of a function that asked first, if it runs for long and waits for code.
    pub fn running(&self, func: DefinedFuncIndex) -> Option<u32> {
        let entries = self.0.lock();
        let runs = |entry: &&Entry| entry.func == func && entry.is_running();
        entries.iter().find(runs).map(|entry| entry.number)
    }

    /// The budget of the next probe of a loop.
    pub fn probe(&self, func: DefinedFuncIndex, number: u32) -> Option<i64> {
        let mut entries = self.0.lock();
        let is_it = |entry: &&mut Entry| (entry.func, entry.number) == (func, number);
        let entry = entries.iter_mut().find(is_it).filter(|entry| entry.is_running())?;
        entry.probes = entry.probes.checked_sub(1)?;
        Some(PROBE + LONGER * i64::from(entry.probes))
    }

    /// A call of the function has used up the budget.
    pub fn called(&self, func: DefinedFuncIndex) {
        let mut entries = self.0.lock();
        entries
            .iter_mut()
            .filter(|entry| entry.func == func)
            .for_each(|entry| entry.is_short = true);
    }

    /// Loops that earlier runs wanted, if there is memory for them.
    pub fn foresee(&self, loops: Vec<(DefinedFuncIndex, u32)>) {
        let mut entries = self.0.lock();
        if entries.try_reserve(loops.len()).is_ok() {
            let code = LoopCode::Foreseen;
            entries.extend(loops.into_iter().map(|(func, number)| Entry::new(func, number, code)));
        }
    }

    /// Loops that have or want code.
    pub fn not_refused(&self) -> Result<Vec<(DefinedFuncIndex, u32)>, Error> {
        let entries = self.0.lock();
        let mut loops = Vec::new();
        loops.try_reserve_exact(entries.len())?;
        let all = entries.iter().filter(|entry| entry.code != LoopCode::Refused);
        loops.extend(all.map(|entry| (entry.func, entry.number)));
        Ok(loops)
    }

    /// The code that there is: function, number of the loop, address.
    pub fn finished(&self) -> Result<Vec<(DefinedFuncIndex, u32, usize)>, Error> {
        let entries = self.0.lock();
        let mut finished = Vec::new();
        finished.try_reserve_exact(entries.len())?;
        finished.extend(entries.iter().filter_map(|entry| match entry.code {
            LoopCode::At(address) => Some((entry.func, entry.number, address)),
            _ => None,
        }));
        Ok(finished)
    }

    /// Whether code at an address continues a loop.
    pub fn has(&self, address: usize) -> bool {
        self.0.lock().iter().any(|entry| entry.code == LoopCode::At(address))
    }

    /// How many have code.
    pub fn count(&self) -> u32 {
        let entries = self.0.lock();
        entries.iter().filter(|entry| matches!(entry.code, LoopCode::At(_))).count() as u32
    }

    /// Code that was made earlier, whether somebody has asked for it or not.
    pub fn offer(&self, func: DefinedFuncIndex, number: u32, address: usize) -> Result<(), Error> {
        let (code, mut entries) = (LoopCode::At(address), self.0.lock());
        let is_it = |entry: &&mut Entry| (entry.func, entry.number) == (func, number);
        if let Some(entry) = entries.iter_mut().find(is_it) {
            entry.code = code;
            return Ok(());
        }
        entries.try_reserve(1)?;
        entries.push(Entry::new(func, number, code));
        Ok(())
    }

    /// Answers a request.
    pub fn answer(&self, func: DefinedFuncIndex, number: u32, code: LoopCode) {
        let mut entries = self.0.lock();
        let is_it = |entry: &&mut Entry| (entry.func, entry.number) == (func, number);
        if let Some(entry) = entries.iter_mut().find(is_it) {
            entry.code = code;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_gets_the_answer_to_its_request() {
        let (entries, func) = (LoopEntries::default(), DefinedFuncIndex(3));
        assert_eq!(entries.wanted(func), None);
        assert_eq!(entries.ask(func, 0).unwrap(), (LoopCode::Wanted, true));
        assert_eq!(entries.ask(func, 1).unwrap(), (LoopCode::Wanted, true));
        assert_eq!(entries.ask(func, 1).unwrap(), (LoopCode::Wanted, false));
        assert_eq!(entries.wanted(func), Some(0));
        entries.answer(func, 0, LoopCode::At(64));
        assert_eq!(entries.wanted(func), Some(1));
        entries.answer(func, 1, LoopCode::Refused);
        assert_eq!(entries.wanted(func), None);
        assert_eq!(entries.wanted(DefinedFuncIndex(1)), None);
        assert_eq!(entries.ask(func, 0).unwrap(), (LoopCode::At(64), false));
        assert_eq!(entries.ask(func, 1).unwrap(), (LoopCode::Refused, false));
    }

    #[test]
    fn a_loop_of_an_earlier_run_is_made_with_its_function_and_may_be_asked_for() {
        let (entries, func) = (LoopEntries::default(), DefinedFuncIndex(3));
        entries.foresee(vec![(func, 4), (func, 5)]);
        assert_eq!(entries.running(func), None);
        assert_eq!(entries.ask(func, 5).unwrap(), (LoopCode::Wanted, true));
        assert_eq!(entries.ask(func, 5).unwrap(), (LoopCode::Wanted, false));
        assert_eq!((entries.wanted(func), entries.running(func)), (Some(4), Some(5)));
        entries.answer(func, 4, LoopCode::Refused);
        assert_eq!(entries.wanted(func), Some(5));
        assert_eq!(entries.not_refused().unwrap(), [(func, 5)]);
    }

    #[test]
    fn a_loop_whose_function_is_called_meanwhile_does_not_run_for_long() {
        let (entries, func, other) =
            (LoopEntries::default(), DefinedFuncIndex(3), DefinedFuncIndex(4));
        for func in [func, other] {
            entries.ask(func, 0).unwrap();
            assert!(entries.probe(func, 0) > entries.probe(func, 0));
        }
        entries.called(func);
        assert_eq!((entries.probe(func, 0), entries.running(func)), (None, None));
        assert_eq!(entries.wanted(func), Some(0));
        (2..PROBES).for_each(|_| assert!(entries.probe(other, 0).is_some()));
        assert_eq!((entries.probe(other, 0), entries.running(other)), (None, Some(0)));
    }
}
