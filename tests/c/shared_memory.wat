;; Imports a shared memory and works on it: what threads do to each other through it.
(module
  (import "" "memory" (memory 1 100 shared))
  (func (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.atomic.store (local.get 0) (local.get 1)))
  (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "notify") (param i32 i32) (result i32)
    (memory.atomic.notify (local.get 0) (local.get 1)))
  (func (export "wait32") (param i32 i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "wait64") (param i32 i64 i64) (result i32)
    (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2)))

  ;; Adds one to a counter that often.
  (func (export "count") (param $at i32) (param $times i32)
    (loop $again
      (drop (i32.atomic.rmw.add (local.get $at) (i32.const 1)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))

  ;; As often takes the lock at 0 and adds one to a counter that is not atomic, at 64.
  (func (export "count_locked") (param $times i32)
    (loop $again
      (call $lock)
      (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
      (call $unlock)
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))

  ;; 0 free, 1 held, 2 held and awaited.
  (func $lock
    (if (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))) (then (return)))
    (loop $again
      (if (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))
          (br $again)))))
  (func $unlock
    (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
      (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))

  ;; Passes a ball to and fro through the words at 128 and 192: waits for own, then gives to other.
  (func (export "play") (param $own i32) (param $other i32) (param $times i32)
    (loop $again
      (loop $wait
        (if (i32.eqz (i32.atomic.load (local.get $own)))
          (then
            (drop (memory.atomic.wait32 (local.get $own) (i32.const 0) (i64.const -1)))
            (br $wait))))
      (i32.atomic.store (local.get $own) (i32.const 0))
      (i32.atomic.store (local.get $other) (i32.const 1))
      (drop (memory.atomic.notify (local.get $other) (i32.const 1)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))

  ;; Until the memory has so many pages, then writes to the last one.
  (func (export "reach") (param $pages i32)
    (loop $again (br_if $again (i32.lt_u (memory.size) (local.get $pages))))
    (i32.store (i32.sub (i32.mul (local.get $pages) (i32.const 65536)) (i32.const 4)) (i32.const 7))))
