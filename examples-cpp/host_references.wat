(module
  (import "host" "greet" (func $greet (param externref)))
  (table $guests 0 externref)
  ;; adds a guest to the list
  (func (export "arrive") (param externref)
    (drop (table.grow $guests (local.get 0) (i32.const 1))))
  ;; greets them all, the last one first, and forgets them
  (func (export "greet_all")
    (local $i i32)
    (local.set $i (table.size $guests))
    (loop $next
      (if (local.get $i)
        (then
          (local.set $i (i32.sub (local.get $i) (i32.const 1)))
          (call $greet (table.get $guests (local.get $i)))
          (table.set $guests (local.get $i) (ref.null extern))
          (br $next))))))
