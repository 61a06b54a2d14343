;; Functions for the host to call, one per shape of signature.
(module
  (global $ticks (mut i32) (i32.const 0))
  (func (export "tick")
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
  (func (export "ticks") (result i32) (global.get $ticks))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "mix") (param i64 f64 i32 f32) (result f64)
    (f64.add
      (f64.add (f64.convert_i64_s (local.get 0)) (local.get 1))
      (f64.add (f64.convert_i32_s (local.get 2)) (f64.promote_f32 (local.get 3))))))
