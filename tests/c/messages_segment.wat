;; A data segment that does not fit, so that making an instance traps.
(module (memory 1) (data (i32.const 65534) "1234"))
