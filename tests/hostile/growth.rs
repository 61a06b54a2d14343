//! How compile time grows with the size of a module. Processor time is measured, so that other programs matter
//! less. Timing does not belong into ordinary tests, so this only runs on request: `./x growth`. With
//! `WASMRT_SPEC_LIBRARY` it measures another library with the same header; `WASMRT_GROWTH` selects what is
//! measured.

use super::constructs::constructs;
use super::handles::*;
use super::shapes::*;
use super::{Host, c_api::*, settings};
use std::collections::BTreeSet;
use std::time::Duration;
use wasm_encoder::{BlockType, Instruction};
use wasmparser::{Parser, Payload};

/// Eight times the size may take at most this many times as long, or so long for each anyway.
const MOST: f64 = 12.0;
const NANOSECONDS_ANYWAY: f64 = 5.0;

/// With ten or a hundred times as many, each may take at most this many times as long, or this long anyway.
const MOST_EACH: f64 = 6.0;
const NANOSECONDS_EACH: f64 = 2000.0;

/// What takes longer than it may is measured so often, because memory and caches are shared with other programs.
const ATTEMPTS: usize = 3;

#[test]
fn a_thousand_of_any_construct_compile() {
    for construct in constructs() {
        // With debug assertions the code generator checks itself in quadratic time.
        let count = if cfg!(debug_assertions) { 300 } else { 1000 };
        let bytes = construct.module(count);
        for setting in settings() {
            let host = Host::compiling(setting);
            let module = host.compile(&bytes);
            let module = module.unwrap_or_else(|e| panic!("{}: {e}", construct.name));
            instantiate(&host, &module);
        }
    }
}

#[test]
fn every_operator_is_in_a_construct() {
    let mut there = BTreeSet::new();
    for construct in constructs() {
        // As many as the largest family of operators has.
        for payload in Parser::new(0).parse_all(&construct.module(200)) {
            let Ok(Payload::CodeSectionEntry(body)) = payload else { continue };
            for op in body.get_operators_reader().expect("a body") {
                let op = format!("{:?}", op.expect("an operator"));
                there.insert(op.split([' ', '(']).next().unwrap_or_default().to_string());
            }
        }
    }
    let missing: Vec<_> = supported().into_iter().filter(|op| !there.contains(*op)).collect();
    assert!(missing.is_empty(), "in no construct: {missing:?}");
}

/// Proposals of which no operator is supported.
const UNSUPPORTED: &[&str] = &[
    "gc",
    "custom_descriptors",
    "memory_control",
    "shared_everything_threads",
    "stack_switching",
    "acquire_release_atomics",
];

/// All operators that a valid module may have.
fn supported() -> Vec<&'static str> {
    macro_rules! all {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            [$((stringify!($proposal), stringify!($op))),*]
        };
    }
    let all = wasmparser::for_each_operator!(all);
    let is_supported = |(proposal, op): &(&str, &str)| {
        // It is not valid yet with any types.
        !UNSUPPORTED.contains(proposal) && *op != "TypedSelectMulti"
    };
    all.into_iter().filter(is_supported).map(|(_, op)| op).collect()
}

#[test]
#[ignore = "measures time"]
fn growth_is_close_to_linear() {
    let mut steep = Vec::new();
    for setting in settings() {
        println!("compile = {setting}");
        for shape in SHAPES.iter().filter(|(what, ..)| is_wanted(what)) {
            if (0..ATTEMPTS).all(|_| is_slow_at_eight_times_the_size(setting, shape)) {
                steep.push((setting, shape.0));
            }
        }
    }
    assert!(steep.is_empty(), "more than {MOST} times as long: {steep:?}");
}

fn is_slow_at_eight_times_the_size(setting: u64, (what, small, make): &Shape) -> bool {
    let (first, second) = (time(setting, &make(*small)).0, time(setting, &make(8 * small)).0);
    let factor = second.as_secs_f64() / first.as_secs_f64();
    println!("{what:38} {small:8}: {first:10.2?}   times 8: {second:10.2?}   factor {factor:6.2}");
    factor > MOST && second.as_nanos() as f64 > NANOSECONDS_ANYWAY * 8.0 * *small as f64
}

