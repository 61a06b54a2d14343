(module
  (type $operation (func (param i32 i32) (result i32)))
  (table (export "operations") 4 8 funcref)
  (elem (i32.const 0) $add $mul)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $mul (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
  (func (export "apply") (param $which i32) (param $a i32) (param $b i32) (result i32)
    (call_indirect (type $operation) (local.get $a) (local.get $b) (local.get $which))))
