//! How compile time grows with the size of a module. Processor time is measured, so that other programs matter
//! less. Timing does not belong into ordinary tests, so this only runs on request: `./x growth`. With
//! `WASMRT_SPEC_LIBRARY` it measures another library with the same header; `WASMRT_GROWTH` selects what is
//! measured.

use super::attacks::*;
use super::constructs::{CONSTRUCTS, Place, module};
use super::handles::*;
use super::{BASELINE, Host, OPTIMIZED, c_api::*};
use std::time::Duration;
use wasm_encoder::{BlockType, Instruction};

/// Eight times the size may take at most this many times as long.
const MOST: f64 = 12.0;

/// With ten or a hundred times as many, each may take at most this many times as long, or this long anyway.
const MOST_EACH: f64 = 6.0;
const NANOSECONDS_EACH: f64 = 2000.0;

#[test]
fn a_thousand_of_any_construct_compile() {
    for (name, place) in CONSTRUCTS {
        // With debug assertions the code generator checks itself in quadratic time.
        let count = if cfg!(debug_assertions) { 300 } else { 1000 };
        let bytes = wat::parse_str(module(place, count)).unwrap_or_else(|e| panic!("{name}: {e}"));
        for setting in [BASELINE, OPTIMIZED] {
            let host = Host::compiling(Some(setting));
            let module = host.compile(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
            instantiate(&host, &module);
        }
    }
}

#[test]
#[ignore = "measures time"]
fn growth_is_close_to_linear() {
    let block = Instruction::Block(BlockType::Empty);
    let mut worst: f64 = 0.0;
    let mut measure = |what: &str, small: usize, make: &dyn Fn(usize) -> Vec<u8>| {
        if !is_wanted(what) {
            return;
        }
        let (first, second) = (time(&make(small)).0, time(&make(8 * small)).0);
        let factor = second.as_secs_f64() / first.as_secs_f64();
        println!(
            "{what:24} {small:8}: {first:10.2?}   times 8: {second:10.2?}   factor {factor:6.2}"
        );
        worst = worst.max(factor);
    };
    measure("locals", 6_250, &|size| many_locals(size as u32));
    measure("joins of 50 locals", 8_000, &|size| locals_and_joins(50, size as u32));
    measure("joins of 500 locals", 8_000, &|size| locals_and_joins(500, size as u32));
    measure("locals and joins", 750, &|size| locals_and_joins(size as u32, size as u32));
    measure("operands", 6_250, &deep_operands);
    measure("former values", 6_250, &former_values);
    measure("calls above operands", 6_250, &calls_above_operands);
    measure("loops above constants", 6_250, &loops_above_constants);
    measure("br_table targets", 8_000, &huge_br_table);
    measure("br_table with value", 1_250, &branch_table_with_value);
    measure("nested blocks", 1_250, &|size| nested_blocks(size, &block));
    measure("nested loops", 1_250, &|size| {
        nested_blocks(size, &Instruction::Loop(BlockType::Empty))
    });
    measure("nested ifs", 1_250, &|size| nested_blocks(size, &Instruction::If(BlockType::Empty)));
    measure("straight line", 50_000, &straight_line);
    measure("functions", 5_000, &|size| many_functions(size as u32));
    assert!(worst <= MOST, "a factor of {worst:.2}");
}

#[test]
#[ignore = "measures time"]
fn each_of_many_constructs_takes_as_long_as_each_of_few() {
    let mut steep = Vec::new();
    println!("nanoseconds each: compiled / instantiated");
    for (name, place) in CONSTRUCTS.iter().filter(|(name, _)| is_wanted(name)) {
        let counts = [0, 900, 9_000, 90_000];
        let times = counts.map(|count| time(&assembled(place, count)));
        let each = |i: usize, of: fn(&(Duration, Duration)) -> Duration| -> f64 {
            of(&times[i]).saturating_sub(of(&times[0])).as_nanos() as f64 / counts[i] as f64
        };
        let (compiled, instantiated) =
            ([1, 2, 3].map(|i| each(i, |t| t.0)), [1, 2, 3].map(|i| each(i, |t| t.1)));
        println!("{name:44} {} / {}", columns(compiled), columns(instantiated));
        let is_steep = |[few, many, most]: [f64; 3]| {
            many.max(most) > NANOSECONDS_EACH && many.max(most) > few * MOST_EACH
        };
        if is_steep(compiled) || is_steep(instantiated) {
            steep.push(*name);
        }
    }
    assert!(steep.is_empty(), "longer for each of many: {steep:?}");
}

fn columns(each: [f64; 3]) -> String {
    each.map(|each| format!("{each:9.0}")).concat()
}

fn is_wanted(what: &str) -> bool {
    std::env::var("WASMRT_GROWTH").map(|wanted| wanted == what).unwrap_or(true)
}

fn assembled(place: &Place, count: usize) -> Vec<u8> {
    wat::parse_str(module(place, count)).expect("the text of a module")
}

/// The best of three: to compile, and to instantiate, list the exports, and delete.
fn time(bytes: &[u8]) -> (Duration, Duration) {
    let host = Host::new();
    let once = |_| {
        let start = processor_time();
        let answer = host.compile(bytes);
        let compiled = processor_time();
        match answer {
            Err(reason) => println!("(refused: {reason})"),
            Ok(module) => instantiate(&host, &module),
        }
        (compiled - start, processor_time() - compiled)
    };
    let times = [0, 1, 2].map(once);
    let best =
        |of: fn(&(Duration, Duration)) -> Duration| times.iter().map(of).min().unwrap_or_default();
    (best(|t| t.0), best(|t| t.1))
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
