;; Growing from inside: memory.grow by nothing, as a program asks for its size.
(module
  (memory (export "memory") 1)
  (func (export "grow_by_nothing") (param $n i32) (result i32)
    (local $i i32) (local $pages i32)
    (loop $next
      (local.set $pages (i32.add (local.get $pages) (memory.grow (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $pages)))
