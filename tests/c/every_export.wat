(module
  (global (export "g") i32 (i32.const 1))
  (table (export "t") 1 funcref)
  (memory (export "m") 1))
