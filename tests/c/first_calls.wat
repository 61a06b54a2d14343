;; Functions that are called in many ways: directly, through a table, by references, by tail calls.
(module $first_calls
  (type $unary (func (param i32) (result i32)))
  (table $t (export "table") 16 40 funcref)
  (elem (i32.const 0) $f0 $f1 $f2 $f3 $f4 $f5 $f6 $f7)
  (global (mut i32) (i32.const 0))
  (func $f0 (param i32) (result i32) (i32.add (local.get 0) (i32.const 100)))
  (func $f1 (param i32) (result i32) (i32.add (local.get 0) (i32.const 101)))
  (func $f2 (param i32) (result i32) (i32.add (local.get 0) (i32.const 102)))
  (func $f3 (param i32) (result i32) (i32.add (local.get 0) (i32.const 103)))
  (func $f4 (param i32) (result i32) (i32.add (local.get 0) (i32.const 104)))
  (func $f5 (param i32) (result i32) (i32.add (local.get 0) (i32.const 105)))
  (func $f6 (param i32) (result i32) (i32.add (local.get 0) (i32.const 106)))
  (func $f7 (param i32) (result i32) (i32.add (local.get 0) (i32.const 107)))

  (func (export "indirect") (param $which i32) (param $x i32) (result i32)
    (call_indirect (type $unary) (local.get $x) (local.get $which)))
  ;; Calls element $which at the end of a recursion $n deep.
  (func $deep (export "deep") (param $n i32) (param $which i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $which))))
      (else (call_indirect (type $unary) (i32.const 0) (local.get $which)))))
  ;; Calls element $which $n times, each time with the last result.
  (func (export "repeat") (param $n i32) (param $which i32) (result i32) (local $x i32)
    (loop $again
      (local.set $x (call_indirect (type $unary) (local.get $x) (local.get $which)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "tail") (param i32) (result i32) (return_call $f7 (local.get 0)))
  (func (export "reference") (param i32) (result i32) (call_ref $unary (local.get 0) (ref.func $f6)))
  (func (export "copy") (table.copy (i32.const 8) (i32.const 0) (i32.const 8)))
  (func (export "set") (param $to i32) (param $from i32)
    (table.set (local.get $to) (table.get (local.get $from))))

  ;; Every register that carries arguments, and the stack: each argument has its own weight in the result.
  (func $many (export "many")
    (param i32 i64 f32 f64 i64 i32 i64 f64 f32 f64 f64 f64 f64 f64 f32 i64 i32) (result f64)
    (f64.convert_i32_s (local.get 0))
    (f64.add (f64.mul (f64.const 2) (f64.convert_i64_s (local.get 1))))
    (f64.add (f64.mul (f64.const 3) (f64.promote_f32 (local.get 2))))
    (f64.add (f64.mul (f64.const 4) (local.get 3)))
    (f64.add (f64.mul (f64.const 5) (f64.convert_i64_s (local.get 4))))
    (f64.add (f64.mul (f64.const 6) (f64.convert_i32_s (local.get 5))))
    (f64.add (f64.mul (f64.const 7) (f64.convert_i64_s (local.get 6))))
    (f64.add (f64.mul (f64.const 8) (local.get 7)))
    (f64.add (f64.mul (f64.const 9) (f64.promote_f32 (local.get 8))))
    (f64.add (f64.mul (f64.const 10) (local.get 9)))
    (f64.add (f64.mul (f64.const 11) (local.get 10)))
    (f64.add (f64.mul (f64.const 12) (local.get 11)))
    (f64.add (f64.mul (f64.const 13) (local.get 12)))
    (f64.add (f64.mul (f64.const 14) (local.get 13)))
    (f64.add (f64.mul (f64.const 15) (f64.promote_f32 (local.get 14))))
    (f64.add (f64.mul (f64.const 16) (f64.convert_i64_s (local.get 15))))
    (f64.add (f64.mul (f64.const 17) (f64.convert_i32_s (local.get 16)))))
  (func (export "calls_many") (result f64)
    (call $many (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (i64.const 5) (i32.const 6) (i64.const 7)
      (f64.const 8) (f32.const 9) (f64.const 10) (f64.const 11) (f64.const 12) (f64.const 13) (f64.const 14)
      (f32.const 15) (i64.const 16) (i32.const 17)))
  (func $vectors (param v128 v128 v128 v128 v128 v128 v128 v128 v128) (result i64)
    (i64.add (i64x2.extract_lane 1 (local.get 0)) (i64.mul (i64.const 100) (i64x2.extract_lane 1 (local.get 7))))
    (i64.add (i64.mul (i64.const 10000) (i64x2.extract_lane 1 (local.get 8)))))
  (func (export "calls_vectors") (result i64)
    (call $vectors (v128.const i64x2 0 11) (v128.const i64x2 0 1) (v128.const i64x2 0 2) (v128.const i64x2 0 3)
      (v128.const i64x2 0 4) (v128.const i64x2 0 5) (v128.const i64x2 0 6) (v128.const i64x2 0 22)
      (v128.const i64x2 0 33)))

  (func $innermost (unreachable))
  (func $middle (call $innermost))
  (func (export "traps") (call $middle))
  (elem declare func $f6)

  ;; Three times $n, in as many iterations.
  (func $triple (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.const 3)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  ;; Calls it at the end of a recursion $depth deep, unless $n is zero.
  (func $deep_triple (export "deep_triple") (param $depth i32) (param $n i32) (result i32)
    (if (result i32) (local.get $depth)
      (then (i32.add (i32.const 1) (call $deep_triple (i32.sub (local.get $depth) (i32.const 1)) (local.get $n))))
      (else (if (result i32) (local.get $n) (then (call $triple (local.get $n))) (else (i32.const 0))))))
  ;; Moves 200 values by four bytes each time, and so becomes much more code than its size says.
  (func $make (result
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (unreachable))
  (func $take (param
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
  (func $moves (export "moves")
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take)
  (func (export "calls_moves") (call $moves)))
