//! What a call of a program leaves behind.

use crate::support::{c_api::*, handles::*, modes::Mode};

pub struct Program(Vec<u8>);

impl Program {
    pub fn new(text: &str) -> Program {
        Program(wat::parse_str(text).unwrap_or_else(|e| panic!("{e}\n{text}")))
    }
}

#[derive(PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What the function returned, or why it trapped.
    pub result: Result<i32, String>,
    /// Functions and offsets in them, innermost first, if it trapped.
    pub frames: Vec<(u32, usize)>,
    /// What the call took, in metered stores.
    fuel: Option<u64>,
}

/// Amounts of fuel with which calls are repeated in metered stores.
pub const FUEL: &[u64] = &[1, 4, 10, 23, 50, 100, 333, 1000];

/// Calls the function `f`, the only export, with one argument after the other.
pub fn outcomes(mode: &Mode, program: &Program, arguments: &[i32]) -> Vec<Outcome> {
    let engine = mode.new_engine().unwrap();
    let store = mode.new_store(&engine).unwrap();
    let module = new_module(&store, &program.0);
    let module = module.unwrap_or_else(|| panic!("{:?}", last_error()));
    let module = if mode.serializes { round_trip(&store, module).unwrap() } else { module };
    let instance = new_instance(&store, &module, &[]).unwrap();
    let exports = instance_exports(&instance);
    // SAFETY: the only export is alive, and a function.
    let function = unsafe { (api().wasm_extern_as_func)(exports.items()[0]) };
    let mut outcomes: Vec<_> = arguments
        .iter()
        .map(|&argument| outcome(mode.metered, &store, function, argument))
        .collect();
    for &amount in if mode.metered { FUEL } else { &[] } {
        let repeated = arguments.iter().map(|&argument| {
            set_fuel(&store, amount);
            outcome(mode.metered, &store, function, argument)
        });
        outcomes.extend(repeated);
    }
    outcomes
}

/// Calls a function from i32 to i32.
pub fn outcome(
    metered: bool,
    store: &Store,
    function: *const wasm_func_t,
    argument: i32,
) -> Outcome {
    let before = metered.then(|| fuel(store));
    let arguments = [wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: argument } }];
    let mut values = [wasm_val_t { kind: WASM_I32, of: wasm_val_union { i32: 0 } }];
    let trap = call_func(function, &arguments, &mut values);
    let fuel = before.map(|before| before - fuel(store));
    match trap {
        Some(trap) => Outcome { result: Err(trap_message(&trap)), frames: frames_of(&trap), fuel },
        // SAFETY: the function returned an i32.
        None => Outcome { result: Ok(unsafe { values[0].of.i32 }), frames: Vec::new(), fuel },
    }
}

pub fn set_fuel(store: &Store, amount: u64) {
    // SAFETY: the store is alive.
    assert!(unsafe { api().wasmrt_store_set_fuel.unwrap()(store.get(), amount) });
}

fn fuel(store: &Store) -> u64 {
    let mut left = 0;
    // SAFETY: the store is alive; the number may be written.
    assert!(unsafe { api().wasmrt_store_fuel.unwrap()(store.get(), &mut left) });
    left
}

fn frames_of(trap: &Trap) -> Vec<(u32, usize)> {
    // SAFETY: the trap is alive.
    let fill = |out: *mut wasm_frame_vec_t| unsafe { (api().wasm_trap_trace)(trap.get(), out) };
    let frames = OwnedVector::filled(fill, api().wasm_frame_vec_delete);
    // SAFETY: the frames are alive as long as the vector.
    let place = |&frame: &*mut wasm_frame_t| unsafe {
        ((api().wasm_frame_func_index)(frame), (api().wasm_frame_func_offset)(frame))
    };
    frames.items().iter().map(place).collect()
}
