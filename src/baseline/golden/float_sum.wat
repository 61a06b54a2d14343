;; Floats in registers, without vectors of the processor beyond the minimum.
(module (memory 1)
  (func (param $at i32) (param $n i32) (result f64) (local $sum f64)
    (loop $again
      (local.set $sum (f64.add (local.get $sum) (f64.mul (f64.load (local.get $at)) (f64.const 0.5))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
