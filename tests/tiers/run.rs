//! Runs a module on engines of one configuration, and notes everything that a host can see.

use super::c_api::*;
use super::handles::*;
use super::host::{argument, host_function, seen};
use super::random::Random;
use super::shape::{Item, Shape, Signature};

/// How code is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    pub compile: u64,
    pub bounds: u64,
    pub signals: u64,
    pub cpu_features: u64,
    /// Per cent of the usual heat at which functions are optimized.
    pub tier_up: u64,
    /// Units of fuel for each call, in metered code.
    pub fuel: Option<u64>,
    /// How large memories may be.
    pub most_pages: u64,
}

pub const TIERED: u64 = 0;
pub const LAZY_BASELINE: u64 = 1;
pub const BASELINE: u64 = 2;
pub const OPTIMIZED: u64 = 3;
pub const BOTH: u64 = 4;
pub const GUARD: u64 = 1;
pub const EXPLICIT: u64 = 2;

const OPTION_MAX_MEMORY_PAGES: i32 = 16;
const OPTION_CPU_FEATURES: i32 = 5;
const OPTION_TIER_UP: i32 = 8;

/// What engines allow by default.
pub const MOST_TABLE_ELEMENTS: usize = 10_000_000;

/// The library keeps more where calls are inlined.
const MOST_FRAMES: usize = 200;

const TRAP_STACK_OVERFLOW: i32 = 10;
const TRAP_OUT_OF_FUEL: i32 = 19;

/// An engine with its configuration.
pub struct Machine {
    pub config: Config,
    engine: Engine,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trapped {
    code: i32,
    pub message: String,
    /// Function and byte offset of each frame, the innermost first.
    frames: Vec<(u32, usize)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    export: String,
    pub result: Result<Vec<[u64; 2]>, Trapped>,
    /// What is left, in metered code.
    fuel: Option<u64>,
}

impl Trapped {
    pub fn is_out_of_fuel(&self) -> bool {
        self.code == TRAP_OUT_OF_FUEL
    }
}

/// What was not made, and the message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    Module(String),
    Instance(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    Memory(usize, u64),
    /// Which elements are null.
    Table(Vec<bool>),
    Global(u8, [u64; 2]),
}

/// What a host sees of one instance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    pub refused: Option<Refused>,
    pub calls: Vec<Call>,
    pub held: Vec<(String, Held)>,
    pub fuel_ended: bool,
    /// The depth of the native stack differs between compilers, so nothing from here on is comparable.
    pub stack_ended: bool,
}

impl Machine {
    pub fn new(config: Config) -> Machine {
        let set = api().wasmrt_config_set.expect("options");
        let options = [
            (WASMRT_OPTION_WORKERS, 0),
            (WASMRT_OPTION_COMPILE, config.compile),
            (WASMRT_OPTION_BOUNDS, config.bounds),
            (WASMRT_OPTION_SIGNALS, config.signals),
            (OPTION_CPU_FEATURES, config.cpu_features),
            (OPTION_TIER_UP, config.tier_up),
            (OPTION_MAX_MEMORY_PAGES, config.most_pages),
        ];
        // SAFETY: the configuration is given away.
        let engine = unsafe {
            let new = (api().wasm_config_new)();
            for (option, value) in options {
                assert!(set(new, option, value), "option {option}");
            }
            Owned::new((api().wasm_engine_new_with_config)(new), api().wasm_engine_delete)
        };
        Machine { config, engine: engine.expect("an engine") }
    }

    pub fn store(&self) -> Store {
        let store = new_store(&self.engine).expect("a store");
        if let Some(fuel) = self.config.fuel {
            set_fuel(&store, fuel);
        }
        store
    }

    /// Makes an instance, calls all its functions, and looks at what it holds.
    pub fn run(&self, bytes: &[u8], shape: &Shape, seed: u64) -> Outcome {
        let store = self.store();
        let Some(module) = new_module(&store, bytes) else {
            let refused = Refused::Module(last_error().unwrap_or_default());
            return Outcome { refused: Some(refused), ..Outcome::default() };
        };
        let hosts: Vec<Func> = shape.imports.iter().map(|ty| host_function(&store, ty)).collect();
        // SAFETY: the functions are alive.
        let imports: Vec<_> =
            hosts.iter().map(|f| unsafe { (api().wasm_func_as_extern)(f.get()) }).collect();
        match new_instance(&store, &module, &imports) {
            Err(trap) => {
                let refused = Refused::Instance(gist(&trap));
                Outcome { refused: Some(refused), ..Outcome::default() }
            }
            Ok(instance) => self.observe(&store, &instance, shape, seed),
        }
    }

    pub fn observe(&self, store: &Store, instance: &Instance, shape: &Shape, seed: u64) -> Outcome {
        let mut outcome = Outcome::default();
        let exports = instance_exports(instance);
        assert_eq!(exports.items().len(), shape.exports.len());
        let mut random = Random::new(!seed);
        for _ in 0..ROUNDS {
            for ((name, item), export) in shape.exports.iter().zip(exports.items()) {
                let Item::Func(ty) = item else { continue };
                if !ty.is_callable {
                    continue;
                }
                // SAFETY: the export is alive, and a function.
                let func = unsafe { (api().wasm_extern_as_func)(*export) };
                if let Some(fuel) = self.config.fuel {
                    set_fuel(store, fuel);
                }
                let result = call(func, ty, &mut random);
                let trap = result.as_ref().err();
                outcome.fuel_ended |= trap.is_some_and(Trapped::is_out_of_fuel);
                if trap.is_some_and(|trap| trap.code == TRAP_STACK_OVERFLOW) {
                    outcome.stack_ended = true;
                    return outcome;
                }
                let fuel = self.config.fuel.map(|_| fuel(store));
                outcome.calls.push(Call { export: name.clone(), result, fuel });
            }
        }
        for ((name, item), export) in shape.exports.iter().zip(exports.items()) {
            if let Some(held) = held(item, *export) {
                outcome.held.push((name.clone(), held));
            }
        }
        outcome
    }
}

