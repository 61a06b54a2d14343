(module
  (import "host" "emit" (func $emit (param i32)))
  ;; emits the steps of the Collatz sequence from n down to 1
  (func (export "collatz") (param $n i32)
    (loop $again
      (call $emit (local.get $n))
      (if (i32.gt_u (local.get $n) (i32.const 1))
        (then
          (if (i32.and (local.get $n) (i32.const 1))
            (then (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1))))
            (else (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))))
          (br $again))))))
