;; Exceptions in their legacy encoding: `try`, `catch`, `catch_all`, `delegate`, `rethrow`.

(module $thrower
  (tag $imported (export "tag") (param i32))
  (func (export "throw") (param i32) (throw $imported (local.get 0)))
)
(register "thrower")

(module
  (import "thrower" "tag" (tag $imported (param i32)))
  (import "thrower" "tag" (tag $again (param i32)))
  (import "thrower" "throw" (func $throw_imported (param i32)))
  (tag $empty)
  (tag $a (param i32))
  (tag $b (param i32))
  (tag $pair (param i32 i64))
  (tag $every (param i32 i64 f32 f64 v128 externref funcref))
  (type $unary (func (param i32) (result i32)))
  (type $throws (func (param i32)))
  (table $table 2 funcref)
  (elem (i32.const 0) $throw_a $throw_b)
  (global $log (mut i32) (i32.const 0))

  (func $throw_empty (throw $empty))
  (func $throw_a (type $throws) (throw $a (local.get 0)))
  (func $throw_b (type $throws) (throw $b (local.get 0)))
  (func $throw_pair (param i32 i64) (throw $pair (local.get 0) (local.get 1)))
  ;; Throws an exception with the tag of this number, and returns for others.
  (func $throw_nth (param $n i32) (param $value i32)
    (if (i32.eq (local.get $n) (i32.const 0)) (then (call $throw_empty)))
    (if (i32.eq (local.get $n) (i32.const 1)) (then (call $throw_a (local.get $value))))
    (if (i32.eq (local.get $n) (i32.const 2)) (then (call $throw_b (local.get $value))))
    (if (i32.eq (local.get $n) (i32.const 3)) (then (call $throw_pair (local.get $value) (i64.const 1000))))
    (if (i32.eq (local.get $n) (i32.const 4)) (then (call $throw_imported (local.get $value)))))
  (func $append (param i32)
    (global.set $log (i32.add (i32.mul (global.get $log) (i32.const 10)) (local.get 0))))
  (func (export "log") (result i32)
    (global.get $log)
    (global.set $log (i32.const 0)))

  ;; Clauses are tried in turn.
  (func (export "clauses") (param $n i32) (result i32)
    try (result i32)
      (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
    catch $empty (i32.const 100)
    catch $a (i32.add (i32.const 200))
    catch $a (i32.add (i32.const 250))
    catch $pair (i32.wrap_i64) (i32.add) (i32.add (i32.const 300))
    catch_all (i32.const 400)
    end)
  (func (export "no_catch_all") (param $n i32) (result i32)
    try (result i32)
      (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
    catch $a (i32.add (i32.const 200))
    catch $b (i32.add (i32.const 300))
    end)
  (func (export "no_clauses") (param $n i32) (result i32)
    try (result i32)
      try (result i32) (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1) end
    catch $a
    end)
  (func (export "imported_twice") (result i32)
    try (result i32)
      (call $throw_imported (i32.const 5)) (i32.const -1)
    catch $again
    end)
  (func (export "imported_twice_here") (result i32)
    try (result i32)
      (throw $imported (i32.const 6))
    catch $again
    end)

  ;; Values of all types.
  (func $throw_every (param externref)
    (throw $every (i32.const 1) (i64.const 2) (f32.const 0.5) (f64.const 4.25) (v128.const i32x4 1 2 3 4)
      (local.get 0) (ref.func $append)))
  (elem declare func $append)
  (func (export "every_type") (param externref) (result i32 i64 f32 f64 v128 externref i32)
    try (result i32 i64 f32 f64 v128 externref funcref)
      (call $throw_every (local.get 0)) (unreachable)
    catch $every
    end
    (ref.is_null))
  (func (export "every_type_again") (param externref) (result i32 i64 f32 f64 v128 externref i32)
    try (result i32 i64 f32 f64 v128 externref funcref)
      try
        (call $throw_every (local.get 0))
      catch $every
        (drop) (drop) (drop) (drop) (drop) (drop) (drop)
        try (call $throw_pair (i32.const 9) (i64.const 9)) catch_all end
        (rethrow 0)
      end
      (unreachable)
    catch $every
    end
    (ref.is_null))
  (func (export "every_type_by_catch_all") (param externref) (result i32 i64 f32 f64 v128 externref i32)
    try (result i32 i64 f32 f64 v128 externref funcref)
      try
        (call $throw_every (local.get 0))
      catch_all
        try (call $throw_pair (i32.const 9) (i64.const 9)) catch_all end
        (rethrow 0)
      end
      (unreachable)
    catch $every
    end
    (ref.is_null))

  ;; Throws in the function that catches.
  (func (export "thrown_here") (param $n i32) (result i32)
    try (result i32)
      (if (local.get $n) (then (throw $pair (local.get $n) (i64.const 2))))
      (throw $empty)
    catch $pair (i32.wrap_i64) (i32.add)
    catch_all (i32.const -1)
    end)
  ;; What a clause throws is not caught by the clauses after it.
  (func (export "thrown_in_a_clause") (param $n i32) (result i32)
    try (result i32)
      try (result i32)
        (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
      catch $a (throw $b)
      catch $b (drop) (i32.const -2)
      catch_all (throw $empty)
      end
    catch $b (i32.add (i32.const 100))
    catch $empty (i32.const 200)
    end)

  ;; Rethrown from within, past other exceptions that were caught meanwhile.
  (func (export "rethrow") (param $n i32) (result i32)
    try (result i32)
      try (result i32)
        (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
      catch $a
        (drop)
        try (call $throw_a (i32.const 8)) catch $a (drop) end
        (rethrow 0)
      catch $pair
        (drop) (drop)
        (block (loop (rethrow 2)))
        (i32.const -2)
      catch_all
        try (call $throw_a (i32.const 8)) catch_all end
        (if (result i32) (i32.eq (local.get $n) (i32.const 2))
          (then (rethrow 1))
          (else (i32.const 400)))
      end
    catch $a (i32.add (i32.const 100))
    catch $b (i32.add (i32.const 200))
    catch $pair (i32.wrap_i64) (i32.add)
    end)
  (func (export "rethrow_outer") (param $outer i32) (param $which i32) (result i32)
    try (result i32)
      try (result i32)
        (call $throw_nth (local.get $outer) (i32.const 1)) (i32.const -1)
      catch $a
        (drop)
        try (result i32)
          (call $throw_b (i32.const 2)) (i32.const -2)
        catch $b
          (drop)
          (if (local.get $which) (then (rethrow 2)))
          (rethrow 0)
        end
      catch_all
        try (result i32)
          (call $throw_b (i32.const 3)) (i32.const -2)
        catch_all
          (if (local.get $which) (then (rethrow 2)))
          (rethrow 0)
        end
      end
    catch $a (i32.add (i32.const 100))
    catch $b (i32.add (i32.const 200))
    catch $pair (i32.wrap_i64) (i32.add)
    end)
  (func (export "rethrow_uncaught") (param $n i32)
    try
      (call $throw_nth (local.get $n) (i32.const 7))
    catch $a (drop) (rethrow 0)
    catch_all (rethrow 0)
    end)
  ;; Thrown again and again from clause to clause.
  (func (export "cleanups") (param $n i32) (result i32)
    try (result i32)
      try
        try
          try
            (call $throw_nth (local.get $n) (i32.const 7))
          catch_all (call $append (i32.const 1)) (rethrow 0)
          end
        catch $a (drop) (call $append (i32.const 2)) (rethrow 0)
        catch_all (call $append (i32.const 3)) (rethrow 0)
        end
      catch_all (call $append (i32.const 4)) (rethrow 0)
      end
      (i32.const -1)
    catch $a
    catch $pair (i32.wrap_i64) (i32.add)
    end)

  ;; delegate.
  (func (export "delegate") (param $n i32) (result i32)
    try (result i32)
      try (result i32)
        (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
      delegate 0
    catch $a (i32.add (i32.const 100))
    end)
  (func (export "delegate_past") (param $n i32) (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
        delegate $outer
      catch_all (i32.const -2)
      end
    catch $a (i32.add (i32.const 100))
    end)
  (func (export "delegate_to_caller") (param $n i32) (result i32)
    try (result i32)
      try (result i32)
        try (result i32)
          (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
        delegate 2
      catch_all (i32.const -2)
      end
    catch_all (i32.const -3)
    end)
  (func (export "delegate_to_block") (param $n i32) (result i32)
    try (result i32)
      (block $block (result i32)
        (loop $loop (result i32)
          try (result i32)
            try (result i32)
              (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
            delegate $block
          catch_all (i32.const -2)
          end))
    catch $a (i32.add (i32.const 100))
    end)
  ;; A label of a `try` in whose clause the `delegate` is: its clauses are over.
  (func (export "delegate_to_clause") (param $n i32) (result i32)
    try (result i32)
      try $inner (result i32)
        (call $throw_empty) (i32.const -1)
      catch $empty
        try (result i32)
          (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -2)
        delegate $inner
      catch_all (i32.const -3)
      end
    catch $a (i32.add (i32.const 100))
    end)
  (func (export "delegate_chain") (param $n i32) (result i32)
    try $1 (result i32)
      try $2 (result i32)
        try $3 (result i32)
          try $4 (result i32)
            try (result i32)
              (call $throw_nth (local.get $n) (i32.const 7)) (i32.const -1)
            delegate $4
          delegate $2
        catch_all (i32.const -2)
        end
      delegate $1
    catch $a (i32.add (i32.const 100))
    end)
  (func (export "throw_delegated") (param $n i32) (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          (throw $a (local.get $n))
        delegate $outer
      catch_all (i32.const -2)
      end
    catch $a (i32.add (i32.const 100))
    end)
  (func (export "rethrow_delegated") (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          try (result i32)
            (call $throw_a (i32.const 7)) (i32.const -1)
          catch_all (rethrow 0)
          end
        delegate $outer
      catch_all (i32.const -2)
      end
    catch $a (i32.add (i32.const 100))
    end)

  ;; Block types with parameters, branches out of all parts, operands below.
  (func (export "parameters") (param $n i32) (result i32)
    (i32.const 1000)
    (i32.const 20)
    (i64.const 3)
    try (param i32 i64) (result i32)
      (i32.wrap_i64) (i32.add)
      (call $throw_nth (local.get $n) (i32.const 7))
    catch $a (i32.add (i32.const 100))
    catch_all (i32.const 200)
    end
    (i32.add))
  (func (export "branches") (param $n i32) (result i32)
    (block $out (result i32)
      try $try (result i32)
        (br_if $try (i32.const 1) (i32.eq (local.get $n) (i32.const 10)))
        (br_if $out (i32.const 2) (i32.eq (local.get $n) (i32.const 11)))
        (drop) (drop)
        (if (i32.eq (local.get $n) (i32.const 12)) (then (return (i32.const 3))))
        (call $throw_nth (local.get $n) (i32.const 7))
        (i32.const 4)
      catch $a
        (br_if $try (i32.const 5) (i32.const 1))
        (drop) (drop) (br $out (i32.const 6))
      catch $b (br $out)
      catch $pair (drop) (br_table $out $try (i32.const 1))
      catch_all (return (i32.const 8))
      end
      (i32.add (i32.const 100))))
  (func (export "loop") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      try
        (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
        (call $throw_a (local.get $n))
      catch $a
        (local.set $sum (i32.add (local.get $sum)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      end)
    (local.get $sum))
  (func (export "if_else") (param $n i32) (param $which i32) (result i32)
    (if (result i32) (local.get $which)
      (then
        try (result i32)
          (call $throw_nth (local.get $n) (i32.const 7)) (i32.const 1)
        catch_all (i32.const 2)
        end)
      (else
        try (result i32)
          (call $throw_nth (local.get $n) (i32.const 7)) (i32.const 3)
        catch_all (i32.const 4)
        end)))

  ;; All kinds of calls.
  (func (export "call_indirect") (param $n i32) (result i32)
    try (result i32)
      (call_indirect (type $throws) (i32.const 7) (local.get $n)) (i32.const -1)
    catch $a
    catch $b (i32.add (i32.const 100))
    end)
  (func (export "call_ref") (result i32)
    try (result i32)
      (call_ref $throws (i32.const 7) (ref.func $throw_a)) (i32.const -1)
    catch $a
    end)
  (func $tail (param i32) (return_call $throw_a (local.get 0)))
  (func (export "tail_called") (result i32)
    try (result i32)
      (call $tail (i32.const 7)) (i32.const -1)
    catch $a
    end)
  (func $leaves (result i32)
    try (return_call $returns_after_throw) catch_all end
    (i32.const -1))
  (func $returns_after_throw (result i32) (call $throw_a (i32.const 9)) (i32.const 1))
  (func (export "tail_call_leaves") (result i32)
    try (result i32) (call $leaves) catch $a end)

  ;; Traps are not caught.
  (func (export "trap") (param $n i32) (result i32)
    try (result i32)
      (i32.div_u (i32.const 6) (local.get $n))
    catch_all (i32.const -1)
    end)
  (func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
  (func (export "exhaust") (result i32)
    try (result i32) (call $deep (i32.const 0)) catch_all (i32.const -1) end)
  (func $catches_all_the_way (param i32) (result i32)
    try (result i32)
      (i32.add (call $catches_all_the_way (local.get 0)) (i32.const 1))
    catch_all (i32.const -1)
    end)
  (func (export "exhaust_in_try") (result i32) (call $catches_all_the_way (i32.const 0)))

  ;; Code that cannot be reached.
  (func (export "dead") (param $n i32) (result i32)
    (block $out
      (br_if $out (local.get $n))
      (return (i32.const 1))
      try (call $throw_empty) catch $a (drop) (rethrow 0) catch_all (rethrow 0) end
      try try  delegate 0 catch_all end)
    try (result i32)
      (throw $a (i32.const 7)) (drop) (i32.const 1) (call $throw_empty)
    catch $a (br 0) (rethrow 0)
    catch_all (unreachable) (i32.add) (rethrow 0)
    end)
  (func (export "never_thrown") (param $n i32) (result i32)
    try (result i32) (local.get $n) catch $a (rethrow 0) catch_all (i32.const -1) end
    try  catch_all (unreachable) end
    try  delegate 0)
  (func (export "ends_dead") (param $n i32) (result i32)
    try
      (return (i32.const 1))
    catch_all (return (i32.const 2))
    end
    (i32.const 3))
  (func (export "empty_clauses") (param $n i32)
    try (call $throw_nth (local.get $n) (i32.const 7)) catch $empty catch_all end)
)

(assert_return (invoke "clauses" (i32.const -1)) (i32.const -1))
(assert_return (invoke "clauses" (i32.const 0)) (i32.const 100))
(assert_return (invoke "clauses" (i32.const 1)) (i32.const 207))
(assert_return (invoke "clauses" (i32.const 2)) (i32.const 400))
(assert_return (invoke "clauses" (i32.const 3)) (i32.const 1307))
(assert_return (invoke "clauses" (i32.const 4)) (i32.const 400))
(assert_return (invoke "no_catch_all" (i32.const -1)) (i32.const -1))
(assert_exception (invoke "no_catch_all" (i32.const 0)))
(assert_return (invoke "no_catch_all" (i32.const 1)) (i32.const 207))
(assert_return (invoke "no_catch_all" (i32.const 2)) (i32.const 307))
(assert_exception (invoke "no_catch_all" (i32.const 3)))
(assert_return (invoke "no_clauses" (i32.const -1)) (i32.const -1))
(assert_return (invoke "no_clauses" (i32.const 1)) (i32.const 7))
(assert_exception (invoke "no_clauses" (i32.const 2)))
(assert_return (invoke "imported_twice") (i32.const 5))
(assert_return (invoke "imported_twice_here") (i32.const 6))

(assert_return (invoke "every_type" (ref.extern 5))
  (i32.const 1) (i64.const 2) (f32.const 0.5) (f64.const 4.25) (v128.const i32x4 1 2 3 4) (ref.extern 5) (i32.const 0))
(assert_return (invoke "every_type_again" (ref.extern 6))
  (i32.const 1) (i64.const 2) (f32.const 0.5) (f64.const 4.25) (v128.const i32x4 1 2 3 4) (ref.extern 6) (i32.const 0))
(assert_return (invoke "every_type_by_catch_all" (ref.extern 7))
  (i32.const 1) (i64.const 2) (f32.const 0.5) (f64.const 4.25) (v128.const i32x4 1 2 3 4) (ref.extern 7) (i32.const 0))

(assert_return (invoke "thrown_here" (i32.const 0)) (i32.const -1))
(assert_return (invoke "thrown_here" (i32.const 5)) (i32.const 7))
(assert_return (invoke "thrown_in_a_clause" (i32.const -1)) (i32.const -1))
(assert_return (invoke "thrown_in_a_clause" (i32.const 0)) (i32.const 200))
(assert_return (invoke "thrown_in_a_clause" (i32.const 1)) (i32.const 107))
(assert_return (invoke "thrown_in_a_clause" (i32.const 2)) (i32.const -2))

(assert_return (invoke "rethrow" (i32.const -1)) (i32.const -1))
(assert_return (invoke "rethrow" (i32.const 0)) (i32.const 400))
(assert_return (invoke "rethrow" (i32.const 1)) (i32.const 107))
(assert_return (invoke "rethrow" (i32.const 2)) (i32.const 207))
(assert_return (invoke "rethrow" (i32.const 3)) (i32.const 1007))
(assert_return (invoke "rethrow" (i32.const 4)) (i32.const 400))
(assert_return (invoke "rethrow_outer" (i32.const 1) (i32.const 0)) (i32.const 202))
(assert_return (invoke "rethrow_outer" (i32.const 1) (i32.const 1)) (i32.const 101))
(assert_return (invoke "rethrow_outer" (i32.const 2) (i32.const 0)) (i32.const 203))
(assert_return (invoke "rethrow_outer" (i32.const 2) (i32.const 1)) (i32.const 201))
(assert_return (invoke "rethrow_outer" (i32.const 3) (i32.const 1)) (i32.const 1001))
(assert_exception (invoke "rethrow_outer" (i32.const 0) (i32.const 1)))
(assert_return (invoke "rethrow_uncaught" (i32.const -1)))
(assert_exception (invoke "rethrow_uncaught" (i32.const 0)))
(assert_exception (invoke "rethrow_uncaught" (i32.const 1)))
(assert_exception (invoke "rethrow_uncaught" (i32.const 3)))
(assert_return (invoke "cleanups" (i32.const 1)) (i32.const 7))
(assert_return (invoke "log") (i32.const 124))
(assert_return (invoke "cleanups" (i32.const 3)) (i32.const 1007))
(assert_return (invoke "log") (i32.const 134))
(assert_exception (invoke "cleanups" (i32.const 0)))
(assert_return (invoke "log") (i32.const 134))
(assert_return (invoke "cleanups" (i32.const -1)) (i32.const -1))
(assert_return (invoke "log") (i32.const 0))

(assert_return (invoke "delegate" (i32.const -1)) (i32.const -1))
(assert_return (invoke "delegate" (i32.const 1)) (i32.const 107))
(assert_exception (invoke "delegate" (i32.const 2)))
(assert_return (invoke "delegate_past" (i32.const 1)) (i32.const 107))
(assert_exception (invoke "delegate_past" (i32.const 2)))
(assert_return (invoke "delegate_to_caller" (i32.const -1)) (i32.const -1))
(assert_exception (invoke "delegate_to_caller" (i32.const 1)))
(assert_return (invoke "delegate_to_block" (i32.const 1)) (i32.const 107))
(assert_exception (invoke "delegate_to_block" (i32.const 2)))
(assert_return (invoke "delegate_to_clause" (i32.const -1)) (i32.const -2))
(assert_return (invoke "delegate_to_clause" (i32.const 1)) (i32.const 107))
(assert_exception (invoke "delegate_to_clause" (i32.const 0)))
(assert_return (invoke "delegate_chain" (i32.const -1)) (i32.const -1))
(assert_return (invoke "delegate_chain" (i32.const 1)) (i32.const 107))
(assert_exception (invoke "delegate_chain" (i32.const 2)))
(assert_return (invoke "throw_delegated" (i32.const 5)) (i32.const 105))
(assert_return (invoke "rethrow_delegated") (i32.const 107))

(assert_return (invoke "parameters" (i32.const -1)) (i32.const 1023))
(assert_return (invoke "parameters" (i32.const 1)) (i32.const 1107))
(assert_return (invoke "parameters" (i32.const 3)) (i32.const 1200))
(assert_return (invoke "branches" (i32.const -1)) (i32.const 104))
(assert_return (invoke "branches" (i32.const 10)) (i32.const 101))
(assert_return (invoke "branches" (i32.const 11)) (i32.const 2))
(assert_return (invoke "branches" (i32.const 12)) (i32.const 3))
(assert_return (invoke "branches" (i32.const 1)) (i32.const 105))
(assert_return (invoke "branches" (i32.const 2)) (i32.const 7))
(assert_return (invoke "branches" (i32.const 3)) (i32.const 107))
(assert_return (invoke "branches" (i32.const 4)) (i32.const 8))
(assert_return (invoke "loop" (i32.const 100)) (i32.const 5150))
(assert_return (invoke "if_else" (i32.const -1) (i32.const 1)) (i32.const 1))
(assert_return (invoke "if_else" (i32.const 1) (i32.const 1)) (i32.const 2))
(assert_return (invoke "if_else" (i32.const -1) (i32.const 0)) (i32.const 3))
(assert_return (invoke "if_else" (i32.const 1) (i32.const 0)) (i32.const 4))

(assert_return (invoke "call_indirect" (i32.const 0)) (i32.const 7))
(assert_return (invoke "call_indirect" (i32.const 1)) (i32.const 107))
(assert_trap (invoke "call_indirect" (i32.const 2)) "undefined element")
(assert_return (invoke "call_ref") (i32.const 7))
(assert_return (invoke "tail_called") (i32.const 7))
(assert_return (invoke "tail_call_leaves") (i32.const 9))

(assert_return (invoke "trap" (i32.const 2)) (i32.const 3))
(assert_trap (invoke "trap" (i32.const 0)) "integer divide by zero")
(assert_exhaustion (invoke "exhaust") "call stack exhausted")
(assert_exhaustion (invoke "exhaust_in_try") "call stack exhausted")

(assert_return (invoke "dead" (i32.const 0)) (i32.const 1))
(assert_return (invoke "dead" (i32.const 1)) (i32.const 7))
(assert_return (invoke "never_thrown" (i32.const 3)) (i32.const 3))
(assert_return (invoke "ends_dead" (i32.const 3)) (i32.const 1))
(assert_return (invoke "empty_clauses" (i32.const -1)))
(assert_return (invoke "empty_clauses" (i32.const 0)))
(assert_return (invoke "empty_clauses" (i32.const 1)))

(assert_invalid (module (func (rethrow 0))) "invalid rethrow label")
(assert_invalid (module (func (block (rethrow 0)))) "invalid rethrow label")
(assert_invalid (module (func try (rethrow 0) catch_all end)) "invalid rethrow label")
(assert_invalid (module (func try try  delegate 0 (rethrow 0) catch_all end)) "invalid rethrow label")
(assert_invalid (module (func try  delegate 1)) "unknown label")
(assert_invalid (module (func try  catch 0 end)) "unknown tag")
(assert_invalid (module (func (result i32) try (result i32) (i32.const 1) catch_all end)) "type mismatch")
(assert_invalid (module (func (result i32) try (result i32)  catch_all (i32.const 1) end)) "type mismatch")
(assert_invalid (module (tag (param i64)) (func (result i32) try (result i32) (i32.const 1) catch 0 end)) "type mismatch")
(assert_invalid (module (func (result i32) try (result i32) (i64.const 1) delegate 0)) "type mismatch")
;; catch, catch_all and delegate outside of a `try`; catch after catch_all.
(assert_malformed (module binary "\00asm\01\00\00\00\01\04\01\60\00\00\03\02\01\00\0a\07\01\05\00\07\00\0b\0b") "`catch` found outside")
(assert_malformed (module binary "\00asm\01\00\00\00\01\04\01\60\00\00\03\02\01\00\0a\06\01\04\00\19\0b\0b") "`catch_all` found outside")
(assert_malformed (module binary "\00asm\01\00\00\00\01\04\01\60\00\00\03\02\01\00\0a\06\01\04\00\18\00\0b") "`delegate` found outside")
(assert_malformed (module binary "\00asm\01\00\00\00\01\04\01\60\00\00\03\02\01\00\0a\09\01\07\00\06\40\19\19\0b\0b") "`catch_all` found outside")
