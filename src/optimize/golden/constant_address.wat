;; A constant address below the minimum length needs no check in any mode; address and offset are one number.
;; mode: guard signals
;; mode: explicit calls
(module
  (memory 1)
  (func (result i32)
    (i32.load offset=16 (i32.const 100))))
