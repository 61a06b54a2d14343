//! Cases written by hand: what generated modules do rarely, and the smallest modules of faults that were found.

/// Modules in which every export is called with several arguments. None of them traps by chance.
pub const CASES: &[(&str, &str)] = &[
    (
        "a wrapped constant has no upper half",
        r#"(module (memory (export "m") 1) (data (i32.const 16) "abcd")
          (func (export "index") (result i32) (i32.load (i32.wrap_i64 (i64.const 0x700000010))))
          (func (export "widened") (result i64)
            (i64.extend_i32_u (i32.wrap_i64 (i64.const -1)))))"#,
    ),
    (
        "a branch that is never taken may still be what its target waits for",
        r#"(module
          (func (export "one") (param i32) (result i32)
            (block (result i32) (br_if 0 (local.get 0) (i32.const 0)) (drop) (return (i32.const 3)))
            (i32.add (i32.const 1)))
          (func (export "none") (param i32) (result i32)
            (block (br_if 0 (i32.const 0)) (return (local.get 0))) (i32.const 1))
          (func (export "loop") (param i32) (result i32)
            (block (result i32)
              (loop (result i32)
                (br_if 1 (i32.const 5) (i32.const 0)) (drop) (br_if 0 (i32.const 0)) (return (i32.const 9))))
            (i32.const 1) (i32.add)))"#,
    ),
    (
        "a null that must not be null",
        r#"(module (func (export "f") (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
          (drop (ref.as_non_null (ref.null func))) (drop (ref.as_non_null (ref.null func)))
          (drop (ref.as_non_null (ref.null func))) (drop (ref.as_non_null (ref.null func)))
          (drop (ref.as_non_null (ref.null func))) (drop (ref.as_non_null (ref.null func)))
          (drop (ref.as_non_null (ref.null func))) (drop (ref.as_non_null (ref.null func)))
          (drop (ref.as_non_null (ref.null func))) (drop (ref.as_non_null (ref.null func)))
          (i32.add (local.get 0) (i32.const 1))))"#,
    ),
    (
        "locals with former values on the stack",
        r#"(module (func (export "f") (param i32 i32 i64) (result i32)
          (local $i i32)
          (loop
            (local.get 0) (local.get 0) (local.get 1)
            (local.set 0 (i32.add (local.get 0) (i32.const 3)))
            (local.tee 1 (i32.mul (local.get 1) (i32.const 5)))
            (local.get 0) (local.get 1)
            (local.set 0) (local.set 1)
            (local.get 1) (local.set 0 (local.get 0)) (local.tee 1 (local.get 1))
            (i32.add) (i32.xor) (i32.sub) (i32.add) (i32.xor)
            (local.set 0)
            (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
          (i32.rotl (local.get 0) (local.get 1))))"#,
    ),
    (
        "a branch table with values at different heights",
        r#"(module (func (export "f") (param i32 i64 i32) (result i32 i64)
          (local.get 2) (local.get 1) (i64.const 77)
          (block $a (param i64) (result i32 i64)
            (drop) (i32.const 1) (i64.const 2) (i32.const 3)
            (block $b (param i32) (result i32 i64)
              (i32.const 9) (local.get 1)
              (block $c (result i32 i64)
                (i32.const 10) (i32.const 11) (local.get 2) (i64.add (local.get 1) (i64.const 1))
                (br_table $a $b $c $a $c (i32.and (local.get 0) (i32.const 7))))
              (i64.add (i64.const 100)) (local.set 1) (i32.add (i32.const 1000))
              (local.set 2) (drop) (drop) (drop) (local.get 2) (local.get 1))
            (local.set 1) (i32.xor (i32.const 5)) (local.set 2) (drop) (drop)
            (local.get 2) (local.get 1))
          (local.set 1) (local.set 2) (i64.add (local.get 1)) (local.set 1) (i32.add (local.get 2))
          (local.get 1)))"#,
    ),
    (
        "an if without else that takes values",
        r#"(module
          (func (export "f") (param i32 i32 i64) (result i32 i64)
            (local.get 0) (local.get 1) (i64.const 5)
            (if (param i32 i64) (result i32 i64) (i32.gt_s (local.get 0) (local.get 1))
              (then (i64.mul (local.get 2)) (local.set 2) (i32.add (local.get 0)) (local.get 2)))
            (local.set 2) (i32.sub) (local.get 2))
          (func (export "constants") (param i32) (result i32 i32 i32)
            (i32.const 1) (i32.const 2) (i32.const 3)
            (if (param i32 i32 i32) (result i32 i32 i32) (local.get 0)
              (then (local.set 0) (i32.add (local.get 0)) (local.get 0)))))"#,
    ),
    (
        "memory that moves between two accesses",
        r#"(module (memory (export "m") 1)
          (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "f") (param i32 i32) (result i32 i32)
            (local $i i32) (local $sum i32)
            (local.set $sum (i32.const 1))
            (loop
              (i32.store offset=16 (i32.const 0) (i32.add (i32.load offset=16 (i32.const 0)) (local.get 0)))
              (i32.store (i32.mul (local.get $i) (i32.const 65536)) (local.get $sum))
              (local.set $sum (i32.add (local.get $sum)
                (i32.add (i32.load offset=16 (i32.const 0)) (call $grow (i32.const 1)))))
              (drop (memory.grow (i32.const 1)))
              (local.set $sum (i32.xor (local.get $sum) (i32.load offset=16 (i32.const 0))))
              (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
            (local.get $sum) (memory.size)))"#,
    ),
    (
        "vectors that are only passed on",
        r#"(module
          (global $g (mut v128) (v128.const i64x2 1 2))
          (func $make (param i32) (result v128) (i32x4.splat (local.get 0)))
          (func $use (param v128 v128 v128) (result i32)
            (i32.add (i32.mul (i32.const 10) (i32x4.extract_lane 3 (local.get 0)))
              (i32.sub (i32x4.extract_lane 0 (local.get 1)) (i32x4.extract_lane 3 (local.get 2)))))
          (func (export "calls") (param i32) (result i32)
            (call $use (call $make (local.get 0)) (call $make (i32.const 100)) (call $make (i32.const 1000))))
          (func (export "selects") (param i32) (result i32)
            (call $use (global.get $g)
              (select (result v128) (call $make (i32.const 7)) (call $make (i32.const 9)) (local.get 0))
              (global.get $g))))"#,
    ),
    (
        "a trap in a call that is followed by an access",
        r#"(module (memory 1) (global $g (mut i64) (i64.const 0))
          (func $f (param i32)
            (global.set $g (i64.load (local.get 0)))
            (call $f (local.get 0))
            (global.set $g (i64.load offset=8 (local.get 0))))
          (func (export "f") (call $f (i32.const 8))))"#,
    ),
    (
        "calls of several functions by one instruction",
        r#"(module
          (type $t (func (param i32) (result i32)))
          (table $t funcref (elem $a $b $c $d $e $f))
          (global $g (mut i32) (i32.const 5))
          (func $a (type $t) (i32.add (local.get 0) (i32.const 1)))
          (func $b (type $t) (i32.mul (local.get 0) (i32.const 3)))
          (func $c (type $t) (global.set $g (local.get 0)) (i32.xor (local.get 0) (i32.const 12)))
          (func $d (type $t) (if (result i32) (i32.gt_u (local.get 0) (i32.const 1000))
            (then (i32.sub (local.get 0) (i32.const 900))) (else (call $a (local.get 0)))))
          (func $e (type $t) (i32.rotl (local.get 0) (global.get $g)))
          (func $f (type $t) (loop (br_if 0 (i32.gt_u
            (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1))) (i32.const 50)))) (local.get 0))
          (func $calls (param $x i32) (param $shift i32) (param $count i32) (result i32) (local $i i32)
            (loop (local.set $x (i32.add (local.get $i) (call_indirect (type $t) (local.get $x)
                (i32.rem_u (i32.shr_u (local.get $i) (local.get $shift)) (local.get $count)))))
              (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 800))))
            (local.get $x))
          (func (export "two") (param i32) (result i32) (call $calls (local.get 0) (i32.const 0) (i32.const 2)))
          (func (export "four") (param i32) (result i32) (call $calls (local.get 0) (i32.const 0) (i32.const 4)))
          (func (export "runs") (param i32) (result i32) (call $calls (local.get 0) (i32.const 5) (i32.const 6)))
          (func (export "all") (param i32) (result i32) (call $calls (local.get 0) (i32.const 0) (i32.const 6))))"#,
    ),
    (
        "branches on null with values",
        r#"(module
          (type $f (func (param i32) (result i32)))
          (table $t 4 (ref null $f))
          (elem declare func $next)
          (func $next (type $f) (i32.add (local.get 0) (i32.const 1)))
          (func $get (param i32) (result (ref null $f))
            (if (result (ref null $f)) (local.get 0) (then (ref.func $next)) (else (ref.null $f))))
          (func (export "null") (param i32 i64) (result i32 i64)
            (i32.sub (local.get 0) (i32.const 7))
            (block $null (result i64 i32)
              (i64.add (local.get 1) (i64.const 3)) (i32.mul (local.get 0) (i32.const 5))
              (br_on_null $null (call $get (i32.and (local.get 0) (i32.const 1))))
              (call_ref $f))
            (local.set 0) (local.set 1) (i32.xor (local.get 0)) (local.get 1))
          (func (export "non_null") (param i32 i64) (result i32)
            (block $some (result i32 (ref $f))
              (i32.add (local.get 0) (i32.const 9))
              (br_on_non_null $some (call $get (i32.and (local.get 0) (i32.const 1))))
              (return))
            (return_call_ref $f))
          (func (export "table") (param i32) (result i32 i32)
            (table.set $t (i32.and (local.get 0) (i32.const 3)) (call $get (i32.const 1)))
            (local.get 0)
            (block $null (result i32)
              (local.get 0)
              (br_on_null $null (table.get $t (i32.and (i32.shr_u (local.get 0) (i32.const 2)) (i32.const 3))))
              (call_ref $f)))
          (func (export "none") (param i32) (result i32)
            (local.get 0) (call_ref $f (local.get 0) (call $get (i32.const 0))) (i32.add)))"#,
    ),
    (
        "traps in the midst of operands",
        r#"(module (memory 1)
          (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
          (func (export "f") (param i32 i32) (result i32)
            (local.get 0) (local.get 1) (call $divide (local.get 0) (local.get 1))
            (i32.add) (i32.sub))
          (func (export "g") (param i64 i64) (result i64)
            (i64.rem_u (local.get 0) (i64.div_s (local.get 0) (local.get 1))))
          (func (export "load") (param i32) (result i64)
            (i64.load offset=0x7fffffff (local.get 0)))
          (func (export "store") (param i32 i64)
            (i64.store offset=0xffffffff (local.get 0) (local.get 1)))
          (func (export "edge") (param i32) (result i64)
            (i64.load (i32.add (i32.const 65528) (i32.and (local.get 0) (i32.const 1))))))"#,
    ),
    (
        "tail calls with more and fewer arguments",
        r#"(module
          (import "host" "f" (func $host (param i32 i64 i32 i64 i32 i64 i32 i64 i32) (result i64)))
          (type $nine (func (param i32 i64 i32 i64 i32 i64 i32 i64 i32) (result i64)))
          (type $none (func (result i64)))
          (table funcref (elem $host $nine $three $none))
          (global $n (mut i32) (i32.const 0))
          (func $none (type $none) (i64.extend_i32_s (global.get $n)))
          (func $three (param i32 i64 i32) (result i64)
            (global.set $n (i32.add (local.get 0) (local.get 2)))
            (if (i32.and (local.get 0) (i32.const 1)) (then (return_call $none)))
            (return_call_indirect (type $nine) (local.get 2) (local.get 1) (i32.const 3) (i64.const 4)
              (local.get 0) (i64.const 6) (local.get 0) (local.get 1) (local.get 2) (i32.const 0)))
          (func $nine (type $nine)
            (if (i32.and (local.get 0) (i32.const 1))
              (then (return_call $three (local.get 8) (local.get 7) (local.get 6))))
            (return_call $host (local.get 8) (local.get 7) (local.get 6) (local.get 5) (local.get 4)
              (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
          (func $many (export "many") (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i32)
            (result i64)
            (if (i32.eqz (local.get 14)) (then (return (i64.sub (local.get 0) (local.get 13)))))
            (if (i32.eq (local.get 14) (i32.const 3)) (then
              (return_call $nine (local.get 14) (local.get 13) (i32.const 5) (local.get 0) (i32.const 6)
                (local.get 1) (i32.const 7) (local.get 2) (i32.const 8))))
            (return_call $many (local.get 13) (local.get 0) (local.get 1) (local.get 2) (local.get 3)
              (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 8) (local.get 9)
              (local.get 10) (local.get 11) (local.get 12)
              (i32.and (i32.sub (local.get 14) (i32.const 1)) (i32.const 255))))
          (func (export "start") (param i32 i64) (result i64)
            (return_call $three (local.get 0) (local.get 1) (i32.const 9))))"#,
    ),
];

/// Modules that take as many of something as may be, as text.
pub fn large() -> Vec<(&'static str, String)> {
    vec![
        ("a thousand results", thousand_results()),
        ("more operands than registers", deep_operands()),
        ("nested blocks", nested()),
        ("fifty thousand locals", many_locals()),
        ("a large branch table", branch_table()),
        ("arguments on the stack", stack_arguments()),
        ("edges of a memory", edges_of_memory("(memory $m 1)")),
        ("edges of a memory that cannot grow", edges_of_memory("(memory $m 1 1)")),
        ("edges of a memory with 64 bits", edges_of_memory("(memory $m i64 1)")),
        ("edges of the second memory", edges_of_memory("(memory 1) (memory $m i64 1 1)")),
    ]
}

fn repeat(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect()
}

fn thousand_results() -> String {
    let ty = |n: usize| ["i32 ", "i64 ", "f64 "][n % 3].to_string();
    let add = |n: usize| match n % 3 {
        0 => "(i32.rotl (local.get $i) (i32.const 1)) (i32.xor) (local.set $i) ",
        1 => "(i64.rotl (local.get $l) (i64.const 1)) (i64.xor) (local.set $l) ",
        _ => {
            "(i64.reinterpret_f64) (i64.rotl (local.get $l) (i64.const 7)) (i64.xor) (local.set $l) "
        }
    };
    let value = |n: usize| match n % 3 {
        0 => format!("(i32.add (local.get 0) (i32.const {n})) "),
        1 => format!("(i64.const {n}) "),
        _ => format!("(f64.const {n}) "),
    };
    format!(
        "(module (type $many (func (param i32) (result {}))) (func $many (type $many) {})
          (func (export \"f\") (param i32) (result i32 i64) (local $i i32) (local $l i64)
            (call $many (local.get 0)) {} (local.get $i) (local.get $l)))",
        repeat(1000, ty),
        repeat(1000, value),
        repeat(1000, |n| add(999 - n).to_string()),
    )
}

fn deep_operands() -> String {
    let push = |n: usize| format!("(i32.mul (local.get 0) (i32.const {})) (local.get 0) ", n + 3);
    format!(
        "(module (func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func (export \"f\") (param i32) (result i32)
            {} (local.set 0 (call $g (local.get 0))) {} {}))",
        repeat(300, push),
        repeat(300, push),
        repeat(1199, |n| ["(i32.sub)", "(i32.xor)", "(i32.add)"][n % 3].to_string()),
    )
}

