;; A call within the module: a relative call that keeps the context in its register.
;; mode: guard signals
(module
  ;; Not inlined for its loop.
  (func $f (param i32) (result i32) (loop (result i32) (local.get 0)))
  (func (result i32)
    (call $f (i32.const 7))))
