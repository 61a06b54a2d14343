;; The smallest program with a result: what the cold start runs.
(module
  (func (export "answer") (result i32) (i32.const 42)))
