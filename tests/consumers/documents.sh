#!/bin/sh
# documents.sh FOLDER SOURCE: every document that the README names is installed beside it, and the installed examples compile.
set -eu
docs=$PREFIX/share/doc/wasmrt
for file in $(grep -o '[`(][A-Za-z][A-Za-z/_-]*\.\(md\|svg\)[`)]' "$docs/README.md" | tr -d '`()' | sort -u); do
  test -f "$docs/$file" || { echo "README.md names $file, which is not installed"; exit 1; }
done
test -f "$docs/docs/index.md"
for program in "$docs"/examples-c/*.c; do
  "$CC" -std=c11 -fsyntax-only -I "$PREFIX/include/wasmrt" "$program"
done
