(module
  (import "host" "seen" (func $seen (param i32)))
  (import "host" "memory" (memory 1))
  (data (i32.const 0) "A")
  (data (i32.const 100) "Z")
  (start $start)
  (func $start (call $seen (i32.load8_u (i32.const 0)))))
