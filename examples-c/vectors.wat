;; Four pixels of four bytes each in one vector, and sections that describe the module.
(module $pixels
  (@custom "author" "nobody in particular")
  (import "host" "show" (func $show (param v128) (result i32)))
  (global $fog (export "fog") (mut v128) (v128.const i8x16 255 255 255 255 0 0 0 0 255 255 255 255 0 0 0 0))
  (func $mix (export "mix") (param v128 v128) (result v128) (i8x16.avgr_u (local.get 0) (local.get 1)))
  ;; Mixes pixels with the fog, shows them, and returns them with the number that the host gave them.
  (func (export "develop") (param $pixels v128) (result v128 i32)
    (local.set $pixels (call $mix (local.get $pixels) (global.get $fog)))
    (local.get $pixels)
    (call $show (local.get $pixels)))
  (@custom "format" "RGBA, 8 bits each"))