/// How often everything is called.
pub const ROUNDS: usize = 2;

impl Outcome {
    /// The first difference to what another configuration shows, if there is one.
    pub fn difference(&self, other: &Outcome) -> Option<String> {
        if let (None, None) = (&self.refused, &other.refused) {
            let pairs = self.calls.iter().zip(&other.calls);
            for (number, (one, two)) in pairs.enumerate() {
                let both_metered = one.fuel.is_some() && two.fuel.is_some();
                if one.result != two.result || both_metered && one.fuel != two.fuel {
                    return Some(format!("call {number}:\n  {one:?}\n  {two:?}"));
                }
            }
            if self.stack_ended || other.stack_ended {
                return None;
            }
            let differs = self.held.iter().zip(&other.held).find(|(one, two)| one != two);
            return differs.map(|(one, two)| format!("{one:?}\n  {two:?}"));
        }
        let (one, two) = (&self.refused, &other.refused);
        (one != two).then(|| format!("{one:?}\n  {two:?}"))
    }
}

fn set_fuel(store: &Store, fuel: u64) {
    let set = api().wasmrt_store_set_fuel.expect("fuel");
    // SAFETY: the store is alive.
    assert!(unsafe { set(store.get(), fuel) });
}

fn fuel(store: &Store) -> u64 {
    let (get, mut left) = (api().wasmrt_store_fuel.expect("fuel"), 0);
    // SAFETY: the store is alive, the number may be written.
    assert!(unsafe { get(store.get(), &mut left) });
    left
}

fn call(
    func: *const wasm_func_t,
    ty: &Signature,
    random: &mut Random,
) -> Result<Vec<[u64; 2]>, Trapped> {
    let args: Vec<_> = ty.params.iter().map(|kind| argument(*kind, random)).collect();
    let mut results: Vec<_> =
        ty.results.iter().map(|kind| wasmrt_val_t { kind: *kind, of: [0, 0] }).collect();
    let call = api().wasmrt_func_call.expect("calls of any type");
    // SAFETY: the function is alive, both arrays have the lengths that are given.
    let trap =
        unsafe { call(func, args.as_ptr(), args.len(), results.as_mut_ptr(), results.len()) };
    match Owned::new(trap, api().wasm_trap_delete) {
        Some(trap) => Err(trapped(&trap)),
        None => Ok(results.iter().map(seen).collect()),
    }
}

fn trapped(trap: &Trap) -> Trapped {
    // SAFETY: the trap and its frames are alive.
    unsafe {
        let fill = |out: *mut Vector<*mut wasm_frame_t>| (api().wasm_trap_trace)(trap.get(), out);
        let frames = OwnedVector::filled(fill, api().wasm_frame_vec_delete);
        let place = |frame: &*mut wasm_frame_t| {
            ((api().wasm_frame_func_index)(*frame), (api().wasm_frame_module_offset)(*frame))
        };
        Trapped {
            code: (api().wasmrt_trap_code.expect("codes of traps"))(trap.get()),
            message: gist(&trap_message(trap)),
            frames: frames.items().iter().take(MOST_FRAMES).map(place).collect(),
        }
    }
}

/// A message without the place of an access, which only some modes tell.
fn gist(message: &str) -> String {
    message.split(": ").next().unwrap_or_default().to_string()
}

fn held(item: &Item, export: *mut wasm_extern_t) -> Option<Held> {
    // SAFETY: the export is alive; references are ours.
    unsafe {
        Some(match item {
            Item::Memory => {
                let memory = (api().wasm_extern_as_memory)(export);
                let size = (api().wasm_memory_data_size)(memory);
                let data = (api().wasm_memory_data)(memory);
                if size == 0 {
                    return Some(Held::Memory(0, 0));
                }
                Held::Memory(size, hash(std::slice::from_raw_parts(data, size)))
            }
            Item::Table => {
                let table = (api().wasm_extern_as_table)(export);
                let is_null = |at| {
                    let element = (api().wasm_table_get)(table, at);
                    Owned::new(element, api().wasm_ref_delete).is_none()
                };
                let size = (api().wasm_table_size)(table).min(1000);
                Held::Table((0..size).map(is_null).collect())
            }
            Item::Global => {
                let mut value = wasmrt_val_t { kind: 0, of: [0, 0] };
                let global = (api().wasm_extern_as_global)(export);
                (api().wasmrt_global_get.expect("globals"))(global, &mut value);
                Held::Global(value.kind, seen(&value))
            }
            Item::Func(_) | Item::Other => return None,
        })
    }
}

/// Of memories, whose size is a multiple of 8. Most of them is zero.
pub fn hash(bytes: &[u8]) -> u64 {
    let step =
        |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let (words, _) = bytes.as_chunks::<8>();
    let mut zeros = 0;
    words.iter().fold(0, |all, word| match u64::from_le_bytes(*word) {
        0 => {
            zeros += 1;
            all
        }
        word => step(step(all, word), zeros),
    })
}
