;; Metered code takes fuel at the header of a loop with one subtraction; without fuel a slow path asks the
;; runtime.
;; mode: guard signals metered
(module
  (func (param i32)
    (loop $l
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
