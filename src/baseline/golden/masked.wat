;; What is read and where code jumps past a failing check: an address of 0, the first element, the first branch.
;; explicit bounds, masked
(module
  (type $t (func (result i32)))
  (memory 1 10)
  (table 10 funcref)
  (func $access (param i32) (result i32) (i32.load offset=8 (local.get 0)))
  (func $call (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
  (func $branch (param i32) (result i32)
    (block $a (block $b (block $c (br_table $a $b $c (local.get 0))) (return (i32.const 1))) (return (i32.const 2)))
    (i32.const 3)))
