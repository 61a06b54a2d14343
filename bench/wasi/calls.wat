;; Loops over calls of WASI; each export takes the number of rounds and returns 0 if all calls succeeded.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\40\00\00\00")
  ;; No random numbers: what a call costs that does nothing.
  (func (export "nothing") (param i32) (result i32)
    (loop $next
      (if (call $random_get (i32.const 16) (i32.const 0)) (then (return (i32.const 1))))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.const 0))
  (func (export "clock") (param i32) (result i32)
    (loop $next
      (if (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 16)) (then (return (i32.const 1))))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.const 0))
  ;; 64 bytes to standard output.
  (func (export "write") (param i32) (result i32)
    (loop $next
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (return (i32.const 1))))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.const 0)))
