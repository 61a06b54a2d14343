;; The trap is in line 4.
(module
  (func $inner (param i32) (result i32)
    (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "divide") (param i32) (result i32)
    (call $inner (local.get 0))))
