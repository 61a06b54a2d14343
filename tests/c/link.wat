(module
  (import "state" "count" (func $count (result i32)))
  (import "state" "counter" (global $counter (mut i32)))
  (func (export "twice") (result i32) (i32.add (call $count) (call $count)))
  (func (export "counter") (result i32) (global.get $counter)))
