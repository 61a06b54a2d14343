(module
  (import "bank" "interest" (func $interest (param i32 f64) (result f64)))
  ;; The value of an amount after a number of years.
  (func $savings (export "savings") (param $amount f64) (param $years i32) (result f64)
    (local $year i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $year) (local.get $years)))
        (local.set $year (i32.add (local.get $year) (i32.const 1)))
        (local.set $amount
          (f64.add (local.get $amount) (call $interest (local.get $year) (local.get $amount))))
        (br $next)))
    (local.get $amount)))
