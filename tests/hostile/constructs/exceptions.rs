//! Exceptions, of both encodings.

use super::Place::{self, *};

pub const EXCEPTIONS: &[(&str, Place)] = &[
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
    (
        "try_table that catches a reference",
        Row(
            "(block (drop (block (result exnref) (try_table (catch_ref $empty 0) (call $nothing)) (br 1))))",
        ),
    ),
];
