;; Host objects, which the guest compares, keeps and returns without seeing what they are.
(module
  (import "host" "length" (func $length (param externref) (result i32)))
  (table $shelf 1 externref)
  (func (export "longer") (param externref externref) (result externref)
    (select (result externref) (local.get 0) (local.get 1)
      (i32.ge_s (call $length (local.get 0)) (call $length (local.get 1)))))
  (func (export "keep") (param externref) (table.set $shelf (i32.const 0) (local.get 0)))
  (func (export "kept") (result externref) (table.get $shelf (i32.const 0))))
