//! Modules by wasm-smith, each with other instructions in favour.

use super::closed::closed;
use super::random::Random;
use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};

/// A valid module, if the seed leads to one.
pub fn module(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random::new(seed);
    let size = 1024 << random.below(5);
    let bytes: Vec<u8> = (0..size).map(|_| random.next() as u8).collect();
    let config = config(&mut random);
    let mut module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    // Otherwise most modules are in a loop without end before they have done anything.
    if random.chance(75) {
        module.ensure_termination(100 << random.below(6)).ok()?;
    }
    closed(&module.to_bytes())
}

fn config(random: &mut Random) -> Config {
    use InstructionKind::*;
    let instructions = match random.below(4) {
        0 => InstructionKinds::new(&[Control, Parametric, Variable, Numeric, Aggregate]),
        1 => InstructionKinds::new(&[Control, Parametric, Variable, NumericInt, Memory, MemoryInt]),
        _ => InstructionKinds::all(),
    };
    Config {
        allowed_instructions: instructions,
        allow_floats: random.chance(60),
        allow_start_export: false,
        canonicalize_nans: true,
        compact_imports_enabled: false,
        disallow_traps: random.chance(60),
        exceptions_enabled: random.chance(20),
        export_everything: true,
        gc_enabled: false,
        max_imports: random.below(5),
        max_instructions: [50, 200, 1000][random.below(3)],
        max_funcs: 12,
        min_funcs: 1 + random.below(6),
        max_memories: 3,
        max_memory32_bytes: 1 << 18,
        max_memory64_bytes: 1 << 18,
        max_tables: 3,
        max_table_elements: 200,
        max_nesting_depth: [3, 10, 40][random.below(3)],
        max_values: [4, 12, 40][random.below(3)],
        multi_value_enabled: random.chance(80),
        relaxed_simd_enabled: false,
        simd_enabled: random.chance(30),
        tail_call_enabled: random.chance(60),
        threads_enabled: random.chance(20),
        shared_everything_threads_enabled: false,
        wide_arithmetic_enabled: random.chance(30),
        ..Config::default()
    }
}
