;; A call of an import: through its slot, with the context of the import.
;; mode: guard signals
(module
  (import "" "f" (func $f (param i32) (result i32)))
  (func (result i32)
    (call $f (i32.const 7))))
