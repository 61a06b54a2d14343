#!/bin/sh
# readme_program.sh FOLDER SOURCE: the programs in the README and on the first page of the guide are complete and
# print 42.
set -eu
mkdir -p "$1"
for page in README.md docs/index.md; do
  sed -n '/^```c$/,/^```$/p' "$2/$page" | sed '1d; /^```$/,$d' >"$1/program.c"
  grep -q 'int main' "$1/program.c"
  "$CC" "$1/program.c" -I "$PREFIX/include/wasmrt" -L "$PREFIX/$LIBDIR" -lwasmrt -Wl,-rpath,"$PREFIX/$LIBDIR" -o "$1/program"
  test "$("$1/program")" = 42
done
