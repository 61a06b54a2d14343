;; A tail call into another instance: its caller's frame is gone.
(module $frames_tail
  (import "host" "look" (func $look))
  (import "host" "other" (func $other))
  (func (export "look") (call $look))
  (table (export "table") 1 1 funcref)
  (func (export "tail_look") (return_call $look))
  (func (export "tail_call") (return_call_indirect (i32.const 0)))
  (func (export "call_indirect") (call_indirect (i32.const 0)))
  (func $tail (export "tail") (return_call $other))
  (func (export "nested") (call $tail)))
