//! Everything that a module may have many of, as text: each of a hundred thousand should cost as much as a single
//! one.

/// The position of an item in the module.
pub enum Place {
    /// A field of the module.
    Field(&'static str),
    /// A field that comes before all others.
    Import(&'static str),
    /// Instructions one after the other.
    Row(&'static str),
    /// Instructions one after the other, followed by as many others.
    Nest(&'static str, &'static str),
    /// Instructions around what is repeated.
    Around(&'static str, &'static str, &'static str),
    /// Fields around what is repeated.
    Within(&'static str, &'static str, &'static str),
}
use Place::*;

/// The text of a module with `count` of them.
pub fn module(place: &Place, count: usize) -> String {
    let repeat = |item: &str| -> String { (0..count).map(|i| numbered(item, i) + "\n").collect() };
    match place {
        Import(field) => format!("(module {IMPORTS} {}{FIELDS})", repeat(field)),
        Field(field) => format!("(module {IMPORTS}{FIELDS}{})", repeat(field)),
        Within(before, item, after) => {
            format!("(module {IMPORTS}{FIELDS}{before} {}{after})", repeat(item))
        }
        Row(row) => function(&repeat(row)),
        Nest(open, close) => function(&(repeat(open) + &repeat(close))),
        Around(before, item, after) => function(&format!("{before} {} {after}", repeat(item))),
    }
}

/// `#` stands for the item's number, `%` for one of eight, `?` for value types that no other number has.
fn numbered(item: &str, i: usize) -> String {
    let mut item = item.replace('#', &i.to_string()).replace('%', &(i * 31 % 8).to_string());
    if item.contains('?') {
        let types = (0..17).map(|bit| if i >> bit & 1 == 0 { "i32 " } else { "f64 " });
        item = item.replace('?', &types.collect::<String>());
    }
    item
}

fn function(body: &str) -> String {
    format!(
        "(module {IMPORTS}{FIELDS}
           (func (export \"run\") (param $i i32) (param $l i64) (param $f f32) (param $d f64)
             (local $j i32) (local $v v128) (local $r externref) (local $q funcref) {body}))"
    )
}

const IMPORTS: &str = r#"
  (type $unary (func (param i32) (result i32)))
  (type $nothing (func))
  (type $pair (func (param i32 i64) (result i64 i32)))
  (type $wide (func (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64)
    (result i32 i64 f32 f64 i32 i64 f32 f64 i32 i64)))
  (type $stretch (func (param i32 i64 f32 f64) (result i32 i64 f32 f64 i32 i64 f32 f64)))
  (import "host" "unary" (func $imported (type $unary)))
"#;

const FIELDS: &str = r#"
  (memory $m 1 4)
  (memory $far i64 1)
  (table $t 16 64 funcref)
  (table $fixed 8 8 funcref)
  (table $hosts 8 externref)
  (global $g (mut i32) (i32.const 1))
  (global $w (mut v128) (v128.const i64x2 1 2))
  (global $c i32 (i32.const 7))
  (elem $e func $own)
  (elem (table $fixed) (i32.const 0) func $own $own)
  (data $data "0123456789")
  (func $own (type $unary) (local.get 0))
  (func $nothing)
  (tag $empty)
  (tag $other)
  (tag $carried)
  (tag $carrying (param i32))
  (func $pair (type $pair) (local.get 1) (local.get 0))
  (func $wide (type $wide) unreachable)
  (func $stretch (type $stretch) unreachable)
"#;

pub const CONSTRUCTS: &[(&str, Place)] = &[
    // Sections.
    ("types", Field("(type (func (param i32 i64 f32)))")),
    ("types, all different", Field("(type (func (param ?)))")),
    ("imported functions", Import(r#"(import "host" "f#" (func (type $unary)))"#)),
    ("imported globals", Import(r#"(import "m" "g#" (global i32))"#)),
    ("functions", Field("(func)")),
    ("functions with a name", Field("(func $f#)")),
    (
        "functions that compute",
        Field("(func (param i32) (result i32) (i32.add (local.get 0) (i32.const #)))"),
    ),
    ("functions with a loop", Field("(func (param i32) (loop (br_if 0 (local.get 0))))")),
    ("functions that call", Field("(func (param i32) (result i32) (call $own (local.get 0)))")),
    ("functions of different types", Field("(func (param ?))")),
    ("functions that call themselves", Field("(func $f# (param i32) (call $f# (local.get 0)))")),
    ("functions with named locals", Field("(func (param $a i32) (param $b i64) (local $c f32))")),
    ("functions of a large type", Field("(func (type $wide) unreachable)")),
    ("functions in tables", Field("(func $f#) (elem (table $fixed) (i32.const %) func $f#)")),
    ("globals", Field("(global i32 (i32.const #))")),
    ("globals that change", Field("(global (mut i64) (i64.const #))")),
    ("vector globals", Field("(global (mut v128) (v128.const i64x2 # #))")),
    ("globals from globals", Field("(global i32 (global.get $c))")),
    ("globals of functions", Field("(global funcref (ref.func $own))")),
    ("exported functions", Field(r#"(export "a function #" (func $own))"#)),
    ("exported functions, all different", Field(r#"(func (export "f#"))"#)),
    ("exported globals", Field(r#"(global (export "g#") (mut i32) (i32.const #))"#)),
    ("exported memories", Field(r#"(export "m#" (memory $m))"#)),
    ("exported tables", Field(r#"(export "t#" (table $t))"#)),
    ("element segments", Field("(elem (table $t) (i32.const %) func $own)")),
    ("passive element segments", Field("(elem func $own $nothing)")),
    ("declared element segments", Field("(elem declare func $own)")),
    ("element segments of expressions", Field("(elem funcref (ref.func $own) (ref.null func))")),
    ("elements", Within("(elem func", "$own", ")")),
    ("elements of a table", Within("(table funcref (elem", "$own", "))")),
    ("elements that are expressions", Within("(elem funcref", "(ref.func $own)", ")")),
    ("data segments", Field(r#"(data (memory $m) (i32.const %) "data")"#)),
    ("passive data segments", Field(r#"(data "passive")"#)),
    ("bytes of data", Within("(memory (data", r#""0123456789abcdef0123456789abcdef""#, "))")),
    (
        "long constant expressions",
        Within("(global i32 (i32.const 0)", "(i32.const #) i32.add", ")"),
    ),
    ("custom sections", Field(r#"(@custom "a section" "its content")"#)),
    // Locals and constants.
    ("locals", Around("(local i64)", "", "")),
    ("constants", Row("(drop (i64.const #))")),
    ("constants in use", Row("(local.set $l (i64.add (local.get $l) (i64.const #)))")),
    (
        "large constants in use",
        Row("(local.set $l (i64.xor (local.get $l) (i64.const 0x123456789abc)))"),
    ),
    ("floats in use", Row("(local.set $d (f64.add (local.get $d) (f64.const #.5)))")),
    ("vectors in use", Row("(local.set $v (i64x2.add (local.get $v) (v128.const i64x2 # 5)))")),
    ("local.get", Row("(drop (local.get $i))")),
    ("local.set", Row("(local.set $i (local.get $j))")),
    ("local.tee", Row("(drop (local.tee $j (i32.add (local.get $i) (local.get $j))))")),
    ("global.get", Row("(drop (global.get $g))")),
    ("global.set", Row("(global.set $g (i32.add (global.get $g) (i32.const 3)))")),
    ("global.set of vectors", Row("(global.set $w (v128.not (global.get $w)))")),
    // Arithmetic.
    ("nop", Row("nop")),
    (
        "i32 arithmetic",
        Row("(local.set $i (i32.mul (i32.add (local.get $i) (local.get $j)) (i32.const 5)))"),
    ),
    (
        "i64 shifts",
        Row("(local.set $l (i64.rotl (local.get $l) (i64.add (local.get $l) (i64.const 1))))"),
    ),
    ("division", Row("(local.set $i (i32.div_s (local.get $i) (local.get $j)))")),
    ("remainders", Row("(local.set $l (i64.rem_s (local.get $l) (i64.const 7)))")),
    ("bits", Row("(local.set $i (i32.popcnt (i32.clz (local.get $i))))")),
    ("f32 arithmetic", Row("(local.set $f (f32.sqrt (f32.mul (local.get $f) (local.get $f))))")),
    ("f64 minima", Row("(local.set $d (f64.min (local.get $d) (f64.floor (local.get $d))))")),
    ("copysign", Row("(local.set $d (f64.copysign (local.get $d) (f64.neg (local.get $d))))")),
    ("trunc", Row("(local.set $i (i32.trunc_f64_s (local.get $d)))")),
    ("trunc_sat", Row("(local.set $l (i64.trunc_sat_f64_u (local.get $d)))")),
    ("convert", Row("(local.set $d (f64.convert_i64_u (local.get $l)))")),
    ("comparisons", Row("(local.set $i (i32.lt_u (local.get $i) (i32.const #)))")),
    ("comparisons of floats", Row("(local.set $i (f64.lt (local.get $d) (f64.const 3)))")),
    ("select", Row("(local.set $i (select (local.get $i) (local.get $j) (local.get $i)))")),
    (
        "select of references",
        Row(
            "(local.set $r (select (result externref) (local.get $r) (ref.null extern) (local.get $i)))",
        ),
    ),
    (
        "vector arithmetic",
        Row("(local.set $v (f32x4.mul (i32x4.add (local.get $v) (local.get $v)) (local.get $v)))"),
    ),
    (
        "shuffles",
        Row(
            "(local.set $v (i8x16.shuffle 3 1 2 0 4 5 6 7 8 25 10 11 12 13 14 15 (local.get $v) (local.get $v)))",
        ),
    ),
    ("swizzles", Row("(local.set $v (i8x16.swizzle (local.get $v) (local.get $v)))")),
    (
        "lanes",
        Row(
            "(local.set $v (i32x4.replace_lane 2 (local.get $v) (i32x4.extract_lane 1 (local.get $v))))",
        ),
    ),
    ("vector shifts", Row("(local.set $v (i8x16.shr_s (local.get $v) (local.get $i)))")),
    ("64-bit vector products", Row("(local.set $v (i64x2.mul (local.get $v) (local.get $v)))")),
    ("truth of vectors", Row("(local.set $i (i8x16.all_true (local.get $v)))")),
    // Memory.
    ("loads", Row("(local.set $i (i32.load offset=# (local.get $i)))")),
    (
        "loads at one address",
        Row("(local.set $j (i32.add (local.get $j) (i32.load (local.get $i))))"),
    ),
    ("loads at constants", Row("(local.set $i (i32.load8_s (i32.const #)))")),
    ("stores", Row("(i64.store offset=# (local.get $i) (local.get $l))")),
    ("stores at one address", Row("(i32.store8 (local.get $i) (local.get $j))")),
    ("vector loads", Row("(local.set $v (v128.load (local.get $i)))")),
    ("loads of lanes", Row("(local.set $v (v128.load8_lane 3 (local.get $i) (local.get $v)))")),
    ("loads of a 64-bit memory", Row("(local.set $l (i64.load $far (local.get $l)))")),
    ("atomic additions", Row("(drop (i32.atomic.rmw.add (local.get $i) (local.get $j)))")),
    (
        "atomic exchanges",
        Row("(drop (i64.atomic.rmw16.cmpxchg_u (local.get $i) (local.get $l) (local.get $l)))"),
    ),
    ("memory.size", Row("(drop (memory.size))")),
    ("memory.grow", Row("(drop (memory.grow (local.get $i)))")),
    ("memory.fill", Row("(memory.fill (local.get $i) (local.get $i) (local.get $i))")),
    ("memory.copy", Row("(memory.copy (local.get $i) (local.get $j) (local.get $i))")),
    (
        "memory.copy of known length",
        Row("(memory.copy (local.get $i) (local.get $j) (i32.const 40))"),
    ),
    ("memory.init", Row("(memory.init $m $data (local.get $i) (i32.const 0) (i32.const 3))")),
    ("data.drop", Row("(data.drop $data)")),
    // Tables and references.
    ("table.get", Row("(local.set $q (table.get $t (local.get $i)))")),
    ("table.set", Row("(table.set $t (local.get $i) (local.get $q))")),
    ("table.get of host references", Row("(local.set $r (table.get $hosts (local.get $i)))")),
    ("table.set of host references", Row("(table.set $hosts (local.get $i) (local.get $r))")),
    ("table.size", Row("(drop (table.size $t))")),
    ("table.grow", Row("(drop (table.grow $t (ref.null func) (local.get $i)))")),
    ("table.fill", Row("(table.fill $t (local.get $i) (local.get $q) (local.get $i))")),
    ("table.copy", Row("(table.copy $t $fixed (local.get $i) (local.get $j) (local.get $i))")),
    ("table.init", Row("(table.init $t $e (local.get $i) (local.get $j) (local.get $i))")),
    ("elem.drop", Row("(elem.drop $e)")),
    ("ref.func", Row("(local.set $q (ref.func $own))")),
    ("ref.is_null", Row("(local.set $i (ref.is_null (local.get $r)))")),
    // Calls.
    ("calls", Row("(local.set $i (call $own (local.get $i)))")),
    ("calls without arguments", Row("(call $nothing)")),
    (
        "calls with two results",
        Row("local.get $i local.get $l call $pair local.set $i local.set $l"),
    ),
    (
        "calls with many values",
        Row(
            "local.get $i local.get $l local.get $f local.get $d call $stretch drop drop drop drop drop drop drop drop",
        ),
    ),
    ("calls of imports", Row("(local.set $i (call $imported (local.get $i)))")),
    (
        "calls of a large type",
        Row("(if (local.get $i) (then (call $wide (unreachable)) (unreachable)))"),
    ),
    (
        "indirect calls",
        Row("(local.set $i (call_indirect $t (type $unary) (local.get $i) (local.get $j)))"),
    ),
    (
        "indirect calls through a fixed table",
        Row("(call_indirect $fixed (type $nothing) (local.get $i))"),
    ),
    ("call_ref", Row("(local.set $i (call_ref $unary (local.get $i) (ref.func $own)))")),
    ("tail calls", Row("(if (local.get $i) (then (return_call $nothing)))")),
    // Control flow.
    ("blocks", Row("(block)")),
    ("loops", Row("(loop)")),
    (
        "loops that repeat",
        Row("(loop (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"),
    ),
    ("ifs", Row("(if (local.get $i) (then))")),
    ("ifs that set a local", Row("(if (local.get $i) (then (local.set $j (i32.const #))))")),
    (
        "ifs with results",
        Row(
            "(local.set $i (if (result i32) (local.get $i) (then (i32.const 3)) (else (local.get $j))))",
        ),
    ),
    ("br", Row("(block (br 0))")),
    ("br_if", Row("(block (br_if 0 (local.get $i)) (local.set $j (i32.const #)))")),
    (
        "br_if out of one block",
        Around("(block", "(br_if 0 (i32.eq (local.get $i) (i32.const #)))", ")"),
    ),
    (
        "br_if with a value",
        Around(
            "(block (result i32)",
            "(drop (br_if 0 (i32.const #) (local.get $i)))",
            "(i32.const 0)) drop",
        ),
    ),
    (
        "br_if back to one loop",
        Around("(loop", "(br_if 0 (i32.eq (local.get $i) (i32.const #)))", ")"),
    ),
    ("br_on_null", Row("(block (drop (br_on_null 0 (local.get $r))))")),
    (
        "small branch tables",
        Row("(block (block (br_table 0 1 0 1 (local.get $i))) (local.set $j (i32.const #)))"),
    ),
    (
        "entries of a branch table",
        Around(
            "(block (block (block (block (block (block (block (block (br_table",
            "%",
            "0 (local.get $i)) ))))))))",
        ),
    ),
    (
        "entries of a branch table with values",
        Around(
            "(block (result i32) (block (result i32) (br_table",
            "0",
            "1 (i32.const 5) (local.get $i)))) drop",
        ),
    ),
    ("returns", Row("(if (local.get $i) (then (return)))")),
    ("traps", Row("(if (local.get $i) (then (unreachable)))")),
    (
        "code that cannot be reached",
        Row("(block (unreachable) (drop (i32.add (i32.const 1) (i32.const 2))))"),
    ),
    (
        "branch tables back to one loop",
        Around("(loop", "(block (br_table 0 1 0 1 (local.get $i)))", ")"),
    ),
    ("nested blocks", Nest("block", "end")),
    (
        "nested blocks with a way out",
        Nest("block local.get $i br_if 0", "end i32.const # local.set $j"),
    ),
    (
        "nested blocks with results",
        Nest(
            "block (result i32) i32.const 3 local.get $i br_if 0 drop",
            "i32.const # end local.set $j",
        ),
    ),
    ("exception tags", Field("(tag (param i32 f64))")),
    ("try_table", Row("(block (try_table (catch_all 0) (call $nothing)))")),
    (
        "try_table that catches a value",
        Row(
            "(local.set $i (block (result i32) (try_table (result i32) (catch $carrying 0) (call $own (local.get $i)))))",
        ),
    ),
    ("throws", Row("(if (local.get $i) (then (throw $empty)))")),
    ("throws to catch", Row("(block (try_table (catch $empty 0) (throw $empty)))")),
    ("catch clauses", Around("(block (try_table", "(catch $empty 0)", "(call $nothing)))")),
    (
        "throws among many catch clauses",
        Around(
            "(block (try_table (catch $carried 0) (catch $carried 0) (catch $carried 0)",
            "(if (local.get $i) (then (throw $empty)))",
            "))",
        ),
    ),
    ("nested try_tables", Nest("try_table (catch $empty 0) call $nothing", "end")),
    (
        "nested try_tables that throw",
        Nest("try_table (catch $empty 0) (if (local.get $i) (then (throw $other)))", "end"),
    ),
    (
        "nested try_tables that set locals",
        Nest(
            "block try_table (catch_all 0) (local.set $i (call $own (local.get $i)))",
            "(local.set $j (call $own (local.get $j))) end end",
        ),
    ),
    (
        "nested try_tables with results",
        Nest(
            "block (result i32) try_table (result i32) (catch $carrying 0) (drop (call $own (local.get $i)))",
            "(call $own (local.get $i)) end end drop",
        ),
    ),
    (
        "try_table with parameters",
        Row(
            "local.get $i local.get $l (block (type $pair) (try_table (type $pair) (catch_all 1) (call $pair))) local.set $i local.set $l",
        ),
    ),
    (
        "branch tables in try_tables",
        Row(
            "(block (block (try_table (catch_all 0) (call $nothing) (br_table 0 1 2 0 (local.get $i)))) (local.set $j (i32.const #)))",
        ),
    ),
    (
        "branch tables in nested try_tables",
        Nest(
            "block try_table (catch_all 0) (if (local.get $j) (then (br_table 1 2 1 2 (local.get $i))))",
            "call $nothing end end",
        ),
    ),
    (
        "loops in try_tables",
        Row("(block (try_table (catch_all 0) (loop (call $nothing) (br_if 0 (local.get $i)))))"),
    ),
    (
        "nested loops of try_tables",
        Nest("loop try_table (catch $empty 0) call $nothing", "end local.get $i br_if 0 end"),
    ),
    (
        "throw_ref",
        Row(
            "(block (block (result exnref) (try_table (catch_all_ref 0) (call $nothing)) (br 1)) (throw_ref))",
        ),
    ),
    (
        "nested throw_ref",
        Nest(
            "block block (result exnref) try_table (catch_all_ref 0) call $nothing",
            "end br 1 end throw_ref end",
        ),
    ),
    ("try", Row("try call $nothing catch_all end")),
    (
        "try that catches a value",
        Row("try (result i32) (call $own (local.get $i)) catch $carrying end local.set $i"),
    ),
    ("try that sets a local", Row("try call $nothing catch_all (local.set $j (i32.const #)) end")),
    ("rethrows", Row("try call $nothing catch $carrying drop rethrow 0 catch_all rethrow 0 end")),
    ("delegates", Around("try $l", "try call $nothing delegate $l", "catch_all end")),
    ("throws within a try", Row("try (if (local.get $i) (then (throw $empty))) catch $empty end")),
    ("clauses of a try", Around("try call $nothing", "catch $carrying drop", "end")),
    ("nested try", Nest("try call $nothing", "catch $empty end")),
    ("nested try that sets locals", Nest("try call $nothing", "catch $carrying local.set $j end")),
    ("nested delegates", Nest("try call $nothing", "delegate 0")),
    ("nested clauses", Nest("try call $nothing catch_all", "end")),
    ("nested clauses that rethrow", Nest("try call $nothing catch_all", "rethrow 0 end")),
    ("nested loops", Nest("loop", "end")),
    ("nested loops that repeat", Nest("loop", "local.get $i br_if 0 end")),
    ("nested ifs", Nest("local.get $i if", "end")),
    ("nested ifs that set a local", Nest("local.get $i if", "i32.const # local.set $j end")),
    ("ifs nested in else", Nest("local.get $i if i32.const # local.set $j else", "end")),
    ("operands", Nest("local.get $i", "drop")),
    (
        "operands in use",
        Nest("(local.tee $i (i32.add (local.get $i) (i32.const #)))", "local.set $j"),
    ),
    (
        "operands across a loop",
        Nest(
            "(i32.load (local.get $i))",
            "(loop (br_if 0 (i32.wrap_i64 (local.get $l)))) i32.eqz local.set $j",
        ),
    ),
];
