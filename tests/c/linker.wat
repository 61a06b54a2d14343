;; Imports of every kind, by names of two modules.
(module
  (import "env" "add" (func $add (param i32 i32) (result i32)))
  (import "env" "offset" (global $offset i32))
  (import "env" "memory" (memory 1))
  (import "env" "table" (table 1 funcref))
  (import "state" "count" (func $count (result i32)))
  (func (export "run") (param i32) (result i32)
    (call $add (call $add (local.get 0) (global.get $offset)) (call $count))))
