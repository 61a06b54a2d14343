//! Memories, tables, references and calls.

use super::Place::{self, *};

pub const OBJECTS: &[(&str, Place)] = &[
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
    (
        "memory.copy between memories",
        Row("(memory.copy $far $m (local.get $l) (local.get $i) (local.get $j))"),
    ),
    ("loads of a memory of bytes", Row("(local.set $i (i32.load $bytes (local.get $i)))")),
    (
        "stores to a memory of bytes",
        Row("(i64.store $bytes offset=# (local.get $i) (local.get $l))"),
    ),
    ("memory.grow of a memory of bytes", Row("(drop (memory.grow $bytes (local.get $i)))")),
    ("fences", Row("atomic.fence")),
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
    ("ref.null", Row("(local.set $q (ref.null func))")),
    ("ref.as_non_null", Row("(local.set $q (ref.as_non_null (local.get $q)))")),
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
    (
        "indirect tail calls",
        Row(
            "(if (local.get $i) (then (return_call_indirect $fixed (type $nothing) (local.get $j))))",
        ),
    ),
    (
        "tail calls of references",
        Row("(if (local.get $i) (then (return_call_ref $nothing (ref.func $nothing))))"),
    ),
];
