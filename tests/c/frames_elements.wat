;; Puts an imported function into an imported table.
(module $frames_elements
  (import "host" "look" (func $look))
  (import "frames" "table" (table 2 funcref))
  (elem (i32.const 1) func $look))