fn nested() -> String {
    const DEPTH: usize = 3000;
    format!(
        "(module (func (export \"f\") (param i32) (result i32) {} (local.get 0)
          (br_if {} (i32.const 3) (i32.and (local.get 0) (i32.const 1))) (drop)
          (br_if 0 (i32.const 4) (i32.and (local.get 0) (i32.const 2))) (drop) {}))",
        repeat(DEPTH, |_| "block (result i32) ".to_string()),
        DEPTH - 1,
        repeat(DEPTH, |_| "(i32.add (i32.const 1)) end ".to_string()),
    )
}

fn many_locals() -> String {
    format!(
        "(module (func $f (export \"f\") (param i32) (result i32) (local {})
          (local.set 1 (local.get 0)) (local.set 49999 (i32.add (local.get 0) (i32.const 5)))
          (if (i32.and (local.get 0) (i32.const 8))
            (then (return (call $f (i32.sub (local.get 0) (i32.const 8))))))
          (i32.add (i32.add (local.get 1) (local.get 25000)) (local.get 49999))))",
        repeat(49_999, |_| "i32 ".to_string()),
    )
}

fn branch_table() -> String {
    format!(
        "(module (func (export \"f\") (param i32) (result i32)
          (block (result i32) (block (result i32) (block (result i32)
            (i32.mul (local.get 0) (i32.const 3))
            (br_table {} 2 (i32.rem_u (local.get 0) (i32.const 5001))))
            (i32.add (i32.const 1)))
            (i32.mul (i32.const 7)))
            (i32.xor (i32.const 1))))",
        repeat(5000, |n| format!("{} ", n * n / 7 % 3)),
    )
}

