;; A small memory with a little data, for instances without number.
(module
  (memory 1)
  (data (i32.const 1024) "\2a")
  (func (export "answer") (result i32) (i32.load (i32.const 1024))))
