;; The check of an element, with the doubtful case after the function.
(module
  (type $t (func (param i32) (result i32)))
  (table 10 funcref)
  (func (param i32 i32) (result i32) (call_indirect (type $t) (local.get 1) (local.get 0))))
