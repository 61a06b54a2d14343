;; Work in functions that call each other, through the host as well.
(module
  (import "" "" (func $host (param i32)))
  (func $work (export "work") (param i32)
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get 0) (i32.const 0)))))
  (func $through_host (export "through_host") (param i32)
    (call $host (local.get 0)))
  (func $deep (export "deep") (param i32 i32)
    (if (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
      (else (call $work (local.get 1))))))
