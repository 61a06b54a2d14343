;; The second segment does not fit: the first stays written, the second and third are not.
(module
  (import "host" "memory" (memory 1))
  (data (i32.const 0) "x")
  (data (i32.const 65535) "yy")
  (data (i32.const 10) "z"))
