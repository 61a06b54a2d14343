//! Functions that cannot be optimized: the body that the optimizing compiler reads is another one than that from which
//! the baseline code was made, and it is not valid.

use super::*;
use crate::abi::{Bounds, CodeMode, Metering, Traps};
use crate::binary::{Limits, decode};
use crate::compile::context::{CompileConfig, CompileContext, CompileSetting};
use crate::compile::counters::TierStats;
use crate::compile::events::Listener;
use crate::compile::module::{NOTHING_ELSE, place};
use crate::compile::plan::Plan;
use crate::compile::units::ModuleBodies;
use crate::sys::lock::Lock;
use crate::types::{FuncIndex, TypeRegistry};
use std::time::Duration;

const MODE: CodeMode =
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::Off };

const FUNC: DefinedFuncIndex = DefinedFuncIndex(0);

const GOOD: &str = "(module (func (param i32) (result i32)
    (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 0)))";
const BAD: &str = "(module (func (param i32) (result i32)
    (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i64.const 1)))))
    (local.get 0)))";

/// A set whose function is optimized in vain, and which failures its listener was told.
struct Failing {
    set: Arc<CodeSet>,
    told: Arc<Lock<Vec<(FuncIndex, Tier, ErrorKind)>>>,
    address: usize,
}

fn bodies(context: &CompileContext, text: &str) -> ModuleBodies {
    let bytes = wat::parse_str(text).unwrap();
    let decoded = decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap();
    ModuleBodies::new(context, Arc::new(decoded.module), decoded.validation)
}

impl Failing {
    fn new(workers: usize) -> Failing {
        let setting = CompileSetting::Both;
        let config = CompileConfig { workers, setting, ..CompileConfig::default() };
        let context = Arc::new(CompileContext::new(config));
        let (plan, good) = (Plan::of(setting), bodies(&context, GOOD));
        let kind = plan.kind(MODE).unwrap();
        let placed = place(&context, Tiers(context.clone()), good, kind, NOTHING_ELSE).unwrap();
        let (bad, told) = (bodies(&context, BAD), Arc::<Lock<Vec<_>>>::new(Lock::new(Vec::new())));
        let tell = told.clone();
        bad.counters.events.set(Some(Listener::new(move |event| {
            if let Event::Failed(func, tier, error) = event {
                tell.lock().push((*func, *tier, error.kind()));
            }
        })));
        let set = plan.code_set(&context, bad, MODE, Some(placed)).unwrap();
        let address = set.slots()[0].load(Acquire);
        Failing { set: Arc::new(set), told, address }
    }

    /// Waits for the worker, if there is one.
    fn wait(&self) {
        let (growth, _) = self.set.growth().unwrap();
        let begin = Instant::now();
        while growth.states.get(FUNC) != State::Final || growth.context.tier_up().waiting() > 0 {
            assert!(growth.context.workers() > 0, "nobody has tried");
            assert!(begin.elapsed() < Duration::from_secs(60), "it takes too long");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn check(&self) {
        let (growth, _) = self.set.growth().unwrap();
        assert_eq!(growth.states.get(FUNC), State::Final);
        assert_eq!(self.set.slots()[0].load(Acquire), self.address);
        assert_eq!(self.set.all_slots().budget(FUNC), Some(FINAL));
        assert_eq!(self.set.waiting() + growth.context.tier_up().waiting(), 0);
        assert_eq!(*self.told.lock(), [(FuncIndex(0), Tier::Optimized, ErrorKind::Invalid)]);
        assert_eq!(growth.bodies.counters.stats(0).optimized, TierStats::default());
    }
}

#[test]
fn a_function_that_cannot_be_optimized_keeps_its_code_and_is_not_tried_again() {
    for workers in [0, 2] {
        let failing = Failing::new(workers);
        failing.set.used_up(FUNC);
        failing.wait();
        failing.check();
        for _ in 0..3 {
            assert_eq!(failing.set.current_code(FUNC).unwrap(), failing.address);
            failing.check();
        }
    }
}

#[test]
fn a_loop_of_a_function_that_cannot_be_optimized_goes_on() {
    for workers in [0, 2] {
        let failing = Failing::new(workers);
        assert_eq!(failing.set.used_up_in_loop(FUNC, 0), None);
        failing.wait();
        for _ in 0..3 {
            assert_eq!(failing.set.used_up_in_loop(FUNC, 0), None);
            failing.check();
        }
    }
}
