;; Where signals are used, zero is tested and overflow faults in the division; otherwise both are compared
;; first and trap by a call.
;; mode: guard signals
;; mode: guard calls
(module
  (func (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1))))
