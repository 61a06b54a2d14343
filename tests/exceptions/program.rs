//! Random programs that throw and catch, as trees, and their text.
//!
//! A program is a list of functions that call only later ones, so that it ends. Statements leave no operands. What
//! happens is written to a log that is folded into one number.

use super::random::Random;
use std::fmt::Write;

/// The number of tags; tag `n` carries `n` values of alternating types, and more for the last one.
pub const TAGS: u32 = 4;
const MANY: u32 = 24;

/// How deep statements are nested.
const DEPTH: usize = 5;

/// The number of values that an exception with the tag carries.
pub fn carried(tag: u32) -> u32 {
    if tag == TAGS - 1 { MANY } else { tag }
}

#[derive(Debug)]
pub enum Statement {
    /// Adds a number to the log.
    Log(u32),
    /// Changes the function's local, then adds it to the log.
    Step(u32),
    /// Throws, here or in a function that is called.
    Throw {
        tag: u32,
        called: bool,
    },
    Call(usize),
    /// Adds so many operands to the log after the statements, during which they stay.
    Above(usize, Vec<Statement>),
    Block(Vec<Statement>),
    /// Runs this often, counted in the local of this number.
    Loop(u32, usize, Vec<Statement>),
    /// By a bit of the log.
    If(u32, Vec<Statement>, Vec<Statement>),
    /// To a label, counted from inside.
    Branch(u32),
    Return,
    /// The legacy encoding. A clause without a tag catches all.
    Try(Vec<Statement>, Vec<(Option<u32>, Vec<Statement>)>),
    Delegate(Vec<Statement>, u32),
    Rethrow(u32),
    /// A `try_table` with one clause, which may keep a reference in a local, within two blocks.
    TryTable {
        body: Vec<Statement>,
        tag: Option<u32>,
        keeps: bool,
        clause: Vec<Statement>,
    },
    /// Throws the reference that was kept last.
    ThrowKept,
}

/// What a label may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Plain,
    Clause,
    /// Takes operands, or would repeat a loop.
    Closed,
}

pub struct Program {
    pub functions: Vec<Vec<Statement>>,
}

pub fn generate(seed: u64) -> Program {
    let mut random = Random::new(seed);
    let count = 1 + random.below(4);
    let function = |index| {
        let mut labels = vec![Label::Closed];
        Generator { random: &mut random, labels: &mut labels, later: index + 1..count }.list(DEPTH)
    };
    Program { functions: (0..count).map(function).collect() }
}

struct Generator<'g> {
    random: &'g mut Random,
    labels: &'g mut Vec<Label>,
    later: std::ops::Range<usize>,
}

impl Generator<'_> {
    fn list(&mut self, depth: usize) -> Vec<Statement> {
        let count = 1 + self.random.below(3);
        (0..count).map(|_| self.statement(depth)).collect()
    }

    /// A list within a new label.
    fn within(&mut self, label: Label, depth: usize) -> Vec<Statement> {
        self.labels.push(label);
        let list = self.list(depth);
        self.labels.pop();
        list
    }

    fn statement(&mut self, depth: usize) -> Statement {
        use Statement::*;
        let number = self.random.below(1000) as u32;
        if depth == 0 {
            return self.leaf(number);
        }
        let depth = depth - 1;
        match self.random.below(16) {
            0 => Block(self.within(Label::Plain, depth)),
            1 => Loop(1 + number % 3, depth, self.within(Label::Closed, depth)),
            2 => If(number % 8, self.within(Label::Plain, depth), self.within(Label::Plain, depth)),
            3 => Above([1, 3, 20][self.random.below(3)], self.list(depth)),
            4..8 => {
                let body = self.within(Label::Plain, depth);
                let clauses = self.random.below(4);
                let all = self.random.chance(50).then_some(None);
                let tags = (0..clauses).map(|_| Some(self.random.below(TAGS as usize) as u32));
                let tags: Vec<_> = tags.collect();
                let clause = |tag| (tag, self.within(Label::Clause, depth));
                Try(body, tags.into_iter().chain(all).map(clause).collect())
            }
            8..10 => {
                let body = self.within(Label::Plain, depth);
                Delegate(body, self.random.below(self.labels.len()) as u32)
            }
            10..12 => self.try_table(depth),
            _ => self.leaf(number),
        }
    }

    fn try_table(&mut self, depth: usize) -> Statement {
        let tag = self.random.chance(70).then(|| self.random.below(TAGS as usize) as u32);
        let keeps = self.random.chance(50);
        self.labels.push(Label::Plain);
        self.labels.push(Label::Closed);
        let body = self.within(Label::Plain, depth);
        self.labels.pop();
        let clause = self.list(depth);
        self.labels.pop();
        Statement::TryTable { body, tag, keeps, clause }
    }

    fn leaf(&mut self, number: u32) -> Statement {
        use Statement::*;
        let throw = |called| Throw { tag: number % TAGS, called };
        match self.random.below(16) {
            0..2 => throw(false),
            2..6 => throw(true),
            6 if !self.later.is_empty() => {
                Call(self.later.start + self.random.below(self.later.len()))
            }
            7..9 => self.label(Label::Clause).map_or(throw(true), Rethrow),
            9 => self.label(Label::Plain).map_or(Return, Branch),
            10 => self.label(Label::Clause).map_or(Return, Branch),
            11 => ThrowKept,
            12..14 => Step(number),
            _ => Log(number),
        }
    }

    /// The depth of a label of this kind, if there is one.
    fn label(&mut self, kind: Label) -> Option<u32> {
        let depths: Vec<u32> = (0..)
            .zip(self.labels.iter().rev())
            .filter(|(_, l)| **l == kind)
            .map(|(i, _)| i)
            .collect();
        depths.get(self.random.below(depths.len())).copied()
    }
}

