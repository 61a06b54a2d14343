#!/bin/sh
# readme_program.sh FOLDER SOURCE: the program in the README is complete and prints 42.
set -eu
mkdir -p "$1"
sed -n '/^```c$/,/^```$/p' "$2/README.md" | sed '1d; /^```$/,$d' >"$1/readme.c"
grep -q 'int main' "$1/readme.c"
"$CC" "$1/readme.c" -I "$PREFIX/include/wasmrt" -L "$PREFIX/$LIBDIR" -lwasmrt -Wl,-rpath,"$PREFIX/$LIBDIR" -o "$1/readme"
test "$("$1/readme")" = 42
