//! Detects functions in which very many values are alive at once, which are too costly to optimize.
//!
//! Register allocation goes through the values that are alive around each instruction, so its time is proportional to
//! the product. How many there are is only known after other optimizations: what is computed twice, and a constant that
//! is used twice in a block, is computed once and kept. Only functions of very many instructions are searched, in the
//! order of their code: a value counts from where it is computed to where it is used last.

use cranelift_codegen::entity::EntitySet;
use cranelift_codegen::ir::{Function, Value};
use std::iter::successors;

/// Instructions times values that are alive at once.
const WORK: usize = 1 << 26;

/// Of fewer instructions the product is smaller, unless each has very many results.
const MANY_INSTRUCTIONS: usize = WORK.isqrt();

/// Real functions have up to 740 values at once, also those of several hundred thousand instructions.
const MANY_VALUES: usize = 1000;

/// Whether a function has too many values at once for its size.
pub(super) fn are_many(func: &Function) -> bool {
    if func.dfg.num_insts() < MANY_INSTRUCTIONS {
        return false;
    }
    let (instructions, most) = instructions_and_values(func);
    most > MANY_VALUES && instructions * most > WORK
}

/// The number of instructions, and of values that are alive at once.
fn instructions_and_values(func: &Function) -> (usize, usize) {
    let mut alive = Alive::default();
    let (mut instructions, mut most) = (0, 0);
    let blocks = successors(func.layout.last_block(), |&block| func.layout.prev_block(block));
    for block in blocks {
        for inst in func.layout.block_insts(block).rev() {
            func.dfg.inst_results(inst).iter().for_each(|&result| alive.end(result));
            func.dfg
                .inst_values(inst)
                .for_each(|value| alive.begin(func.dfg.resolve_aliases(value)));
            most = most.max(alive.count);
            instructions += 1;
        }
        func.dfg.block_params(block).iter().for_each(|&param| alive.end(param));
    }
    (instructions, most)
}

/// What is alive at a place, going backwards.
#[derive(Default)]
struct Alive {
    values: EntitySet<Value>,
    count: usize,
}

impl Alive {
    fn begin(&mut self, value: Value) {
        if self.values.insert(value) {
            self.count += 1;
        }
    }

    fn end(&mut self, value: Value) {
        if self.values.remove(value) {
            self.count -= 1;
        }
    }
}
