(module
  ;; The date of Easter in a year of the Gregorian calendar, as month * 100 + day.
  (func (export "easter") (param $year i32) (result i32)
    (local $golden i32) (local $century i32) (local $rest i32) (local $moon i32) (local $week i32) (local $sum i32)
    (local.set $golden (i32.rem_u (local.get $year) (i32.const 19)))
    (local.set $century (i32.div_u (local.get $year) (i32.const 100)))
    (local.set $rest (i32.rem_u (local.get $year) (i32.const 100)))
    (local.set $moon (i32.rem_u (call $epact (local.get $golden) (local.get $century)) (i32.const 30)))
    (local.set $week (i32.rem_u
      (i32.sub
        (i32.add
          (i32.add (i32.const 32) (i32.mul (i32.const 2) (i32.rem_u (local.get $century) (i32.const 4))))
          (i32.mul (i32.const 2) (i32.div_u (local.get $rest) (i32.const 4))))
        (i32.add (local.get $moon) (i32.rem_u (local.get $rest) (i32.const 4))))
      (i32.const 7)))
    (local.set $sum (i32.add (i32.const 114) (i32.sub
      (i32.add (local.get $moon) (local.get $week))
      (i32.mul (i32.const 7) (i32.div_u
        (i32.add (local.get $golden)
          (i32.add (i32.mul (i32.const 11) (local.get $moon)) (i32.mul (i32.const 22) (local.get $week))))
        (i32.const 451))))))
    (i32.add
      (i32.mul (i32.const 100) (i32.div_u (local.get $sum) (i32.const 31)))
      (i32.add (i32.const 1) (i32.rem_u (local.get $sum) (i32.const 31)))))

  (func $epact (param $golden i32) (param $century i32) (result i32)
    (local $moon i32)
    (local.set $moon (i32.div_u
      (i32.add (i32.const 1) (i32.sub (local.get $century)
        (i32.div_u (i32.add (local.get $century) (i32.const 8)) (i32.const 25))))
      (i32.const 3)))
    (i32.add (i32.mul (i32.const 19) (local.get $golden))
      (i32.sub (i32.add (local.get $century) (i32.const 15))
        (i32.add (i32.div_u (local.get $century) (i32.const 4)) (local.get $moon))))))
