;; Calls of twelve functions through one instruction. Each adds its number and what the instance owns.
(module $call_targets
  (type $step (func (param i32) (result i32)))
  (table $t (export "table") 16 funcref)
  (elem (i32.const 0) $f0 $f1 $f2 $f3 $f4 $f5 $f6 $f7 $f8 $f9 $f10 $f11)
  (table $references 16 (ref null $step))
  (elem (table $references) (i32.const 0) (ref null $step) (ref.func $f0) (ref.func $f1) (ref.func $f2) (ref.func $f3)
    (ref.func $f4) (ref.func $f5) (ref.func $f6) (ref.func $f7) (ref.func $f8) (ref.func $f9) (ref.func $f10)
    (ref.func $f11))
  (global $own (export "own") (mut i32) (i32.const 0))
  (global $divisor (export "divisor") (mut i32) (i32.const 1))
  (func $f0 (type $step) (i32.add (local.get 0) (global.get $own)))
  (func $f1 (type $step) (i32.add (i32.add (local.get 0) (global.get $own)) (i32.const 1)))
  (func $f2 (type $step) (i32.add (i32.add (local.get 0) (global.get $own)) (i32.const 2)))
  ;; Traps if it is told to.
  (func $f3 (type $step)
    (i32.add (i32.add (local.get 0) (global.get $own)) (i32.div_u (i32.const 3) (global.get $divisor))))
  (func $f4 (type $step) (call $large (local.get 0) (i32.const 4)))
  (func $f5 (type $step) (call $large (local.get 0) (i32.const 5)))
  (func $f6 (type $step) (call $large (local.get 0) (i32.const 6)))
  (func $f7 (type $step) (call $large (local.get 0) (i32.const 7)))
  (func $f8 (type $step) (i32.add (i32.add (local.get 0) (global.get $own)) (i32.const 8)))
  (func $f9 (type $step) (i32.add (i32.add (local.get 0) (global.get $own)) (i32.const 9)))
  (func $f10 (type $step) (i32.add (i32.add (local.get 0) (global.get $own)) (i32.const 10)))
  (func $f11 (type $step) (i32.add (i32.add (local.get 0) (global.get $own)) (i32.const 11)))
  (func $other (param i64))
  (elem declare func $other)
  (func $large (param i32 i32) (result i32) (local $i i32)
    (loop $twice (br_if $twice (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
    (i32.add (i32.add (local.get 0) (global.get $own)) (local.get 1)))

  ;; Calls $n elements from $first on, one after the other, each $length times, in rounds of $count elements.
  (func (export "calls") (param $n i32) (param $length i32) (param $first i32) (param $count i32) (result i32)
    (local $i i32) (local $x i32)
    (loop $next
      (local.set $x
        (call_indirect $t (type $step) (local.get $x)
          (i32.add (local.get $first)
            (i32.rem_u (i32.div_u (local.get $i) (local.get $length)) (local.get $count)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $x))
  ;; The same with references.
  (func (export "calls_references") (param $n i32) (param $length i32) (param $first i32) (param $count i32)
    (result i32) (local $i i32) (local $x i32)
    (loop $next
      (local.set $x
        (call_ref $step (local.get $x)
          (table.get $references
            (i32.add (local.get $first)
              (i32.rem_u (i32.div_u (local.get $i) (local.get $length)) (local.get $count))))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $x))
  (func (export "forget") (param i32) (table.set $t (local.get 0) (ref.null func)))
  (func (export "mistake") (param i32) (table.set $t (local.get 0) (ref.func $other))))
