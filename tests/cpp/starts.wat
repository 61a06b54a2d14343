(module
  (import "host" "start" (func $start))
  (start $start))
