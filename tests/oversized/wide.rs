//! Blocks and calls that move many values at once compute the same in both ways of compiling.
//!
//! Bodies are generated: each keeps a stack of operands and moves them through blocks, loops, branches, calls and
//! returns of random widths; at the end all are folded into one number.

use super::*;
use std::fmt::Write;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Widths of the functions and blocks.
const WIDTHS: &[usize] = &[1, 2, 9, 17, 30, 60];

const TYPES: &[&str] = &["i32", "i32", "i64", "f64", "v128", "i32", "f32"];

/// The types of that many operands: the same at each place from the top of any stack.
fn row(n: usize) -> impl Iterator<Item = &'static str> {
    (0..n).map(|i| TYPES[i % TYPES.len()])
}

fn list(n: usize) -> String {
    row(n).collect::<Vec<_>>().join(" ")
}

/// Pushes `n` operands that depend on `$x`.
fn push(text: &mut String, n: usize, salt: usize) {
    for (i, ty) in row(n).enumerate() {
        let number = format!("(i32.add (local.get $x) (i32.const {}))", i * 7 + salt);
        let constant = i % 5 == 3;
        let _ = match ty {
            "i32" if constant => write!(text, " (i32.const {i})"),
            "i32" => write!(text, " {number}"),
            "i64" => write!(text, " (i64.extend_i32_s {number})"),
            "f32" => write!(text, " (f32.convert_i32_s {number})"),
            "f64" if constant => write!(text, " (f64.const {i})"),
            "f64" => write!(text, " (f64.convert_i32_s {number})"),
            _ => write!(text, " (i32x4.splat {number})"),
        };
    }
}

/// Folds `n` operands into `$a`.
fn fold(text: &mut String, n: usize) {
    let row: Vec<_> = row(n).collect();
    for ty in row.iter().rev() {
        *text += match *ty {
            "i32" => "",
            "i64" => " (i32.wrap_i64)",
            "f32" => " (i32.trunc_sat_f32_s)",
            "f64" => " (i32.trunc_sat_f64_s)",
            _ => " (i32x4.extract_lane 1)",
        };
        *text += " (local.set $b) (local.set $a (i32.add (i32.mul (local.get $a) (i32.const 31)) (local.get $b)))";
    }
}

/// Takes `n` operands and leaves `n`.
fn step(text: &mut String, random: &mut Random, n: usize, depth: usize) {
    let ty = format!("(param {0}) (result {0})", list(n));
    let results = format!("(result {})", list(n));
    let odd = format!("(i32.and (local.get $x) (i32.const {}))", 1 << random.below(4));
    let mut inner = String::new();
    if depth > 0 {
        step(&mut inner, random, n, depth - 1);
    }
    // Replaces all operands.
    let mut anew = String::new();
    fold(&mut anew, n);
    push(&mut anew, n, random.below(100));
    let mut more = String::new();
    push(&mut more, n, random.below(100));
    *text += &match random.below(9) {
        0 => format!(" (block {ty} {inner} (br_if 0 {odd}) {anew})"),
        1 => format!(" (if {ty} {odd} (then {inner}) (else {anew}))"),
        2 => format!(" (if {ty} {odd} (then {anew} {inner}))"),
        3 => format!(
            " (local.set $n (i32.const 3)) (loop {ty} {anew}
               (local.set $n (i32.sub (local.get $n) (i32.const 1)))
               (br_if 0 (i32.gt_s (local.get $n) (i32.const 0)))) {inner}"
        ),
        4 => format!(" (call $keep{n}) {inner}"),
        5 => format!(
            " {anew} (block {results} (i64.const 5) {more} (br_if 0 {odd}) (br 0)) {inner} {}",
            folded(n)
        ),
        6 => format!(
            " (block {ty} (block {ty} (block {ty} {inner} (br_table 0 1 2 1 {odd})) {anew}) {inner})"
        ),
        7 => format!(
            " (block {results} (f64.const 1) {more} (br_table 0 0 {odd})) {} {inner}",
            folded(n)
        ),
        _ => format!(" {inner} (local.set $x (i32.add (local.get $x) (i32.const 3)))"),
    };
}

fn folded(n: usize) -> String {
    let mut text = String::new();
    fold(&mut text, n);
    text
}

