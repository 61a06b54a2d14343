(module
  (import "" "look" (func $look))
  (func (export "direct") (call $look)))
