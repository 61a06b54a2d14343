;; Cannot be instantiated, unless somebody stops its start function.
(module (func $start (loop $l (br $l))) (start $start))
