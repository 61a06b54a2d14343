;; A plug-in. Its memory has an iovec at 0, what it prints at 16, and the name of a setting at 32.
(module $plugin
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "host" "setting" (func $setting (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\0c\00\00\00")
  (data (i32.const 16) "hello, host\n")
  (data (i32.const 32) "volume")

  (func (export "greet") (result i32)
    (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))

  (func (export "louder") (result i32)
    (i32.add (call $setting (i32.const 32) (i32.const 6)) (i32.const 1)))

  (func $half (param i32) (result i32)
    (i32.div_u (i32.const 100)
      (local.get 0)))
  (func (export "fail") (result i32)
    (call $half (i32.const 0)))

  (func (export "hoard") (result i32)
    (memory.grow (i32.const 1000)))

  (func (export "spin") (result i32)
    (loop $forever (br $forever))
    (i32.const 0)))
