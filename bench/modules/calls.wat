;; Calls inside WebAssembly. The callees are tiny, so that the time is the call's.
;; Each could call itself, which keeps an inliner from dissolving it, and the sixteen
;; targets each add their own number, so that a wrong target changes the result.
(module
  (type $step (func (param i32 i32) (result i32)))
  (memory 1)
  (table 16 16 funcref)
  (elem (i32.const 0) $t0 $t1 $t2 $t3 $t4 $t5 $t6 $t7 $t8 $t9 $t10 $t11 $t12 $t13 $t14 $t15)
  ;; sixty-four table indices in no order
  (data (i32.const 0)
    "\04\02\08\03\0f\0e\0f\0c\06\03\0f\00\0c\0d\00\0e"
    "\08\07\03\0a\00\00\00\00\0c\06\0d\00\07\0e\0f\07"
    "\0b\07\07\0e\09\00\0d\03\05\09\03\0a\0d\06\09\09"
    "\0f\0c\01\0f\07\0c\0d\05\0b\0b\02\0e\03\05\0c\0b")
  (func $t0 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t0 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 0)))
  (func $t1 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t1 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 1)))
  (func $t2 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t2 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 2)))
  (func $t3 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t3 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 3)))
  (func $t4 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t4 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 4)))
  (func $t5 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t5 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 5)))
  (func $t6 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t6 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 6)))
  (func $t7 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t7 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 7)))
  (func $t8 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t8 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 8)))
  (func $t9 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t9 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 9)))
  (func $t10 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t10 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 10)))
  (func $t11 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t11 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 11)))
  (func $t12 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t12 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 12)))
  (func $t13 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t13 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 13)))
  (func $t14 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t14 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 14)))
  (func $t15 (type $step) (param $sum i32) (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const -1)) (then (return (call $t15 (local.get $i) (local.get $sum)))))
    (i32.add (i32.add (local.get $sum) (local.get $i)) (i32.const 15)))
  ;; the same function each time, known to the compiler
  (func (export "direct") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum
        (call $t3 (local.get $sum) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))
  ;; the same function each time, known only to the table
  (func (export "indirect_one") (param $n i32) (result i32)
    (local $i i32) (local $sum i32) (local $target i32)
    (local.set $target (i32.load8_u (i32.const 0)))
    (loop $next
      (local.set $sum
        (call_indirect (type $step) (local.get $sum) (local.get $i) (local.get $target)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))
  ;; sixteen functions, another one after every sixty-four calls: many targets, but
  ;; seldom a surprise for the branch predictor
  (func (export "indirect_many") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum
        (call_indirect (type $step) (local.get $sum) (local.get $i)
          (i32.load8_u (i32.and (i32.shr_u (local.get $i) (i32.const 6)) (i32.const 63)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))
  ;; sixteen functions in an order that never repeats: mostly the mispredicted branch
  (func (export "indirect_random") (param $n i32) (result i32)
    (local $i i32) (local $sum i32) (local $x i32)
    (local.set $x (i32.const 12345))
    (loop $next
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 13))))
      (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 17))))
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 5))))
      (local.set $sum
        (call_indirect (type $step) (local.get $sum) (local.get $i)
          (i32.and (i32.shr_u (local.get $x) (i32.const 8)) (i32.const 15))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum)))
