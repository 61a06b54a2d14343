//! Modules of small functions that call each other, from seeds.
//!
//! A global counts down at each iteration and before each call that may be recursive, and traps at zero, so that
//! everything ends. The
//! later functions are small and have no loops, so that they are inlined where the others call them.

use crate::support::random::Random;

const FUNCTIONS: usize = 8;

/// Of these, the ones that have loops.
const LOOPING: usize = 3;

const MOST_LOOPS: u32 = 2;

/// The parts of a module that exports `f`.
pub fn module(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = String::from(
        "(memory 1) (global $left (mut i32) (i32.const 300)) (global $g (mut i32) (i32.const 0))
         (tag $e (param i32)) (tag $none)
         (func $tick
           (if (i32.eqz (global.get $left)) (then (unreachable)))
           (global.set $left (i32.sub (global.get $left) (i32.const 1))) PAD)\n",
    );
    for number in 0..FUNCTIONS {
        let mut body = Body { random: &mut random, number, text: String::new(), loops: 0 };
        let body = if number < LOOPING {
            body.statement(2);
            body.value(2);
            format!("(loop $l (loop $m (call $tick) {} (local.set 3)
                       (br_if $m (i32.and (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))
                         (i32.const 1)))) (br_if $l (i32.lt_s (local.get 2) (i32.const -4)))) (local.get 3)", body.text)
        } else {
            body.loops = MOST_LOOPS;
            body.value(2);
            body.text
        };
        text +=
            &format!("(func $f{number} (param i32 i32) (result i32) (local i32 i32) {body} PAD)\n");
    }
    text + "(func (export \"f\") (param i32) (result i32)
              (global.set $left (i32.const 300))
              (call $f0 (local.get 0) (i32.const 3))
              (call $f1 (local.get 0) (global.get $g)) (i32.add) PAD)"
}

struct Body<'r> {
    random: &'r mut Random,
    number: usize,
    text: String,
    loops: u32,
}

impl Body<'_> {
    fn add(&mut self, text: &str) {
        self.text += text;
        self.text.push(' ');
    }

    /// Code that leaves nothing.
    fn statement(&mut self, depth: u32) {
        let local = self.random.below(4);
        match self.random.below(if depth == 0 { 3 } else { 9 }) {
            0 => {
                self.value(depth);
                self.add(&format!("(local.set {local})"));
            }
            1 => {
                self.value(depth);
                self.add("(global.set $g)");
            }
            2 => self.add("(call $tick)"),
            3 => {
                self.add("(block $b");
                self.value(depth - 1);
                self.add("(br_if $b)");
                self.statement(depth - 1);
                self.add(")");
            }
            4 => {
                self.value(depth - 1);
                self.add("(if (then");
                self.statement(depth - 1);
                self.add(") (else");
                self.statement(depth - 1);
                self.add("))");
            }
            5 if self.loops < MOST_LOOPS => {
                self.loops += 1;
                self.add("(loop $l (call $tick)");
                self.statement(depth - 1);
                self.add(&format!(
                    "(br_if $l (i32.and (local.tee {local} (i32.sub (local.get {local})
                       (i32.const 1))) (i32.const 3))))"
                ));
                self.loops -= 1;
            }
            6 => {
                self.value(0);
                self.value(depth - 1);
                self.add("(i32.store16 offset=8)");
            }
            7 => {
                self.value(depth - 1);
                self.add("(if (then");
                self.value(depth - 1);
                self.add("(return)))");
            }
            _ => {
                self.statement(depth - 1);
                self.statement(depth - 1);
            }
        }
    }

    /// Code that leaves an i32.
    fn value(&mut self, depth: u32) {
        let (local, callee) = (self.random.below(4), self.random.below(FUNCTIONS));
        match self.random.below(if depth == 0 { 3 } else { 12 }) {
            0 => {
                let constant = self.random.below(40) as i32 - 4;
                self.add(&format!("(i32.const {constant})"));
            }
            1 => self.add(&format!("(local.get {local})")),
            2 => self.add("(global.get $g)"),
            3..=5 => {
                self.value(depth - 1);
                self.value(depth - 1);
                if callee <= self.number {
                    self.add("(call $tick)");
                }
                self.add(&format!("(call $f{callee})"));
            }
            6 => {
                self.value(depth - 1);
                self.add("(i32.load8_s offset=3)");
            }
            7 => {
                self.add("(block $v (result i32)");
                self.value(depth - 1);
                self.value(depth - 1);
                self.add("(br_if $v))");
            }
            8 => {
                self.add("(block $v (result i32) (try_table (result i32) (catch $e $v)");
                self.value(depth - 1);
                self.add("))");
            }
            9 => {
                self.value(depth - 1);
                self.add("(if (result i32) (then");
                self.value(depth - 1);
                self.add(") (else");
                self.value(depth - 1);
                self.add("(throw $e)))");
            }
            _ => {
                let operators = ["add", "sub", "mul", "xor", "div_s", "rem_u", "lt_s", "shl"];
                let operator = operators[self.random.below(operators.len())];
                self.value(depth - 1);
                self.value(depth - 1);
                self.add(&format!("(i32.{operator})"));
            }
        }
    }
}
