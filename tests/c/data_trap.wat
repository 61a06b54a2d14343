;; Its first function stays in the table of another, although instantiation traps before any data is there.
(module $data_trap
  (import "" "table" (table 4 funcref))
  (memory 2)
  (data (i32.const 70000) "secret")
  (func $peek (result i32) (i32.load8_u (i32.const 70000)))
  (elem (i32.const 0) $peek)
  (elem (i32.const 4) $peek))
