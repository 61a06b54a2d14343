;; The body of a small function in place of its call, with a local that is zero each time; the division keeps its
;; check.
;; mode: guard signals
(module
  (func $quotient (param i32 i32) (result i32) (local i32)
    (if (local.get 1) (then (local.set 2 (i32.div_u (local.get 0) (local.get 1)))))
    (local.get 2))
  (func (param i32) (result i32)
    (call $quotient (i32.const 1000) (local.get 0))))
