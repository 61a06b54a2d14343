;; What calls a host function: through an import, and through a table. Its memory is the first of two, and neither
;; is exported as "memory".
(module
  (import "" "look" (func $look))
  (memory $first (export "first") 1 3)
  (memory $second (export "second") 2 4)
  (table funcref (elem $look))
  (data (memory $first) (i32.const 0) "first\00")
  (data (memory $second) (i32.const 0) "second\00")
  (func (export "direct") (call $look))
  (func (export "indirect") (call_indirect (i32.const 0)))
  (func (export "grow") (drop (memory.grow $first (i32.const 1))) (call $look)))
