;; Arithmetic whose results show the floating-point mode, on both sides of every way to the host.
(module
  (import "" "plain" (func $plain (param i32) (result i32)))
  (import "" "env" (func $env (param i32) (result i32)))
  (import "" "native" (func $native (param f64) (result f64)))
  (import "" "wide" (func $wide (param v128) (result i32)))
  (import "" "ref" (func $ref (param externref) (result i32)))
  (memory 1 100)
  (table 1 100 funcref)
  (global $denormal (mut f64) (f64.const 0x1p-1074))
  (global $one (mut f64) (f64.const 1))
  (global $three (mut f64) (f64.const 3))
  (global $ten (mut f64) (f64.const 10))
  (global $zero (mut f64) (f64.const 0))
  (global $address (mut i32) (i32.const 64))
  (global $at_start (export "at_start") (mut i32) (i32.const 0))

  (func $is (param $value f64) (param $bits i64) (result i32)
    (i64.eq (i64.reinterpret_f64 (local.get $value)) (local.get $bits)))

  ;; 1 if everything is as specified
  (func $right (export "right") (result i32)
    (call $is (f64.add (global.get $denormal) (global.get $denormal)) (i64.const 2))
    (call $is (f64.div (global.get $one) (global.get $three)) (i64.const 0x3fd5555555555555))
    (call $is (f64.div (global.get $one) (global.get $ten)) (i64.const 0x3fb999999999999a))
    (call $is (f64.div (global.get $one) (global.get $zero)) (i64.const 0x7ff0000000000000))
    (f64.ne (f64.sqrt (f64.neg (global.get $one))) (global.get $one))
    ;; an instruction that may also fault for want of memory
    (call $is (f64.div (global.get $one) (f64.load (global.get $address))) (i64.const 0x7ff0000000000000))
    i32.and i32.and i32.and i32.and i32.and)

  (func $constants (export "constants") (result i32)
    (call $is (f64.add (f64.const 0x1p-1074) (f64.const 0x1p-1074)) (i64.const 2))
    (call $is (f64.div (f64.const 1) (f64.const 3)) (i64.const 0x3fd5555555555555))
    (call $is (f64.div (f64.const 1) (f64.const 10)) (i64.const 0x3fb999999999999a))
    (call $is (f64.mul (f64.const 0x1p-1074) (f64.const 3)) (i64.const 3))
    i32.and i32.and i32.and)

  (func $start (global.set $at_start (i32.and (call $right) (call $around (i32.const 0)))))
  (start $start)

  (func $call (param $which i32) (result i32)
    block
      block
        block
          block
            block
              block
                block
                  (br_table 0 1 2 3 4 5 6 (local.get $which))
                end
                (return (call $plain (i32.const 1)))
              end
              (return (call $env (i32.const 1)))
            end
            (return (call $is (call $native (f64.const 0x1p-1074)) (i64.const 1)))
          end
          (return (call $wide (v128.const i64x2 1 1)))
        end
        (return (call $ref (ref.null extern)))
      end
      (return (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
    end
    (return (i32.ne (table.grow (ref.null func) (i32.const 1)) (i32.const -1))))

  ;; 1 if everything is as specified before and after a call to the host, and that answers 1
  (func $around (export "around") (param $which i32) (result i32)
    (i32.and (i32.and (call $right) (call $call (local.get $which))) (call $right)))

  (func (export "divide") (param i32) (result i32)
    (i32.div_u (call $right) (local.get 0)))
  (func (export "vector") (param v128) (result i32) (call $around (i32.const 3)))
  (func (export "twice") (param f64) (result f64) (f64.add (local.get 0) (local.get 0))))