/// What grows, from which size on.
type Shape = (&'static str, usize, fn(usize) -> Vec<u8>);

const SHAPES: &[Shape] = &[
    ("locals", 6_250, |size| many_locals(size as u32)),
    ("joins of 50 locals", 8_000, |size| locals_and_joins(50, size as u32)),
    ("joins of 500 locals", 8_000, |size| locals_and_joins(500, size as u32)),
    ("locals and joins", 750, |size| locals_and_joins(size as u32, size as u32)),
    ("operands", 6_250, deep_operands),
    ("former values", 6_250, former_values),
    ("calls above operands", 6_250, calls_above_operands),
    ("loops above constants", 6_250, loops_above_constants),
    ("br_table of one label", 16_000, |size| branch_table(size, 1)),
    ("br_table of 9 labels", 16_000, |size| branch_table(size, 9)),
    ("br_table of 120 labels", 16_000, |size| branch_table(size, 120)),
    ("a larger br_table of 9 labels", 120_000, |size| branch_table(size, 9)),
    ("the largest br_table of one label", LARGEST_TABLE / 8, |size| branch_table(size, 1)),
    ("the largest br_table of 9 labels", LARGEST_TABLE / 8, |size| branch_table(size, 9)),
    ("the largest br_table of 120 labels", LARGEST_TABLE / 8, |size| branch_table(size, 120)),
    // Two bytes each.
    ("the largest br_table of 10,000 labels", 450_000, |size| branch_table(size, 10_000)),
    ("labels of a br_table", 6_250, |size| branch_table(size, size)),
    ("br_table with value", 1_250, branch_table_with_value),
    ("nested blocks", 1_250, |size| nested_blocks(size, &Instruction::Block(BlockType::Empty))),
    ("nested loops", 1_250, |size| nested_blocks(size, &Instruction::Loop(BlockType::Empty))),
    ("nested ifs", 1_250, |size| nested_blocks(size, &Instruction::If(BlockType::Empty))),
    ("straight line", 50_000, straight_line),
    ("products computed twice", 3_000, |size| products_computed_twice(size, false)),
    ("constants used twice", 6_000, constants_used_twice),
    ("products computed across calls", 3_000, |size| products_computed_twice(size, true)),
    ("calls", 62_500, long_chain),
    ("functions", 5_000, |size| many_functions(size as u32)),
    ("memories", 12, |size| many_memories(size as u32)),
    ("bytes of data", 37_500_000, data),
];

#[test]
#[ignore = "measures time"]
fn each_of_many_constructs_takes_as_long_as_each_of_few() {
    let mut steep = Vec::new();
    println!("nanoseconds each: compiled / instantiated");
    for construct in constructs().iter().filter(|construct| is_wanted(&construct.name)) {
        let modules = COUNTS.map(|count| construct.module(count));
        for setting in settings() {
            let is_steep = |_| {
                let times = modules.each_ref().map(|bytes| time(setting, bytes));
                let (compiled, instantiated) = (each(&times, |t| t.0), each(&times, |t| t.1));
                let columns = (columns(compiled), columns(instantiated));
                println!("{setting} {:44} {} / {}", construct.name, columns.0, columns.1);
                is_steep(compiled) || is_steep(instantiated)
            };
            if (0..ATTEMPTS).all(is_steep) {
                steep.push((setting, construct.name.clone()));
            }
        }
    }
    assert!(steep.is_empty(), "longer for each of many: {steep:?}");
}

/// Of segments a module may have 100,000, of which some are needed.
const COUNTS: [usize; 4] = [0, 1_000, 10_000, 99_900];

/// Nanoseconds for each, beyond what none takes.
fn each(times: &[(Duration, Duration); 4], of: fn(&(Duration, Duration)) -> Duration) -> [f64; 3] {
    [1, 2, 3]
        .map(|i| of(&times[i]).saturating_sub(of(&times[0])).as_nanos() as f64 / COUNTS[i] as f64)
}

fn is_steep([few, many, most]: [f64; 3]) -> bool {
    many.max(most) > NANOSECONDS_EACH && many.max(most) > few * MOST_EACH
}

fn columns(each: [f64; 3]) -> String {
    each.map(|each| format!("{each:9.0}")).concat()
}

fn is_wanted(what: &str) -> bool {
    std::env::var("WASMRT_GROWTH").map(|wanted| wanted == what).unwrap_or(true)
}

/// The best of two to five rounds: to compile, and to instantiate, list the exports, and delete.
fn time(setting: u64, bytes: &[u8]) -> (Duration, Duration) {
    let host = Host::compiling(setting);
    let mut best = (Duration::MAX, Duration::MAX);
    let begin = processor_time();
    for round in 0..5 {
        let start = processor_time();
        let answer = host.compile(bytes);
        let compiled = processor_time();
        match answer {
            Err(reason) => println!("(refused: {reason})"),
            Ok(module) => instantiate(&host, &module),
        }
        let end = processor_time();
        best = (best.0.min(compiled - start), best.1.min(end - compiled));
        if round > 0 && end - begin > Duration::from_millis(500) {
            break;
        }
    }
    best
}

/// Every import is given one function.
fn instantiate(host: &Host, module: &Module) {
    let imports = import_names(module);
    if imports.iter().any(|(from, _)| from != "host") {
        return;
    }
    let function = unary(host);
    // SAFETY: the function is alive.
    let function = unsafe { (api().wasm_func_as_extern)(function.get()) };
    let instance = new_instance(&host.store, module, &vec![function; imports.len()]);
    instance_exports(&instance.expect("an instance"));
}

/// A host function of one i32 to another.
fn unary(host: &Host) -> Func {
    extern "C" fn same(_: *const wasm_val_vec_t, _: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
        std::ptr::null_mut()
    }
    // SAFETY: the vectors own what goes into them, the type owns them; the function copies it.
    unsafe {
        let one = || {
            let mut vector = Vector::EMPTY;
            (api().wasm_valtype_vec_new)(&mut vector, 1, &(api().wasm_valtype_new)(WASM_I32));
            vector
        };
        let (mut params, mut results) = (one(), one());
        let ty = Owned::new(
            (api().wasm_functype_new)(&mut params, &mut results),
            api().wasm_functype_delete,
        );
        let func = (api().wasm_func_new)(host.store.get(), ty.expect("a type").get(), same);
        Owned::new(func, api().wasm_func_delete).expect("a function")
    }
}

/// Of all threads of this process.
fn processor_time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is valid for writes.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
