(module
  (import "host" "swap" (func $swap (param i32 f64) (result f64 i32)))
  (func (export "divide") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))
  (func (export "swap") (param i32 f64) (result f64 i32)
    (call $swap (local.get 0) (local.get 1))))
