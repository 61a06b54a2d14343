#!/bin/sh
# Stands before rustc for the crates of this workspace (RUSTC_WORKSPACE_WRAPPER): compiles the library for
# ThreadSanitizer. Its dependencies stay as they are; locks between threads are our own (process), so that the
# sanitizer sees them. The flag is not stable, which is why the compiler is told to pass for its own bootstrap.
case " $* " in
  *" --crate-name wasmrt "*" --crate-type cdylib "*|*" --crate-name wasmrt_process "*)
    exec env RUSTC_BOOTSTRAP=1 "$@" -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer ;;
  *) exec "$@" ;;
esac
