#!/bin/sh
# exported_names.sh FOLDER SOURCE: both libraries have the functions of the headers and no other name; the shared one has
# its SONAME, symbol versions and flags.
set -eu
mkdir -p "$1"
cat "$PREFIX/include/wasmrt/wasm.h" "$PREFIX/include/wasmrt/wasmrt.h" | tr '\n' ' ' \
  | grep -o 'WASM_API_EXTERN [^;#]*;' | sed 's/(.*//; s/.*[ *]//' | sort -u >"$1/declared"
test "$(wc -l <"$1/declared")" -gt 200

lib=$PREFIX/$LIBDIR
"$NM" -D --defined-only "$lib/libwasmrt.so" | awk '$2 != "A" { print $3 }' >"$1/versioned"
sed 's/@@WASMRT_0$//' "$1/versioned" | sort >"$1/shared"
diff -u "$1/declared" "$1/shared"
if grep -v '@@WASMRT_0$' "$1/versioned"; then echo "these have no version"; exit 1; fi
"$NM" -g --defined-only "$lib/libwasmrt.a" | awk 'NF == 3 { print $3 }' | sort >"$1/static"
diff -u "$1/declared" "$1/static"

readelf -d "$lib/libwasmrt.so" >"$1/dynamic"
grep -q 'SONAME.*\[libwasmrt\.so\.0\]' "$1/dynamic"
grep -q 'SYMBOLIC' "$1/dynamic"
grep -q 'NODELETE' "$1/dynamic"
if grep -E 'RPATH|RUNPATH|TEXTREL' "$1/dynamic"; then exit 1; fi
readelf -lW "$lib/libwasmrt.so" | grep GNU_STACK | grep -q 'RW '
