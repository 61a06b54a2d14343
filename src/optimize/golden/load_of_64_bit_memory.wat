;; An address of 64 bits is compared even if the memory has a guard: no guard is that long.
;; mode: guard signals
(module
  (memory i64 1)
  (func (param i64) (result i32)
    (i32.load offset=8 (local.get 0))))
