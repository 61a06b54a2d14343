(module
  (import "m" "same" (tag $a (param i32 i64)))
  (import "m" "same again" (tag $b (param i32 i64)))
  (tag $own (export "own") (param i32 i64))
  (tag (export "empty"))
  (tag (export "vector") (param v128 externref))
  (export "imported" (tag $a))
  (export "imported again" (tag $b)))
