(module
  (memory (export "memory") 1 3)
  (data (i32.const 16) "data of the guest\00")
  ;; Turns the lower-case letters of a text into upper case, in place.
  (func (export "upper") (param $at i32) (param $size i32)
    (local $end i32)
    (local $c i32)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $c (i32.load8_u (local.get $at)))
        (if (i32.lt_u (i32.sub (local.get $c) (i32.const 97)) (i32.const 26))
          (then (i32.store8 (local.get $at) (i32.sub (local.get $c) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))))
