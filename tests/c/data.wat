;; Data at both ends of its memories, with segments that overlap.
(module $data
  (memory (export "memory") 3 64)
  (data (i32.const 1024) "0123456789")
  (data (i32.const 1028) "over")
  (data (i32.const 131000) "last")
  (data $passive "passive")
  (data $active (i32.const 196604) "end!")
  (func (export "init_passive") (param i32) (memory.init $passive (local.get 0) (i32.const 0) (i32.const 7)))
  (func (export "init_active") (memory.init $active (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
