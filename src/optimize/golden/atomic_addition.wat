;; An atomic addition: alignment is checked in every mode, then one locked instruction.
;; mode: guard signals
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (i32.atomic.rmw.add (local.get 0) (local.get 1))))
