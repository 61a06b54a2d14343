;; Loops that keep values everywhere: in locals of all types, below the loop, as its parameters, in loops around it.
(module $hot_loops
  (type $many (func (param i32) (result i32 i64 i32 i64 i32 i64 i32 i64 i32 i64 i32 i64 f64 f32)))
  (import "" "host" (func $host (param i32)))
  (memory 1)
  (tag $tag (param i32))

  (func (export "locals") (param $n i32) (result i32)
    (local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $v v128) (local $unused i64)
    (local.set $b (i64.const 0x123456789abcdef))
    (loop $again
      (local.set $a (i32.add (i32.mul (local.get $a) (i32.const 31)) (local.get $n)))
      (local.set $b (i64.xor (i64.rotl (local.get $b) (i64.const 7)) (i64.extend_i32_u (local.get $a))))
      (local.set $c (f32.add (local.get $c) (f32.const 0.5)))
      (local.set $d (f64.sub (local.get $d) (f64.const 0.25)))
      (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $a))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $a) (i32.wrap_i64 (local.get $b)))
    (i32.add (i32.trunc_f32_s (local.get $c)))
    (i32.add (i32.trunc_f64_s (local.get $d)))
    (i32.add (i32x4.extract_lane 2 (local.get $v))))

  (func (export "below") (param $n i32) (result i32) (local $i i32)
    (i32.const 7)
    (i64.const 0x1234567890)
    (i32.mul (local.get $n) (local.get $n))
    (f64.const 2.5)
    (loop $again (result i32)
      (local.set $i (i32.add (local.get $i) (i32.const 3)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      (local.get $i))
    (f64.mul (f64.convert_i32_s))
    (i32.trunc_sat_f64_s)
    (i32.add)
    (i64.mul (i64.extend_i32_s))
    (i32.wrap_i64)
    (i32.add))

  (func (export "otherwise") (param $n i32) (result i32) (local $i i32)
    (i32.const 1000)
    (i32.const 7)
    (if (param i32) (result i32) (i32.eqz (local.get $n))
      (then)
      (else
        (loop $again (param i32) (result i32)
          (i32.add (i32.const 3))
          (br_if $again
            (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))))
    (i32.sub))

  (func (export "branches") (param $n i32) (result i32) (local $i i32) (local $round i32) (local $sum i32)
    (i64.const 77)
    (loop $outer (result i32)
      (local.get $round) (i32.const 7) (local.get $n)
      (if (param i32 i32) (result i32) (i32.and (local.get $round) (i32.const 1))
        (then
          (i32.add) (i32.const 3)
          (if (param i32) (result i32) (i32.eqz (local.get $round))
            (then)
            (else
              (local.set $i (i32.const 0))
              (loop $again (param i32) (result i32)
                (i32.mul (i32.const 5)) (i32.add (local.get $i))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))))
          (i32.xor))
        (else
          (i32.sub) (i64.const 9)
          (local.set $i (i32.const 0))
          (loop $again
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 3))) (local.get $n))))
          (i32.wrap_i64) (i32.add (local.get $i)) (i32.mul)))
      (i32.add)
      (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 5))))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $outer (i32.lt_u (local.get $round) (i32.const 7)))
      (local.get $sum))
    (i64.mul (i64.extend_i32_s)) (i32.wrap_i64))

  ;; Every other time the inner loop is passed by, with an operand below it.
  (func (export "passed") (param $n i32) (result i32) (local $i i32) (local $round i32) (local $sum i32)
    (loop $outer
      (i32.add (local.get $round) (i32.const 1000))
      (block $by
        (br_if $by (i32.and (local.get $round) (i32.const 1)))
        (local.set $i (i32.const 0))
        (loop $again
          (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 3))) (local.get $n)))))
      (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 5))))
      (br_if $outer (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 7))))
    (local.get $sum))

  (func (export "params") (param $n i32) (result i32)
    (i64.const 5)
    (local.get $n)
    (i32.const 100)
    (loop $again (param i32 i32) (result i32)
      (local.set $n (i32.add (i32.const 9)))
      (i32.sub (i32.const 1))
      (local.get $n)
      (i32.eqz (i32.and (local.get $n) (i32.const 1)))
      (if (param i32 i32) (result i32 i32) (then (i32.xor (i32.const 1))) (else (i32.add (i32.const 2))))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 2000000)))
      (i32.add))
    (i64.mul (i64.extend_i32_s))
    (i32.wrap_i64))

  (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (i32.const 1000)
    (loop $outer
      (local.set $i (i32.const 5))
      (i32.mul (local.get $n) (i32.const 3))
      (loop $sibling
        (local.set $sum (i32.add (local.get $sum) (local.get $i)))
        (br_if $sibling (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $j (i32.const 300))
      (loop $inner
        (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 1)) (local.get $j)))
        (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $sum)))

  ;; The loop in the middle has an operand below it, the innermost one another.
  (func (export "three") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (i32.const 1000)
    (loop $outer
      (local.set $i (i32.const 7))
      (i32.mul (local.get $n) (i32.const 3))
      (loop $middle
        (local.set $j (i32.const 20))
        (i32.xor (local.get $i) (local.get $sum))
        (loop $inner
          (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 1)) (local.get $j)))
          (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
        (local.set $sum (i32.add (local.get $sum)))
        (br_if $middle (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $sum)))

  (func $results (type $many) (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 2)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.const 1) (i64.const 2) (i32.const 3) (i64.const 4) (i32.const 5) (i64.const 6) (i32.const 7) (i64.const 8)
    (i32.const 9) (i64.const 10) (local.get $i) (i64.extend_i32_u (local.get $i)) (f64.const 1.5) (f32.const 2.5))
  (func (export "results") (param $n i32) (result i32) (local $x i32)
    (call $results (local.get $n))
    (i32.trunc_f32_s) (local.set $x) (i32.trunc_f64_s) (local.set $x (i32.add (local.get $x)))
    (i32.wrap_i64) (local.set $x (i32.add (local.get $x))) (local.set $x (i32.add (local.get $x)))
    (i32.wrap_i64) (local.set $x (i32.add (local.get $x))) (local.set $x (i32.add (local.get $x)))
    (i32.wrap_i64) (local.set $x (i32.add (local.get $x))) (local.set $x (i32.add (local.get $x)))
    (i32.wrap_i64) (local.set $x (i32.add (local.get $x))) (local.set $x (i32.add (local.get $x)))
    (i32.wrap_i64) (local.set $x (i32.add (local.get $x))) (local.set $x (i32.add (local.get $x)))
    (i32.wrap_i64) (local.set $x (i32.add (local.get $x))) (local.set $x (i32.add (local.get $x)))
    (local.get $x))

  (func $stack (param $n i32) (param i64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64) (result i32)
    (loop $again
      (local.set 6 (i64.add (local.get 6) (local.get 5)))
      (local.set 16 (f64.add (local.get 16) (local.get 15)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (i32.wrap_i64 (local.get 6)) (i32.trunc_sat_f64_s (local.get 16))))
  (func (export "stack") (param $n i32) (result i32)
    (call $stack (local.get $n) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (f64.const 7) (f64.const 8) (f64.const 9) (f64.const 10) (f64.const 11) (f64.const 12) (f64.const 13)
      (f64.const 14) (f64.const 15) (f64.const 16)))

  ;; Each loop of a hundred iterations ends in a tail call of the next.
  (func $tail (export "tail") (param $n i32) (result i32) (local $i i32)
    (local.set $i (i32.const 100))
    (loop $again
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 42))))
    (return_call $tail (i32.sub (local.get $n) (i32.const 1))))

  (func (export "caught") (param $n i32) (result i32) (local $sum i32)
    (block $end
      (loop $again
        (block $caught (result i32)
          (try_table (catch $tag $caught)
            (call $thrower (local.get $n)))
          (br $end))
        (local.set $sum (i32.add (local.get $sum)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $sum))
  (func $thrower (param i32) (throw $tag (local.get 0)))
  (func (export "around") (param $n i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $tag $caught)
        (loop $again
          (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $thrower (i32.load (i32.const 8))))
      (unreachable)))

  (func (export "traps") (param $n i32)
    (loop $again
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $inner (i32.const 1)))
  (func $inner (param $n i32)
    (loop $again (drop (i32.load (local.get $n)))
      (br_if $again (local.tee $n (i32.add (local.get $n) (i32.const 1))))))
  (func (export "throws") (param $n i32)
    (loop $again
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (throw $tag (i32.const 77)))
  (func (export "calls") (param $n i32)
    (loop $again
      (call $host (local.get $n))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
