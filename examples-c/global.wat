(module
  (import "host" "speed" (global $speed (mut i32)))
  (global $distance (export "distance") (mut i64) (i64.const 0))
  (global (export "limit") f64 (f64.const 12.5))
  ;; One step: the distance grows by the speed, the speed by one.
  (func (export "step")
    (global.set $distance
      (i64.add (global.get $distance) (i64.extend_i32_s (global.get $speed))))
    (global.set $speed (i32.add (global.get $speed) (i32.const 1)))))
