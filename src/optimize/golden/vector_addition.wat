;; Lanes added to lanes in memory: one instruction each, nothing for the change of lane types.
;; mode: guard signals
(module
  (memory 1)
  (func (param i32 v128) (result v128)
    (i32x4.add (v128.xor (local.get 1) (v128.load (local.get 0))) (local.get 1))))
