;; Calls the elements of the table of `first_calls`, and puts a function of its own there.
(module $first_calls_user
  (type $unary (func (param i32) (result i32)))
  (import "owner" "table" (table $t 16 40 funcref))
  (func $own (param i32) (result i32) (i32.add (local.get 0) (i32.const 900)))
  (elem (i32.const 15) $own)
  (func (export "repeat") (param $n i32) (param $which i32) (result i32) (local $x i32)
    (loop $again
      (local.set $x (call_indirect (type $unary) (local.get $x) (local.get $which)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))
