;; An indirect call: bounds, one comparison of the signature, then code address and context are loaded
;; independently.
;; mode: guard signals
(module
  (table 10 10 funcref)
  (type $t (func (param i32) (result i32)))
  (func (param i32 i32) (result i32)
    (call_indirect (type $t) (local.get 0) (local.get 1))))
