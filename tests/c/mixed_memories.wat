;; Imports two memories and reads from the second, which may have no guard although the first has one.
(module
  (import "" "first" (memory 1))
  (import "" "second" (memory 1))
  (func (export "load") (param i32) (result i32) (i32.load 1 (local.get 0))))
