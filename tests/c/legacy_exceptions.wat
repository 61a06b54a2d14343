;; Exceptions in their legacy encoding.
(module
  (import "host" "tag" (tag $host (param i32)))
  (import "host" "call" (func $call (param i32)))
  (tag $own (param i32 i64))
  (tag $reference (param externref exnref i32))
  (global $kept (mut i32) (i32.const 0))

  (func $throw_host (export "throw_host") (param i32) (throw $host (local.get 0)))
  (func $throw_own (param i32 i64) (throw $own (local.get 0) (local.get 1)))

  ;; Functions through which an exception comes: with a clause for another tag, one that throws it again, a delegate,
  ;; and none.
  (func $other (param i32) try (call $throw_host (local.get 0)) catch $own (drop) (drop) end)
  (func $again (export "again") (param i32)
    try
      (call $other (local.get 0))
    catch_all
      (rethrow 0)
    end)
  (func $again_by_tag (export "again_by_tag") (param i32)
    try
      (call $other (local.get 0))
    catch $host
      (drop)
      (rethrow 0)
    end)
  (func $delegates (export "delegates") (param i32)
    try
      try
        (call $other (local.get 0))
      delegate 1
    catch_all
    end)
  (func (export "delegates_deep") (param i32) (call $delegates (local.get 0)))

  ;; What the host throws: caught, and thrown through the host again.
  (func (export "catch_host") (param i32) (result i32)
    try (result i32)
      (call $call (local.get 0))
      (i32.const -1)
    catch $host
    end)
  (func (export "host_again") (param i32)
    try
      (call $call (local.get 0))
    catch_all
      (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
      (rethrow 0)
    end)
  (func (export "host_again_by_tag") (param i32)
    try
      (call $call (local.get 0))
    catch $host
      (global.set $kept)
      (rethrow 0)
    end)
  (func $through (export "through") (param $n i32)
    (if (i32.eqz (local.get $n)) (then (throw $own (i32.const 5) (i64.const 6))))
    try
      (call $call (i32.sub (local.get $n) (i32.const 1)))
    catch $host
      (drop)
    catch_all
      (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
      (rethrow 0)
    end)
  (func (export "catch_through") (param $n i32) (result i32)
    (global.set $kept (i32.const 0))
    try (result i32)
      (call $through (local.get $n))
      (i32.const -1)
    catch $own
      (i32.add (i32.wrap_i64))
      (i32.add (i32.mul (global.get $kept) (i32.const 100)))
    end)

  ;; Caught $n times: by tag, and by a clause that makes an object which is thrown again.
  (func (export "count") (param $n i32) (result i32)
    (local $caught i32)
    (loop $again
      try
        (call $throw_host (local.get $n))
      catch $host
        (drop)
        (local.set $caught (i32.add (local.get $caught) (i32.const 1)))
      end
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $caught))
  (func (export "count_again") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      try
        (call $again (i32.const 3))
      catch $host
        (local.set $sum (i32.add (local.get $sum)))
      end
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func $count_here (export "count_here") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      try
        try
          (throw $host (i32.const 2))
        catch $host
          (drop)
          (rethrow 0)
        end
      catch $host
        (local.set $sum (i32.add (local.get $sum)))
      end
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; References in an exception stay while its clause makes $n objects, and can be thrown again.
  (func $make (param $n i32)
    (loop $again
      try (call $again (i32.const 3)) catch_all end
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $object (param i32) (result exnref)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (call $throw_host (local.get 0)))
      (unreachable)))
  (func $throw_reference (param externref)
    (throw $reference (local.get 0) (call $object (i32.const 70)) (i32.const 7)))
  (func (export "references_live") (param $r externref) (param $n i32) (result externref i32)
    (local $sum i32) (local $kept externref)
    try
      try
        (call $throw_reference (local.get $r))
      catch $reference
        (drop) (drop) (drop)
        (call $make (local.get $n))
        (rethrow 0)
      end
    catch $reference
      (local.set $sum)
      (call $make (local.get $n))
      try (param exnref)
        (throw_ref)
      catch $host
        (local.set $sum (i32.add (local.get $sum)))
      end
      (local.set $kept)
    end
    (local.get $kept)
    (local.get $sum))
  (func (export "objects_live") (param $n i32) (result i32)
    try (result i32)
      try (result i32)
        (call $throw_host (i32.const 11))
        (i32.const -1)
      catch_all
        (call $make (local.get $n))
        (rethrow 0)
      end
    catch $host
    end)

  ;; A loop of seven instructions, four of which are in the clause, beside a call of a function with three.
  (func (export "seven") (param $n i32)
    (loop $again
      try
        (call $three)
      catch $own
        (drop) (drop)
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      end
      (br_if $again (local.get $n))))
  (func $three (throw $own (i32.const 1) (i64.const 2)))
)
