;; Imports that nobody defines: functions of several types, one of them twice, something of WASI, and a memory.
(module
  (import "env" "first" (func $first))
  (import "env" "second" (func $second (param i64 externref) (result f64)))
  (import "env" "wide" (func $wide (param v128) (result v128)))
  (import "env" "first" (func $again))
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (func (export "none") (result i32) (i32.const 7))
  (func (export "first") (call $first))
  (func (export "again") (call $again))
  (func (export "second") (drop (call $second (i64.const 1) (ref.null extern))))
  (func (export "wide") (drop (call $wide (v128.const i64x2 0 0)))))
