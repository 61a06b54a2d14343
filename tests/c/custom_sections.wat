;; Custom sections at both ends and in the middle, two of one name, an empty one; names of everything.
(module $described
  (@custom "first" (before first) "\00\01\ff")
  (@custom "twice" (after func) "one")
  (import "host" "imported" (func $imported))
  (func $inner (result i32) (i32.const 1))
  (func (export "nameless") (result i32) (call $inner))
  (func $"name with \c3\a4 and spaces" (export "last") (result i32) (i32.const 3))
  (@custom "empty" (after last) "")
  (@custom "twice" (after last) "two"))
