;; Elements that a segment fills are written when they are first needed: the comparison of the signature fails,
;; and the slow path calls the runtime and goes on.
;; mode: guard signals
(module
  (table 2 2 funcref)
  (elem (i32.const 0) $f $f)
  (type $t (func))
  (func $f)
  (func (param i32)
    (call_indirect (type $t) (local.get 0))))
