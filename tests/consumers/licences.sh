#!/bin/sh
# licences.sh FOLDER SOURCE: the licence of the library and those of what it contains are installed.
set -eu
docs=$PREFIX/share/doc/wasmrt
cmp "$docs/copyright" "$2/LICENSE"
for name in cranelift-codegen regalloc2 wasmparser hashbrown libc; do
  grep -q "^$name [0-9.]*: " "$docs/THIRD_PARTY_LICENSES.txt"
done
grep -q 'Rust standard library' "$docs/THIRD_PARTY_LICENSES.txt"
grep -q 'Permission is hereby granted' "$docs/THIRD_PARTY_LICENSES.txt"
