//! Compiling all functions of a code set now that have no code of a tier or better.

use super::code_set::CodeSet;
use super::threads::Threads;
use super::tiers::Compilers;
use super::workers::{self, Task};
use crate::abi::Tier;
use crate::error::Error;
use crate::types::DefinedFuncIndex;
use std::sync::Arc;

struct CompileAll {
    set: Arc<CodeSet>,
    tier: Tier,
}

impl Task for CompileAll {
    type ThreadState = Compilers;

    fn run(&self, unit: u32, compilers: &mut Compilers) -> Result<(), Error> {
        self.set.improve(DefinedFuncIndex(unit), self.tier, compilers)
    }
}

/// Compiles on so many threads. Fails if the code of the set is final and worse.
pub fn compile_all(set: Arc<CodeSet>, tier: Tier, threads: &Threads) -> Result<(), Error> {
    set.recall();
    let functions = set.slots().len() as u32;
    if set.is_optimized() {
        return Ok(());
    }
    if set.growth().is_none() {
        return match tier {
            Tier::Baseline => Ok(()),
            Tier::Optimized => Err(Error::argument("the module's code is final")),
        };
    }
    workers::run(CompileAll { set, tier }, functions, threads).map(drop)
}
