//! Do programs that throw and catch in both encodings do what a walk over their tree does?
//!
//! Programs are generated from seeds. Each runs in every mode, as it is and with so many locals that locals and
//! operands are in the frame. `WASMRT_EXCEPTIONS_CASES` sets the number of seeds.

mod model;
mod program;
#[path = "../support/mod.rs"]
mod support;

use model::End;
use program::Program;
use support::{c_api::*, handles::*, modes, random};

/// Locals that make a function oversized.
const MANY_LOCALS: usize = 3001;

fn cases() -> u64 {
    let number = std::env::var("WASMRT_EXCEPTIONS_CASES").ok();
    number.and_then(|number| number.parse().ok()).unwrap_or(60)
}

/// How a module's run ends, and its log.
fn outcome(mode: &modes::Mode, engine: &Engine, bytes: &[u8]) -> (End, u32) {
    let store = mode.new_store(engine).unwrap();
    let module = new_module(&store, bytes).unwrap_or_else(|| panic!("{:?}", last_error()));
    let module = if mode.serializes { round_trip(&store, module).unwrap() } else { module };
    let instance = new_instance(&store, &module, &[]).unwrap();
    let exports = instance_exports(&instance);
    // SAFETY: the exports are alive, and functions.
    let function = |i: usize| unsafe { (api().wasm_extern_as_func)(exports.items()[i]) };
    let end = match call_func(function(1), &[], &mut []) {
        None => End::Returned,
        Some(trap) => end_of(&trap_message(&trap)),
    };
    let mut log = [wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: 0 } }];
    assert!(call_func(function(0), &[], &mut log).is_none());
    // SAFETY: the function returned an i32.
    (end, unsafe { log[0].of.i32 } as u32)
}

/// By the message of a trap, which shows the values of an exception.
fn end_of(message: &str) -> End {
    let Some(exception) = message.strip_prefix("uncaught exception") else { return End::Trapped };
    let (_, values) = exception.split_once('(').unwrap();
    let values = values.trim_end_matches(')').split(", ").filter(|value| !value.is_empty());
    let number = |value: &str| value.split_once(' ').unwrap().1.parse::<i64>().unwrap() as u32;
    End::Uncaught(values.map(number).collect())
}

fn module(program: &Program, locals: &str) -> Vec<u8> {
    let text = program::text(program, locals);
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn programs_do_what_a_walk_over_their_tree_does() {
    let engines: Vec<_> = modes::MODES.iter().map(|mode| mode.new_engine().unwrap()).collect();
    let locals = format!("(local {})", "i32 ".repeat(MANY_LOCALS));
    let mut counts = [0; 3];
    for seed in 0..cases() {
        let program = program::generate(seed);
        let Some(expected) = model::run(&program) else { continue };
        counts[match expected.0 {
            End::Returned => 0,
            End::Uncaught(_) => 1,
            End::Trapped => 2,
        }] += 1;
        let modules = [module(&program, ""), module(&program, &locals)];
        for (i, (mode, engine)) in modes::MODES.iter().zip(&engines).enumerate() {
            // Oversized functions take much longer to compile.
            let large = (seed + i as u64).is_multiple_of(4);
            let found = outcome(mode, engine, &modules[usize::from(large)]);
            assert_eq!(found, expected, "seed {seed}, oversized: {large}, {}", mode.name);
        }
    }
    assert!(counts.iter().all(|count| *count > 0), "all ends should occur: {counts:?}");
    println!("returned, uncaught, trapped: {counts:?}");
}