/// The text of a module that exports the log and the first function, each function with extra locals.
pub fn text(program: &Program, locals: &str) -> String {
    let mut out = String::from(
        "(module (global $log (mut i32) (i32.const 1))
           (func (export \"log\") (result i32) (global.get $log))
           (func $log (param i32) (global.set $log
             (i32.add (i32.mul (global.get $log) (i32.const 31)) (local.get 0))))\n",
    );
    for tag in 0..TAGS {
        let types: String = (0..carried(tag)).map(|i| [" i32", " i64"][i as usize % 2]).collect();
        let values: String = (0..carried(tag)).map(value).collect();
        let _ =
            writeln!(out, "(tag $t{tag} (param{types})) (func $throw{tag} {values} throw $t{tag})");
    }
    for (i, body) in program.functions.iter().enumerate() {
        let export = if i == 0 { "(export \"run\")" } else { "" };
        let counters: String = (0..DEPTH).map(|i| format!("(local $c{i} i32)")).collect();
        let own = format!("(local $x i32) (local $kept exnref) {counters}");
        let _ = writeln!(out, "(func $f{i} {export} {own} {locals}");
        list(body, &mut out);
        out.push_str(")\n");
    }
    out + ")"
}

/// A value that an exception carries: it depends on the log.
fn value(i: u32) -> String {
    let number = format!("(i32.add (global.get $log) (i32.const {i}))");
    if i.is_multiple_of(2) { number } else { format!("(i64.extend_i32_u {number})") }
}

/// Adds the values that were caught to the log, the topmost first.
fn log_carried(tag: u32, out: &mut String) {
    for i in (0..carried(tag)).rev() {
        out.push_str(if i % 2 == 0 { "call $log " } else { "i32.wrap_i64 call $log " });
    }
}

fn list(statements: &[Statement], out: &mut String) {
    statements.iter().for_each(|statement| write(statement, out));
}

fn write(statement: &Statement, out: &mut String) {
    use Statement::*;
    let mut put = |text: String| out.push_str(&(text + "\n"));
    match statement {
        Log(number) => put(format!("(call $log (i32.const {number}))")),
        Step(number) => put(format!(
            "(local.set $x (i32.add (i32.mul (local.get $x) (i32.const 5)) (i32.const {number})))
             (call $log (local.get $x))"
        )),
        Throw { tag, called: true } => put(format!("call $throw{tag}")),
        Throw { tag, .. } => {
            let values: String = (0..carried(*tag)).map(value).collect();
            put(format!("{values} throw $t{tag}"));
        }
        Call(index) => put(format!("call $f{index}")),
        Above(count, body) => {
            around(&"local.get $x ".repeat(*count), body, &"call $log ".repeat(*count), out);
        }
        Block(body) => around("block", body, "end", out),
        Loop(times, counter, body) => {
            let before = format!("(local.set $c{counter} (i32.const {times})) loop");
            let counted = format!("(i32.sub (local.get $c{counter}) (i32.const 1))");
            let after = format!("(br_if 0 (local.tee $c{counter} {counted})) end");
            around(&before, body, &after, out);
        }
        If(bit, then, otherwise) => {
            let condition = format!("(i32.and (global.get $log) (i32.const {}))", 1 << bit);
            around(&format!("{condition} if"), then, "else", out);
            around("", otherwise, "end", out);
        }
        Branch(depth) => put(format!("br {depth}")),
        Return => put("return".to_string()),
        Try(body, clauses) => {
            around("try", body, "", out);
            for (tag, clause) in clauses {
                match tag {
                    Some(tag) => {
                        out.push_str(&format!("catch $t{tag} "));
                        log_carried(*tag, out);
                    }
                    None => out.push_str("catch_all "),
                }
                list(clause, out);
            }
            out.push_str("end\n");
        }
        Delegate(body, depth) => around("try", body, &format!("delegate {depth}"), out),
        Rethrow(depth) => put(format!("rethrow {depth}")),
        TryTable { body, tag, keeps, clause } => try_table(body, *tag, *keeps, clause, out),
        ThrowKept => put("(throw_ref (local.get $kept))".to_string()),
    }
}

fn around(before: &str, body: &[Statement], after: &str, out: &mut String) {
    out.push_str(&format!("{before}\n"));
    list(body, out);
    out.push_str(&format!("{after}\n"));
}

fn try_table(
    body: &[Statement],
    tag: Option<u32>,
    keeps: bool,
    clause: &[Statement],
    out: &mut String,
) {
    let carries = tag.map_or(0, carried);
    let types: String = (0..carries).map(|i| [" i32", " i64"][i as usize % 2]).collect();
    let (suffix, reference) = if keeps { ("_ref", " exnref") } else { ("", "") };
    let catch = match tag {
        Some(tag) => format!("catch{suffix} $t{tag} 0"),
        None => format!("catch_all{suffix} 0"),
    };
    let before = format!("block block (result{types}{reference}) try_table ({catch})");
    around(&before, body, "end br 1 end", out);
    if keeps {
        out.push_str("local.set $kept ");
    }
    tag.into_iter().for_each(|tag| log_carried(tag, out));
    around("", clause, "end", out);
}
