;; Loops that call the host. Each folds what the host returns into its result, so
;; that a call left out is seen.
(module
  (import "host" "tick" (func $tick))
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (import "host" "mix" (func $mix (param i64 f64 i32 f32) (result f64)))
  (func (export "tick") (param $n i32) (result i32)
    (local $i i32)
    (loop $next
      (call $tick)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $i))
  (func (export "add") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (call $add (local.get $sum) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))
  (func (export "mix") (param $n i32) (result i32)
    (local $i i32) (local $sum f64)
    (loop $next
      (local.set $sum
        (call $mix (i64.const 1) (local.get $sum) (local.get $i) (f32.const 0.5)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (i32.trunc_f64_s (local.get $sum))))
