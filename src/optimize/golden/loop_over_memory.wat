;; A loop over memory: with a guard the base is loaded once; explicit checks load base and length each time and
;; compare.
;; mode: guard signals
;; mode: explicit signals
(module
  (memory 1)
  (func (param $p i32) (param $n i32) (result i32)
    (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
        (i32.store offset=4 (local.get $p) (local.get $sum))
        (local.set $p (i32.add (local.get $p) (i32.const 4)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum)))
