//! Both compilers compute the same with every operation on numbers and vectors, from wherever its operands come.
//!
//! Operands are random and at the edges of types. Results must be equal bit by bit; where the specification leaves the
//! bits of a NaN open, both must be NaNs that it allows. Traps must have the same message and place. Code is compared
//! that uses all features of the processor, and that uses only what every supported one has.

mod operations;
mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod values;

use operations::{Operation, find_all};
use shapes::{RESULT_BYTES, RESULTS, SHAPES};
use support::random::Random;
use support::{c_api::*, handles::*, modes};
use wasm_encoder::ValType;

const OPTIMIZED: u64 = 3;
const BASELINE: u64 = 2;
const EXPLICIT: u64 = 2;

type Options = &'static [(i32, u64)];

/// For all features of the processor and for none beyond the minimum: the compiler that is trusted, and others.
const COMPARED: [(Options, &[Options]); 2] = [
    (
        &[(WASMRT_OPTION_COMPILE, OPTIMIZED)],
        &[
            &[(WASMRT_OPTION_COMPILE, BASELINE)],
            &[
                (WASMRT_OPTION_COMPILE, BASELINE),
                (WASMRT_OPTION_BOUNDS, EXPLICIT),
                (WASMRT_OPTION_SIGNALS, 0),
            ],
        ],
    ),
    (
        &[(WASMRT_OPTION_COMPILE, OPTIMIZED), (WASMRT_OPTION_CPU_FEATURES, 0)],
        &[&[(WASMRT_OPTION_COMPILE, BASELINE), (WASMRT_OPTION_CPU_FEATURES, 0)]],
    ),
];

/// Sets of operands for each function, and sets of constants.
const OPERANDS: usize = 40;
const CONSTANTS: u64 = 2;

/// What a call leaves: its results, or the message and place of its trap.
type Outcome = Result<[u8; RESULT_BYTES], (String, usize)>;

/// An instance and what belongs to it.
struct Program {
    exports: OwnedVector<*mut wasm_extern_t>,
    _instance: Instance,
    _module: Module,
    _store: Store,
    _engine: Engine,
}

impl Program {
    fn new(options: Options, bytes: &[u8]) -> Program {
        let engine = modes::engine_with(options).unwrap();
        let store = new_store(&engine).unwrap();
        let module = new_module(&store, bytes).unwrap_or_else(|| panic!("{:?}", last_error()));
        let instance = new_instance(&store, &module, &[]).unwrap();
        let exports = instance_exports(&instance);
        Program { exports, _instance: instance, _module: module, _store: store, _engine: engine }
    }

    fn memory(&mut self) -> &mut [u8] {
        // SAFETY: the first export is a memory, which lives as long as the instance; nobody else uses it meanwhile.
        unsafe {
            let memory = (api().wasm_extern_as_memory)(self.exports.items()[0]);
            let size = (api().wasm_memory_data_size)(memory);
            std::slice::from_raw_parts_mut((api().wasm_memory_data)(memory), size)
        }
    }

    /// Calls the function with this number with operands in memory.
    fn run(&mut self, function: usize, start: &[u8]) -> Outcome {
        self.memory()[..start.len()].copy_from_slice(start);
        // SAFETY: the export is alive, and a function.
        let function = unsafe { (api().wasm_extern_as_func)(self.exports.items()[function + 1]) };
        match call_func(function, &[], &mut []) {
            None => Ok(self.memory()[RESULTS..RESULTS + RESULT_BYTES].try_into().unwrap()),
            Some(trap) => Err((trap_message(&trap), trap_place(&trap))),
        }
    }
}

/// Byte offset in the module of the instruction that trapped.
fn trap_place(trap: &Trap) -> usize {
    // SAFETY: the trap is alive.
    let frame = unsafe { (api().wasm_trap_origin)(trap.get()) };
    let frame = Owned::new(frame, api().wasm_frame_delete).unwrap();
    // SAFETY: the frame is alive.
    unsafe { (api().wasm_frame_module_offset)(frame.get()) }
}

