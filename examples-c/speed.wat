(module
  (import "host" "add" (func $host_add (param i32 i32) (result i32)))

  ;; Called by the host.
  (func (export "add") (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.add)

  ;; Calls the host that many times: 0 + 1 + 2 + ...
  (func (export "sum") (param $count i32) (result i32)
    (local $i i32) (local $sum i32)
    block $done
      loop $next
        local.get $i
        local.get $count
        i32.ge_u
        br_if $done
        local.get $sum
        local.get $i
        call $host_add
        local.set $sum
        local.get $i
        i32.const 1
        i32.add
        local.set $i
        br $next
      end
    end
    local.get $sum))
