;; A function that calls itself is inlined into itself; the innermost copies make the calls that are left.
;; mode: guard signals
(module
  (func $sum (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0)))))
