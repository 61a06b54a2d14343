;; Arguments change places.
(module
  (import "" "f" (func $f (param i32 i64 i32)))
  (func (param i32 i64 i32) (call $f (local.get 2) (local.get 1) (local.get 0))))
