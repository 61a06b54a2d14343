;; An indirect call: bounds, one comparison of the signature, then slot and context.
(module
  (table 10 funcref)
  (type $t (func (param i32) (result i32)))
  (func (param i32 i32) (result i32)
    (call_indirect (type $t) (local.get 0) (local.get 1))))
