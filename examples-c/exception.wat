;; A shop: prices are looked up by the host, which throws when it does not know a product.
(module
  (import "shop" "unknown" (tag $unknown (param i32)))
  (import "shop" "price" (func $price (param i32) (result i32)))
  (tag $too_dear (export "too dear") (param i32 f64))

  ;; Throws to the host when the sum is above a limit: product and sum.
  (func (export "buy") (param $product i32) (param $count i32) (result f64)
    (local $sum f64)
    (local.set $sum
      (f64.convert_i32_s (i32.mul (local.get $count) (call $price (local.get $product)))))
    (if (f64.gt (local.get $sum) (f64.const 100))
      (then (throw $too_dear (local.get $product) (local.get $sum))))
    (local.get $sum))

  ;; Catches what the host throws: the price, or minus the number of the unknown product.
  (func (export "look") (param $product i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $unknown $caught)
        (return (call $price (local.get $product))))
      (unreachable))
    (i32.mul (i32.const -1))))
