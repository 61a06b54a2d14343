;; The second segment leaves something behind in the host's table, and the third does not fit: the fourth never is.
(module
  (type $number (func (result i32)))
  (import "host" "table" (table $host 10 20 funcref))
  (table $own 4 funcref)
  (elem (table $own) (i32.const 0) func $one)
  (elem (table $host) (i32.const 0) func $call $again)
  (elem (table $own) (i32.const 4) func $one)
  (elem (table $own) (i32.const 1) func $one)
  (func $one (result i32) (i32.const 1))
  (func $call (result i32) (call_indirect $own (type $number) (i32.const 1)))
  (func $again (result i32)
    (table.init $own 3 (i32.const 1) (i32.const 0) (i32.const 1))
    (call_indirect $own (type $number) (i32.const 1))))
