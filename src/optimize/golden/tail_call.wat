;; A tail call leaves the frame and jumps.
;; mode: guard signals
(module
  (func $f (param i32) (result i32) (local.get 0))
  (func (param i32) (result i32)
    (return_call $f (i32.add (local.get 0) (i32.const 1)))))
