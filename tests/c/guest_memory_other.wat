;; What is exported under the usual name is no memory; the only memory is shared and imported.
(module
  (import "" "look" (func $look))
  (import "" "memory" (memory 1 3 shared))
  (func (export "direct") (call $look))
  (func (export "memory") (drop (memory.grow (i32.const 1))) (call $look)))
