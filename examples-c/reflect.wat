(module
  (import "host" "log" (func $log (param i32 i64)))
  (import "host" "base" (global $base i32))
  (func (export "mix") (param i32 i64 f32 f64) (result f64) (local.get 3))
  (func (export "nothing"))
  (global (export "counter") (mut i64) (i64.const 0))
  (table (export "functions") 2 10 funcref)
  (table (export "objects") 0 externref)
  (memory (export "memory") 1 4))
