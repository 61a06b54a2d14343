;; A function that becomes much more code than its size says.
(module $much_code
  ;; Moves 200 values by four bytes each time.
  (func $make (result
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (unreachable))
  (func $take (param
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
  ;; With arguments in all registers, and on the stack.
  (func $moves (export "moves")
    (param i32 i64 f32 f64 i64 i32 i64 f64 f32 f64 f64 f64 f64 f64 f32 i64 i32)
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take
    call $make call $take call $make call $take call $make call $take call $make call $take call $make call $take)
  (func (export "calls_moves")
    (call $moves (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (i64.const 5) (i32.const 6) (i64.const 7)
      (f64.const 8) (f32.const 9) (f64.const 10) (f64.const 11) (f64.const 12) (f64.const 13) (f64.const 14)
      (f32.const 15) (i64.const 16) (i32.const 17)))
  (func (export "one") (result i32) (i32.const 1)))
