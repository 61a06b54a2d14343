;; Ways to the host and into traps: directly, through other functions, a table, another instance.
(module $frames
  (import "host" "look" (func $look))
  (import "host" "other" (func $other))
  (table (export "table") 2 2 funcref)
  (elem (i32.const 0) func $direct $trap)
  (func $direct (export "direct") (call $look))
  (func $nested (export "nested") (call $direct))
  (func (export "indirect") (call_indirect (i32.const 0)))
  (func (export "other") (call $other))
  (func $trap (export "trap") (unreachable))
  (func $trap_nested (export "trap_nested") (call $trap))
  (func (export "trap_indirect") (call_indirect (i32.const 1)))
  (func (export "divide") (drop (i32.div_u (i32.const 1) (i32.const 0)))))
