;; A module for others: a sum, and a function that adds to it.
(module
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (func (export "add") (param $n i32)
    (global.set $sum (i32.add (global.get $sum) (local.get $n)))))
