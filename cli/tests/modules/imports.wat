(module $sums
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 4)
  (global (export "count") (mut i32) (i32.const 0))
  (func $add (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func $crash (export "crash") (param i32) (call $deeper (local.get 0)))
  (func $deeper (param i32) (result ) (drop (i32.div_u (i32.const 1) (local.get 0))))
  (func $loop (export "loop") (loop br 0)))
