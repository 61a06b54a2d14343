;; Functions called as they are exported, mangled names of Rust and of C++, a name that is no text.
(module
  (func (export "first") (export "second") (call $_ZN4core3fmt5write17h0123456789abcdefE))
  (func $_ZN4core3fmt5write17h0123456789abcdefE (call $_RNvCskwGfYPst2Cb_3foo16example_function))
  (func $_RNvCskwGfYPst2Cb_3foo16example_function (call $_ZN5space3fooEii))
  (func $_ZN5space3fooEii (call $"\1b[2J"))
  (func $"\1b[2J" (unreachable))
  (func (export "numbers") (param i32 i64) (result f32) (f32.const 0)))
