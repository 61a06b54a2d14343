(module $starved
  (memory 1 2)
  (table 2 funcref)
  (global $g (mut i32) (i32.const 2))
  (func $inner (param i32) (result i32) (i32.add (i32.const 1) (i32.div_u (global.get $g) (local.get 0))))
  (func $nested (export "nested") (param i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (i32.const 1)))
  (elem (i32.const 0) $nested $inner)
  (data (i32.const 8) "eight"))
