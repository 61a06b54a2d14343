;; Calls the elements of somebody else's table.
(module $user
  (type $number (func (result i32)))
  (import "owner" "table" (table $t 10 20 funcref))
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $number) (local.get 0)))
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0)))))
