//! Operand stacks that are hundreds of thousands high, and blocks that carry a thousand values, run on the usual stack:
//! constants and locals take no room in the frame, and values that are not live together share it.

use super::frames::{modes_of_code, run_in};

/// A stack of operands that are added up.
struct Stack {
    height: usize,
    /// Instructions before all of them.
    before: &'static str,
    /// Instructions that push one operand, in turn.
    pushes: &'static [&'static str],
    /// Instructions while all of them are there.
    after: &'static str,
    /// The sum, by the argument.
    sum: fn(i32) -> i32,
}

const STACKS: &[Stack] = &[
    Stack {
        height: 500_000,
        before: "",
        pushes: &["local.get $x"],
        after: "",
        sum: |x| x * 500_000,
    },
    Stack {
        height: 500_000,
        before: "(local.set $a (i32.mul (local.get $x) (i32.const 7)))",
        pushes: &["i32.const 3", "local.get $a", "local.get $never", "local.get $a"],
        after: "",
        sum: |x| 375_000 + x * 7 * 250_000,
    },
    // Blocks, calls and a loop in between.
    Stack {
        height: 500_000,
        before: "",
        pushes: &["local.get $x", "i32.const 5"],
        after: "(drop (call $same (call $same (i32.const 1))))
            (if (local.get $x) (then (local.set $a (call $same (local.get $x)))))
            (loop $again (local.set $a (i32.sub (local.get $a) (i32.const 1)))
              (br_if $again (i32.gt_s (local.get $a) (i32.const -1000))))",
        sum: |x| 1_250_000 + x * 250_000,
    },
    // A local that changes: its former value must be kept for each operand.
    Stack {
        height: 20_000,
        before: "",
        pushes: &["local.get $x", "local.get $never"],
        after: "(local.set $x (i32.const 1)) (local.set $never (local.get $x))",
        sum: |x| x * 10_000,
    },
];

fn module(stack: &Stack) -> Vec<u8> {
    let Stack { height, before, pushes, after, .. } = stack;
    let pushes: String = (0..*height).map(|n| format!("{}\n", pushes[n % pushes.len()])).collect();
    let text = format!(
        "(module (func $same (param i32) (result i32) (local.get 0))
           (func (export \"run\") (param $x i32) (result i32) (local $a i32) (local $never i32)
             {before} {pushes} {after} {}))",
        "i32.add\n".repeat(height - 1)
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn a_stack_of_half_a_million_constants_or_locals_takes_no_room() {
    for stack in STACKS {
        let bytes = module(stack);
        for mode in modes_of_code() {
            for x in [0, 3] {
                let (found, pushes) = (run_in(mode, &bytes, x), stack.pushes);
                assert_eq!(found, Ok((stack.sum)(x)), "{}: {pushes:?} {}", mode.name, stack.after);
            }
        }
    }
}

/// Values that a block may carry.
const WIDTH: usize = 1000;

/// A function that takes a thousand values through so many blocks in a row, nested or both, and adds them up.
fn carrying(row: usize, depth: usize) -> Vec<u8> {
    let values = "i32 ".repeat(WIDTH);
    let push: String = (0..WIDTH)
        .map(|n| match n % 3 {
            0 => format!("(i32.const {n})"),
            1 => "(local.get $x)".to_string(),
            _ => format!("(i32.mul (local.get $x) (i32.const {n}))"),
        })
        .collect();
    // Each turns the topmost value around its neighbour, and some leave early.
    let odd = "(br_if 0 (i32.and (local.get $x) (i32.const 1)))";
    let body = format!("(call $turn) {odd} (i32.add (i32.const 1))");
    let kinds = ["block", "loop", "block"];
    let mut nest = String::new();
    for n in 0..depth {
        let leave = if kinds[n % 3] == "block" { body.as_str() } else { "(call $turn)" };
        nest = format!("({} (type $pass) {nest} {leave})", kinds[n % 3]);
    }
    let text = format!(
        "(module (type $pass (func (param {values}) (result {values})))
           (func $turn (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
           (func (export \"run\") (param $x i32) (result i32) {push} {} {}))",
        nest.repeat(row),
        "i32.add ".repeat(WIDTH - 1)
    );
    wat::parse_str(text).unwrap()
}

/// The sum of what [`carrying`] pushes and adds.
fn carried(row: usize, depth: usize, x: i32) -> i32 {
    let pushed = (0..WIDTH as i32).map(|n| match n % 3 {
        0 => n,
        1 => x,
        _ => x.wrapping_mul(n),
    });
    let blocks = (0..depth).filter(|n| n % 3 != 1).count();
    let added = if x & 1 == 0 { (row * blocks) as i32 } else { 0 };
    pushed.fold(added, i32::wrapping_add)
}

#[test]
fn blocks_of_a_thousand_values_run_in_a_row_and_nested() {
    for (row, depth) in [(60, 1), (1, 60), (5, 12), (1, 900)] {
        let bytes = carrying(row, depth);
        for mode in modes_of_code() {
            for x in [0, 6, 7] {
                let expected = Ok(carried(row, depth, x));
                assert_eq!(run_in(mode, &bytes, x), expected, "{row} times {depth}: {}", mode.name);
            }
        }
    }
}
