;; A tail call into another instance: its caller's frame is gone.
(module $frames_tail
  (import "host" "look" (func $look))
  (import "host" "other" (func $other))
  (func (export "look") (call $look))
  (func $tail (export "tail") (return_call $other))
  (func (export "nested") (call $tail)))
