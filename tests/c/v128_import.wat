;; A vector in a global of the host.
(module
  (import "host" "global" (global $global (mut v128)))
  (export "global" (global $global))
  (func (export "get") (result v128) (global.get $global))
  (func (export "set") (param v128) (global.set $global (local.get 0))))