fn stack_arguments() -> String {
    let functions = repeat(41, |count| {
        let ty = |n: usize| ["i32 ", "i64 ", "f32 ", "f64 "][(n * n + count) % 4].to_string();
        let pass = |n: usize| match (n * n + count) % 4 {
            0 => format!("(i32.add (local.get 0) (i32.const {n})) "),
            1 => format!("(i64.mul (i64.extend_i32_s (local.get 0)) (i64.const {n})) "),
            2 => format!("(f32.convert_i32_s (i32.and (local.get 0) (i32.const {}))) ", 255 + n),
            _ => format!("(f64.convert_i32_u (i32.xor (local.get 0) (i32.const {n}))) "),
        };
        let mix = |n: usize| {
            let value = match (n * n + count) % 4 {
                0 => format!("(i64.extend_i32_u (local.get {n}))"),
                1 => format!("(local.get {n})"),
                2 => format!("(i64.extend_i32_u (i32.reinterpret_f32 (local.get {n})))"),
                _ => format!("(i64.reinterpret_f64 (local.get {n}))"),
            };
            format!("(local.set $s (i64.add (i64.rotl (local.get $s) (i64.const 3)) {value})) ")
        };
        format!(
            "(func $f{count} (param {}) (result i64) (local $s i64) {} (local.get $s))
             (func (export \"f{count}\") (param i32) (result i64) (call $f{count} {}))
             (func (export \"t{count}\") (param i32) (result i64) (return_call $f{count} {}))\n",
            repeat(count, ty),
            repeat(count, mix),
            repeat(count, pass),
            repeat(count, pass),
        )
    });
    format!("(module {functions})")
}

/// Accesses around the end of a memory, at constants and at computed indices.
fn edges_of_memory(memory: &str) -> String {
    let index = if memory.contains("i64") { "i64" } else { "i32" };
    let accesses = [
        ("i32.load8_u", 1, "(i64.extend_i32_u (i32.load8_u @))"),
        ("i64.load16_s", 2, "(i64.load16_s @)"),
        ("i32.load", 4, "(i64.extend_i32_u (i32.load @))"),
        ("f64.load", 8, "(i64.reinterpret_f64 (f64.load @))"),
        ("i64.store", 8, "(i64.store @ (i64.const 7)) (i64.const 1)"),
        ("i32.store16", 2, "(i32.store16 @ (i32.const 7)) (i64.const 1)"),
    ];
    let mut offsets = vec![0, 1, 65_528, 65_536, 0x7fff_fff8, 0x8000_0000, 0xffff_ffff];
    if index == "i64" {
        offsets.extend([1 << 32, i64::MAX as u64, u64::MAX - 7, u64::MAX]);
    }
    let mut fields = String::new();
    for (name, width, text) in accesses {
        for &offset in &offsets {
            let access = |index: &str| text.replace('@', &format!("$m offset={offset} {index}"));
            let function = format!("$\"{name} {offset}\"");
            fields += &format!(
                "(func {function} (param {index}) (result i64) {})\n",
                access("(local.get 0)")
            );
            for end in [0, 65_536, 1 << 31, 1 << 32, u64::MAX] {
                let last = end.wrapping_sub(offset).wrapping_sub(width);
                for at in [last, last.wrapping_add(1), end.wrapping_sub(1)] {
                    let at = if index == "i32" { at as u32 as i32 as i64 } else { at as i64 };
                    let constant = format!("({index}.const {at})");
                    for (kind, body) in [
                        ("constant", access(&constant)),
                        ("computed", format!("(call {function} {constant})")),
                    ] {
                        fields += &format!(
                            "(func (export \"{name} {offset} {end} {at} {kind} {}\") (result i64) {body})\n",
                            fields.len()
                        );
                    }
                }
            }
        }
    }
    format!(
        "(module {memory} (data (memory $m) ({index}.const 65520) \"0123456789ABCDEF\") {fields})"
    )
}

/// Modules whose only function calls itself without end, with frames of different kinds.
pub fn recursions() -> Vec<(&'static str, String)> {
    let function = |params: &str, locals: &str, body: &str| {
        format!("(module (func $f (export \"f\") {params} (result i32) {locals} {body}))")
    };
    let i64s = |count| repeat(count, |_| "i64 ".to_string());
    let again = "(i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 1))";
    let stored = repeat(5000, |n| {
        format!("(local.set {0} (i64.add (local.get {0}) (i64.const {n}))) ", n + 1)
    });
    let passed = repeat(40, |n| format!("(i64.add (local.get {n}) (i64.const 1)) "));
    let results = repeat(600, |_| "i32 ".to_string());
    let indirect = String::from(
        "(module (type $t (func (param i32) (result i32))) (table funcref (elem $f))
           (func $f (export \"f\") (type $t)
             (i32.add (call_indirect (type $t) (local.get 0) (i32.const 0)) (local.get 0))))",
    );
    let many = format!(
        "(module (func $f (export \"f\") (param i32) (result {results})
           (i32.load8_u (i32.const 7)) (drop) (call $f (local.get 0))) (memory 1))"
    );
    vec![
        ("a small frame", function("(param i32)", "", again)),
        (
            "many locals",
            function("(param i32)", &format!("(local {})", i64s(5000)), &(stored + again)),
        ),
        (
            "many arguments",
            function(
                &format!("(param {})", i64s(40)),
                "",
                &format!("(i32.add (call $f {passed}) (i32.wrap_i64 (local.get 39)))"),
            ),
        ),
        ("an indirect call", indirect),
        ("many results", many),
        (
            "a deep operand stack",
            function(
                "(param i32)",
                "",
                &format!(
                    "{} {again} {}",
                    repeat(900, |n| format!("(i32.mul (local.get 0) (i32.const {n})) ")),
                    repeat(900, |_| "(i32.xor) ".to_string())
                ),
            ),
        ),
    ]
}
