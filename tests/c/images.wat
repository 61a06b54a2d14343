;; Two segments far apart, so that what instances begin with is prepared for all of them; and room for writing.
(module
  (memory (export "memory") 6 20)
  (data (i32.const 16) "first")
  (data (i32.const 300000) "last")
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 0x77) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "far") (param i32) (result i32) (i32.load offset=0xffffffff (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