/// Every width twice per seed: as it is, and with many locals.
fn module(seeds: u64) -> Vec<u8> {
    let mut text = String::from("(module");
    for &n in WIDTHS {
        let gets: String = (0..n).map(|i| format!(" (local.get {i})")).collect();
        let _ = write!(text, " (func $keep{n} (param {0}) (result {0}) {gets})", list(n));
    }
    for (i, &n) in WIDTHS.iter().cycle().take(seeds as usize * WIDTHS.len()).enumerate() {
        let mut random = Random(i as u64);
        let below = random.below(25);
        let mut body = " (i64.extend_i32_s (local.get $x))".repeat(below);
        push(&mut body, n, 0);
        for _ in 0..4 {
            step(&mut body, &mut random, n, 2);
        }
        fold(&mut body, n);
        body += &" (i32.wrap_i64) (local.set $b) (local.set $a (i32.xor (local.get $a) (local.get $b)))".repeat(below);
        for locals in ["", &"i32 ".repeat(MANY_LOCALS)] {
            let _ = write!(
                text,
                "(func (export \"{}\") (param $x i32) (result i32) (local $a i32) (local $b i32) (local $n i32)
                 (local {locals}) {body} (local.get $a))",
                text.len()
            );
        }
    }
    text.push(')');
    wat::parse_str(&text).unwrap()
}

#[test]
fn many_values_in_the_frame_are_the_same_values() {
    let bytes = module(3);
    pairs_agree(&bytes, 0..16, |pair| format!("function {pair}"));
}

/// Operands below all others: constants, locals of every sort, and values. Each depends only on `$y`, which changes at
/// the end.
fn push_below(text: &mut String, n: usize) {
    for i in 0..n {
        *text += &match i % 7 {
            0 | 4 => format!(" (i32.const {i})"),
            1 | 5 => " (local.get $y)".to_string(),
            2 => " (local.get $never)".to_string(),
            3 => " (local.get $once)".to_string(),
            _ => format!(" (i32.add (local.get $y) (i32.const {i}))"),
        };
    }
}

/// Folds every third of them.
fn fold_below(text: &mut String, n: usize) {
    for i in 0..n {
        *text += match i % 3 {
            0 => {
                " (local.set $b) (local.set $a (i32.add (i32.mul (local.get $a) (i32.const 31)) (local.get $b)))"
            }
            _ => " drop",
        };
    }
}

/// Pairs of functions: values move in blocks of a width, and so they do above thousands of other operands.
fn high_module(widths: &[usize], heights: &[usize]) -> Vec<u8> {
    let mut text = String::from("(module");
    for &n in widths {
        let gets: String = (0..n).map(|i| format!(" (local.get {i})")).collect();
        let _ = write!(text, " (func $keep{n} (param {0}) (result {0}) {gets})", list(n));
    }
    for (i, (&n, &height)) in
        widths.iter().flat_map(|n| heights.iter().map(move |h| (n, h))).enumerate()
    {
        let mut random = Random(i as u64 + 1000);
        let (mut below, mut end, mut work) = (String::new(), String::new(), String::new());
        push_below(&mut below, height);
        fold_below(&mut end, height);
        push(&mut work, n, 0);
        for _ in 0..4 {
            step(&mut work, &mut random, n, 2);
        }
        fold(&mut work, n);
        for body in [format!("{work} {below} {end}"), format!("{below} {work} {end}")] {
            let _ = write!(
                text,
                "(func (export \"{}\") (param $x i32) (result i32)
                   (local $a i32) (local $b i32) (local $n i32) (local $y i32) (local $once i32) (local $never i32)
                   (local.set $y (local.get $x)) (local.set $once (i32.mul (local.get $x) (i32.const 5)))
                   {body} (local.set $y (i32.const 0)) (i32.add (local.get $a) (local.get $y)))",
                text.len()
            );
        }
    }
    text.push(')');
    wat::parse_str(&text).unwrap()
}

#[test]
fn values_above_thousands_of_others_are_the_same_values() {
    let bytes = high_module(&[1, 9, 60], &[70, 4060, 4100, 5000]);
    pairs_agree(&bytes, 0..16, |pair| format!("function {pair}"));
}
