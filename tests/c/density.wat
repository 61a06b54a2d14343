;; Small, with a memory that the C allocator would take from the system each time.
(module $density
  (memory (export "memory") 17)
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1))))
