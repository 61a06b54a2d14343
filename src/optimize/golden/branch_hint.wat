;; Code that is not likely to run, by a hint or because it ends in a trap, lies behind all other code.
;; mode: guard signals
(module
  (func $f (loop (br 0)))
  (func $hinted (param i32 i32) (result i32)
    local.get 0
    (@metadata.code.branch_hint "\00") if
      local.get 1
      if call $f end
      call $f
    end
    local.get 1
    i32.const 7
    i32.add)
  (func $trapping (param i32) (result i32)
    (if (local.get 0) (then (call $f) (unreachable)))
    (i32.const 3)))
