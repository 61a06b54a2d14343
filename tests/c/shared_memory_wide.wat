;; The same with 64-bit addresses, and data of its own.
(module
  (memory (export "memory") i64 1 3 shared)
  (data (i64.const 8) "\2a\00\00\00")
  (func (export "load") (param i64) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "size") (result i64) (memory.size))
  (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
  (func (export "notify") (param i64 i32) (result i32)
    (memory.atomic.notify (local.get 0) (local.get 1)))
  (func (export "wait") (param i64 i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2))))
