;; The second memory is the one that is exported under the usual name; the first is imported.
(module
  (import "" "look" (func $look))
  (import "" "memory" (memory 1))
  (memory (export "memory") 2)
  (data (memory 1) (i32.const 0) "named\00")
  (func (export "direct") (call $look)))
