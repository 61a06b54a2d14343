# The demonstration: run_demo runs the examples in $build; run_summary says what they were, and measures.

run_demo() {
  folder=$build/examples-c
  for name in hello callback multi global memory table hostref trap exception reflect vectors native linker serialize cache \
      stream sharing stop; do
    say "examples-c/$name.c"
    (cd "$folder" && "./$name")
  done
  for name in hello callback host_references threads exception linker; do
    say "examples-cpp/$name.cc"
    (cd "$build/examples-cpp" && "./$name")
  done
  say "run run.wasm"
  (cd "$folder" && ./run run.wasm)
  say "run run.wasm factorial 20"
  (cd "$folder" && ./run run.wasm factorial 20)
  say "run run.wasm quotient 1 0 (a trap, so it ends with 1)"
  (cd "$folder" && ./run run.wasm quotient 1 0) || true
  say "render renderer.wasm examples-c/guest/sample.md (the first lines)"
  "$folder/render" "$folder/renderer.wasm" examples-c/guest/sample.md | head -n 12
}

run_summary() {
  say "What you have seen"
  cat <<'END_OF_TEXT'
  Programs in C and C++, one idea each: calls in both directions, shared globals, memories and tables, objects of the host
  in the guest's hands, traps with backtraces, exceptions, types, SIMD values, imports by name, compiled modules in files
  and in a cache folder, a module that arrives in pieces, threads, two of which share a memory, guest code that is stopped;
  a tool that runs any module; a Markdown renderer, compiled to WebAssembly, on a real file.
END_OF_TEXT
  say "Measured just now, on this machine (examples-c/speed.c)"
  (cd "$build/examples-c" && ./speed)
  cat <<END_OF_TEXT

This is the library as it is built for tests. As it ships (./x install) it starts and compiles faster; README.md has
the figures.

== Your own program
  Put program.c from README.md beside a library to link:
    ./x install /opt/wasmrt
    cc program.c -I /opt/wasmrt/include/wasmrt -L /opt/wasmrt/lib -lwasmrt -Wl,-rpath,/opt/wasmrt/lib -o program
  The guide: docs/index.md, or ./x docs. The examples: examples-c/README.md. All tests: ./x test
END_OF_TEXT
}
