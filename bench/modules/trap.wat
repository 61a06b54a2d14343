;; Ways to trap. `deep` goes as many frames down as it is told, then traps there.
(module
  (import "host" "fail" (func $fail))
  (memory 1)
  (func $unreachable (export "unreachable") (unreachable))
  (func (export "out_of_bounds") (drop (i32.load (i32.const 0x7fff0000))))
  (func (export "divide_by_zero") (drop (call $divide (i32.const 1) (i32.const 0))))
  (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $deep (export "deep") (param $frames i32) (result i32)
    (if (i32.le_s (local.get $frames) (i32.const 1)) (then (unreachable)))
    ;; The addition after the call keeps every frame alive.
    (i32.add (call $deep (i32.sub (local.get $frames) (i32.const 1))) (i32.const 1)))
  (func (export "host_trap") (call $fail)))
