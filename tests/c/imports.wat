;; One import of each kind, one of them twice, one without any name.
(module
  (import "host" "f" (func $f (param i32) (result i32)))
  (import "host" "g" (global $g (mut i32)))
  (import "host" "t" (table $t 2 10 funcref))
  (import "host" "m" (memory $m 1 3))
  (import "host" "f" (func $again (param i32) (result i32)))
  (import "" "" (global $unnamed i64))
  (func (export "call") (param i32) (result i32) (call $f (call $again (local.get 0))))
  (func (export "set") (param i32) (global.set $g (local.get 0)))
  (func (export "unnamed") (result i64) (global.get $unnamed))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "indirect") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
