;; Imports with one module name, and perhaps one type, for many.

(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "two") (result i32) (i32.const 2))
  (global (export "ten") i32 (i32.const 10))
  (global (export "twenty") i32 (i32.const 20))
  (memory (export "memory") 1)
  (data (i32.const 0) "\64")
  (tag (export "tag") (param i32)))
(register "m")

;; Indices are counted across all forms.
(module
  (import "m" "ten" (global $first i32))
  (import "m" (item "one" (func $one (result i32))) (item "memory" (memory 1)) (item "tag" (tag $tag (param i32))))
  (import "m" (item "ten") (item "twenty") (global i32))
  (import "m" "two" (func $two (result i32)))
  (global $own i32 (i32.const 1000))
  (func (export "sum") (result i32)
    (i32.add (global.get $own)
      (i32.add (i32.add (call $one) (call $two))
        (i32.add (i32.add (global.get 0) (global.get 1))
          (i32.add (global.get 2) (i32.load8_u (i32.const 0)))))))
  (func (export "catch") (result i32)
    (block $h (result i32)
      (try_table (catch $tag $h) (throw $tag (i32.const 5)))
      (unreachable))))
(assert_return (invoke "sum") (i32.const 1143))
(assert_return (invoke "catch") (i32.const 5))

(assert_unlinkable
  (module (import "m" (item "one" (func (result i32))) (item "three" (func (result i32)))))
  "unknown import")
(assert_unlinkable
  (module (import "m" (item "one") (item "ten") (func (result i32))))
  "incompatible import type")
(assert_invalid
  (module (import "m" (item "one") (func (type 0))))
  "unknown type")

;; A group of nothing, in both forms, and an import without a name in the usual one.
(module binary
  "\00asm\01\00\00\00"
  "\01\04\01\60\00\00"
  "\02\0d\02" "\01m\00\7f\00" "\01m\00\7e\00\00\00")
(module (func (export "")))
(register "")
(module (import "" "" (func)))

;; A name before the mark; the end within a group; another mark.
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\02\07\01" "\01m\01x\7f\00")
  "malformed import kind")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\02\07\01" "\01m\00\7f\01\01")
  "unexpected end")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\02\07\01" "\01m\00\7d\00\00")
  "malformed import kind")
