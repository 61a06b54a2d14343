;; Functions with names, on top of each other when the host looks at the stack. They call each other through a table, so
;; that none is inlined.
(module $observed
  (type $step (func (param i32) (result i32)))
  (import "" "look" (func $look (type $step)))
  (table funcref (elem $inner $middle))

  (func $inner (type $step) (i32.add (call $look (local.get 0)) (i32.const 1)))
  (func $middle (type $step)
    (i32.add (call_indirect (type $step) (local.get 0) (i32.const 0)) (i32.const 1)))
  (func $outer (export "run") (type $step)
    (i32.add (call_indirect (type $step) (local.get 0) (i32.const 1)) (i32.const 1)))

  ;; Looks after so many rounds of a loop.
  (func $spin (export "spin") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.sub
      (call_indirect (type $step) (local.get $sum) (i32.const 0))
      (local.get $sum))))