/// The first bytes of memory: operands, zeros for the results, other values.
fn start_of_memory(op: &Operation, random: &mut Random) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..576).map(|_| random.next() as u8).collect();
    for (ty, place) in op.params.iter().zip(bytes.chunks_mut(16)) {
        place.copy_from_slice(&values::value(random, *ty).to_le_bytes());
    }
    bytes[RESULTS..RESULTS + RESULT_BYTES].fill(0);
    bytes
}

/// Bytes of a float in the result of an operation that may choose the bits of NaNs.
fn computed_floats(op: &Operation) -> Option<usize> {
    const COMPUTING: &[&str] = &[
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Sqrt",
        "Ceil",
        "Floor",
        "Trunc",
        "Nearest",
        "Min",
        "Max",
        "DemoteF64",
        "PromoteF32",
        "DemoteF64x2Zero",
        "PromoteLowF32x4",
        "RelaxedMadd",
        "RelaxedNmadd",
    ];
    let types = [("F32x4", 4), ("F64x2", 8), ("F32", 4), ("F64", 8)];
    let &(prefix, width) = types.iter().find(|(prefix, _)| op.name.starts_with(prefix))?;
    COMPUTING.contains(&&op.name[prefix.len()..]).then_some(width)
}

/// Whether the specification allows `found` where `expected` is right.
fn agree(op: &Operation, expected: &[u8; RESULT_BYTES], found: &[u8; RESULT_BYTES]) -> bool {
    let Some(width) = computed_floats(op) else { return expected == found };
    let mut lanes = expected.chunks(width).zip(found.chunks(width));
    lanes
        .all(|(expected, found)| expected == found || is_quiet_nan(expected) && is_quiet_nan(found))
}

fn is_quiet_nan(bytes: &[u8]) -> bool {
    match bytes.try_into() {
        Ok(bytes) => u32::from_le_bytes(bytes) & 0x7fc0_0000 == 0x7fc0_0000,
        Err(_) => {
            let quiet = 0x7ff8 << 48;
            u64::from_le_bytes(bytes.try_into().unwrap()) & quiet == quiet
        }
    }
}

fn compare(operations: &[Operation], seed: u64) {
    let random = &mut Random::new(seed);
    let bytes = shapes::module(operations, &mut |ty: ValType| values::value(random, ty));
    for (trusted, others) in COMPARED {
        let mut trusted = Program::new(trusted, &bytes);
        let mut programs: Vec<(Options, Program)> =
            others.iter().map(|&options| (options, Program::new(options, &bytes))).collect();
        for (i, op) in operations.iter().enumerate() {
            for _ in 0..OPERANDS {
                let start = start_of_memory(op, random);
                for (j, (shape, _)) in SHAPES.iter().enumerate() {
                    let function = i * SHAPES.len() + j;
                    let expected = trusted.run(function, &start);
                    for (options, program) in &mut programs {
                        let found = program.run(function, &start);
                        let agree = match (&expected, &found) {
                            (Ok(expected), Ok(found)) => agree(op, expected, found),
                            _ => expected == found,
                        };
                        let what = format!("{} {:?}, {shape}, {options:?}", op.name, op.bytes);
                        let operands = &start[..16 * op.params.len()];
                        assert!(agree, "{what}: {operands:x?}: {found:x?}, not {expected:x?}");
                    }
                }
            }
        }
    }
}

#[test]
fn both_compilers_compute_the_same_with_every_operation() {
    if is_foreign() {
        return support::skip("the library under test is not ours");
    }
    let operations = find_all();
    let mut opcodes: Vec<&str> = operations.iter().map(Operation::opcode).collect();
    opcodes.dedup();
    // All but the 22 vector instructions that access memory.
    assert_eq!(opcodes.len(), 128 + 8 + (236 - 22) + 20);
    (0..CONSTANTS).for_each(|seed| compare(&operations, seed));
}
