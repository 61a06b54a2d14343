//! Locals, constants, globals, and operators on values.

use super::Place::{self, *};

pub const VALUES: &[(&str, Place)] = &[
    ("locals", Around("(local i64)", "", "")),
    ("constants", Row("(drop (i64.const #))")),
    ("constants in use", Row("(local.set $l (i64.add (local.get $l) (i64.const #)))")),
    (
        "large constants in use",
        Row("(local.set $l (i64.xor (local.get $l) (i64.const 0x123456789abc)))"),
    ),
    ("floats in use", Row("(local.set $d (f64.add (local.get $d) (f64.const #.5)))")),
    ("short floats in use", Row("(local.set $f (f32.add (local.get $f) (f32.const #.5)))")),
    ("vectors in use", Row("(local.set $v (i64x2.add (local.get $v) (v128.const i64x2 # 5)))")),
    ("local.get", Row("(drop (local.get $i))")),
    ("local.set", Row("(local.set $i (local.get $j))")),
    ("local.tee", Row("(drop (local.tee $j (i32.add (local.get $i) (local.get $j))))")),
    ("global.get", Row("(drop (global.get $g))")),
    ("global.set", Row("(global.set $g (i32.add (global.get $g) (i32.const 3)))")),
    ("global.set of vectors", Row("(global.set $w (v128.not (global.get $w)))")),
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
];
