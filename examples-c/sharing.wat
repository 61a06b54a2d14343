;; Producer and consumer: words of a queue in shared memory, at 64 onward; how many were written is at 0.
(module
  (import "host" "memory" (memory 1 2 shared))

  ;; Writes the squares of 1 to n, one by one, and tells whoever waits.
  (func (export "produce") (param $n i32)
    (local $i i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (i32.store (i32.add (i32.const 60) (i32.mul (local.get $i) (i32.const 4)))
        (i32.mul (local.get $i) (local.get $i)))
      (i32.atomic.store (i32.const 0) (local.get $i))
      (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n)))))

  ;; Adds up n words as they come, and sleeps while there are none.
  (func (export "consume") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (if (i32.eq (i32.atomic.load (i32.const 0)) (local.get $i))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $i) (i64.const -1)))
          (br $next)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum)
        (i32.load (i32.add (i32.const 60) (i32.mul (local.get $i) (i32.const 4))))))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum)))
