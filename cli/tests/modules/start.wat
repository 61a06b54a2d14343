(module (func $main) (start $main))
