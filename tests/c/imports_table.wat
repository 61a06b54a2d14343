;; An imported table, and two memories of its own.
(module
  (import "host" "t" (table $t 1 10 externref))
  (memory 1)
  (memory 1)
  (func (export "elements") (result i32) (table.size $t)))
