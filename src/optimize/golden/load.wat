;; One load. With a guard: no check at all. Explicit: one addition and one comparison.
(module
  (memory 1)
  (func (param i32) (result i32)
    (i32.load offset=8 (local.get 0))))
