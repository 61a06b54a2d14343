//! Branches, blocks, loops, and operands across them.

use super::Place::{self, *};

pub const CONTROL: &[(&str, Place)] = &[
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
        "br_on_non_null",
        Row(
            "(block $out (drop (block $is (result (ref extern)) (br_on_non_null $is (local.get $r)) (br $out))))",
        ),
    ),
    ("branch hints of br_if", Row(r#"local.get $i (@metadata.code.branch_hint "\00") br_if 0"#)),
    ("branch hints of ifs", Row(r#"local.get $i (@metadata.code.branch_hint "\01") if end"#)),
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
