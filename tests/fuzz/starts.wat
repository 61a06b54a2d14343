(module $starts
  (import "host" "f" (func $f))
  (memory (export "memory") 1 2)
  (func $start
    (call $f)
    (drop (memory.grow (i32.const 1)))
    (call $f))
  (func (export "add") (param i32) (result i32) (call $f) (local.get 0))
  (start $start))
