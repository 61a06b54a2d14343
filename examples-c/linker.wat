;; Adds to the tally of another module, and lets the host print it.
(module
  (import "tally" "add" (func $add (param i32)))
  (import "tally" "sum" (global $sum (mut i32)))
  (import "host" "print" (func $print (param i32)))
  (import "host" "beep" (func $beep))
  (func (export "run")
    (call $add (i32.const 40))
    (call $add (i32.const 2))
    (call $print (global.get $sum)))
  (func (export "alarm")
    (call $beep)))
