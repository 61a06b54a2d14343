;; A start function that calls the host, after the instance has put itself into a table of others.
(module $clumsy_start
  (import "host" "do" (func $do (param i32) (result i32)))
  (import "host" "table" (table 1 1000 funcref))
  (memory 1)
  (elem (i32.const 0) $nine)
  (func $nine (result i32) (i32.add (i32.const 9) (i32.load (i32.const 0))))
  (func $start (if (call $do (i32.const 1)) (then unreachable)))
  (start $start))
