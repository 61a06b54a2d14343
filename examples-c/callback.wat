(module
  (import "host" "print" (func $print (param i32)))
  (import "host" "total" (func $total (param i32) (result i32)))
  ;; Counts to n, adding every number to the host's total and printing the total as it stands.
  (func (export "count") (param $n i32)
    (local $i i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (call $print (call $total (local.get $i)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))))
