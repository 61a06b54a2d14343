;; A reactor, with imports of the host among those of WASI.
(module
  (import "env" "log" (func $log (param i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "no_such_function" (func))
  (import "wasi_unstable" "sched_yield" (func $old_yield (result i32)))
  (import "env" "memory" (memory 1))
  (global $ready (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $ready (i32.const 41)))
  (func (export "ready") (result i32)
    (i32.add (global.get $ready)
      (i32.add (i32.const 1) (i32.add (call $yield) (call $old_yield)))))
  (func (export "log") (call $log (i32.const 5))))
