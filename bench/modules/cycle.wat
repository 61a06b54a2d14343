;; For the whole life of an instance: no imports, sixteen pages of memory, data, a
;; table. `touch` writes to one word in each of five operating system pages.
(module
  (memory 16)
  (table 4 funcref)
  (elem (i32.const 0) $touch)
  (data (i32.const 1024) "\05\00\00\00")
  (func $touch (export "touch") (result i32)
    (local $i i32)
    (loop $next
      (i32.store
        (i32.add (i32.const 131072) (i32.mul (local.get $i) (i32.const 4096)))
        (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 5))))
    ;; the last value written, plus the one the data segment put there
    (i32.add (i32.load (i32.const 147456)) (i32.load (i32.const 1024)))))
