# Whether the fuzzer refers to every function that the library exports: calls_every_function.sh NM PROGRAM LIBRARY.
set -eu
names() { "$1" -D "$3" "$2" | sed 's/.* //; s/@.*//' | grep '^wasm' | sort -u; }
called=$(names "$1" "$2" --undefined-only)
missing=''
for name in $(names "$1" "$3" --defined-only); do
  printf '%s\n' "$called" | grep -qx "$name" || missing="$missing $name"
done
[ -z "$missing" ] || { echo "not called:$missing" >&2; exit 1; }
