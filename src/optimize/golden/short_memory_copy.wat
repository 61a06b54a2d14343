;; A copy of a short constant length: both ranges are compared with the length, then one load
;; and one store of 16 bytes.
;; mode: guard signals
(module
  (memory 1)
  (func (param i32 i32)
    (memory.copy (local.get 0) (local.get 1) (i32.const 16))))
