(module
  ;; how many primes there are from $from up to below $to, by trial division
  (func (export "primes") (param $from i32) (param $to i32) (result i32)
    (local $count i32) (local $d i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $d (i32.const 2))
        (block $composite
          (loop $try
            (if (i32.le_u (i32.mul (local.get $d) (local.get $d)) (local.get $from))
              (then
                (br_if $composite (i32.eqz (i32.rem_u (local.get $from) (local.get $d))))
                (local.set $d (i32.add (local.get $d) (i32.const 1)))
                (br $try))))
          (br_if $composite (i32.lt_u (local.get $from) (i32.const 2)))
          (local.set $count (i32.add (local.get $count) (i32.const 1))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next)))
    (local.get $count)))
