;; Every way out of bounds, of the second memory and of the second table too.
(module
  (memory 1) (memory $second 2)
  (table 1 funcref) (table $other 5 externref)
  (data $text "12345678") (elem $list func)
  (func (export "load") (param i32) (drop (i32.load (local.get 0))))
  (func (export "load_far") (param i32) (drop (i64.load offset=16 (local.get 0))))
  (func (export "store_second") (param i32) (i32.store8 $second (local.get 0) (i32.const 0)))
  (func (export "vector") (param i32) (drop (v128.load $second (local.get 0))))
  (func (export "init") (param i32) (memory.init $second $text (local.get 0) (i32.const 0) (i32.const 8)))
  (func (export "init_from") (param i32) (memory.init $second $text (i32.const 0) (local.get 0) (i32.const 8)))
  (func (export "table_fill") (param i32) (table.fill $other (local.get 0) (ref.null extern) (i32.const 2)))
  (func (export "table_init") (param i32) (table.init 0 $list (local.get 0) (i32.const 0) (i32.const 1))))
