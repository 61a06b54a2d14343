;; Large enough to be kept in a cache folder.
(module $polynomial
  (func $value (export "value") (param $x i32) (result i32)
    (call $step (local.get $x) (call $step (local.get $x) (call $step (local.get $x) (i32.const 7)))))
  (func $step (param $x i32) (param $so_far i32) (result i32)
    (i32.add (i32.mul (local.get $so_far) (local.get $x)) (i32.const 3))
    (i32.add (i32.const 1)) (i32.sub (i32.const 1)) (i32.xor (i32.const 0x7000)) (i32.xor (i32.const 0x7000))
    (i32.or (i32.const 0)) (i32.and (i32.const -1)))
  (func (export "sum") (param i32) (result i32)
    (i32.add (call $value (local.get 0)) (call $value (i32.add (local.get 0) (i32.const 1))))))
