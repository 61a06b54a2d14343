(module
  (import "host" "say" (func $say (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "Hello from the guest")
  (func (export "greet")
    (call $say (i32.const 8) (i32.const 20)))
  ;; Passes more than it has.
  (func (export "overreach")
    (call $say (i32.const 65530) (i32.const 20))))
