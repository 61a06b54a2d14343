;; A load below a guard: no check at all. The offset is part of the instruction.
;; mode: guard signals
(module
  (memory 1)
  (func (param i32) (result i32)
    (i32.load offset=8 (local.get 0))))
