//! How compile time grows with what a module asks for. Processor time is counted, so that other programs matter less.
//! Time has no place among the tests, so this one only runs when it is asked for: `cargo test --release --test hostile growth -- --ignored --nocapture --test-threads 1`.

use super::Host;
use super::attacks::*;
use std::time::Duration;
use wasm_encoder::{BlockType, Instruction};

/// Eight times the size may take at most this many times as long.
const MOST: f64 = 12.0;

#[test]
#[ignore = "measures time"]
fn growth_is_close_to_linear() {
    let block = Instruction::Block(BlockType::Empty);
    let mut worst: f64 = 0.0;
    let mut measure = |what: &str, small: usize, make: &dyn Fn(usize) -> Vec<u8>| {
        let (first, second) = (time(&make(small)), time(&make(8 * small)));
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
    measure("br_table targets", 8_000, &huge_br_table);
    measure("nested blocks", 1_250, &|size| nested_blocks(size, &block));
    measure("nested loops", 1_250, &|size| {
        nested_blocks(size, &Instruction::Loop(BlockType::Empty))
    });
    measure("nested ifs", 1_250, &|size| nested_blocks(size, &Instruction::If(BlockType::Empty)));
    measure("straight line", 50_000, &straight_line);
    measure("functions", 5_000, &|size| many_functions(size as u32));
    assert!(worst <= MOST, "a factor of {worst:.2}");
}

/// The best of three.
fn time(bytes: &[u8]) -> Duration {
    let host = Host::new();
    let once = || {
        let start = processor_time();
        let answer = host.compile(bytes);
        let took = processor_time() - start;
        if let Err(reason) = answer {
            println!("(refused: {reason})");
        }
        took
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

/// Of all threads of this process.
fn processor_time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is valid for writes.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
