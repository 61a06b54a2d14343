;; A load with an explicit check: one addition, one comparison with the current length. A failed check faults,
;; or calls where signals are not used.
;; mode: explicit signals
;; mode: explicit calls
(module
  (memory 1)
  (func (param i32) (result i32)
    (i32.load offset=8 (local.get 0))))
