#!/bin/sh
# exported_names.sh FOLDER SOURCE: the libraries have the functions of their headers and no other name; the shared ones
# have a SONAME, symbol versions and flags.
set -eu
mkdir -p "$1"
lib=$PREFIX/$LIBDIR

# judge LIBRARY VERSION LEAST HEADERS...: one library, with at least so many functions.
judge() {
  library=$1 version=$2 least=$3
  shift 3
  (cd "$PREFIX/include/wasmrt" && cat "$@") | tr '\n' ' ' \
    | grep -o 'WASM_API_EXTERN [^;#]*;' | sed 's/(.*//; s/.*[ *]//' | sort -u >"$folder/declared"
  test "$(wc -l <"$folder/declared")" -gt "$least"

  "$NM" -D --defined-only "$lib/lib$library.so" | awk '$2 != "A" { print $3 }' >"$folder/versioned"
  # Two names are for debuggers.
  sed "s/@@$version\$//" "$folder/versioned" | grep -v '^__jit_debug_' | sort >"$folder/shared"
  diff -u "$folder/declared" "$folder/shared"
  if grep -v "@@$version\$" "$folder/versioned"; then echo "these have no version"; exit 1; fi
  "$NM" -g --defined-only "$lib/lib$library.a" | awk 'NF == 3 { print $3 }' | sort >"$folder/static"
  diff -u "$folder/declared" "$folder/static"

  readelf -d "$lib/lib$library.so" >"$folder/dynamic"
  grep -q "SONAME.*\[lib$library\.so\.0\]" "$folder/dynamic"
  grep -q 'SYMBOLIC' "$folder/dynamic"
  grep -q 'NODELETE' "$folder/dynamic"
  if grep -E 'RPATH|RUNPATH|TEXTREL' "$folder/dynamic"; then exit 1; fi
  readelf -lW "$lib/lib$library.so" | grep GNU_STACK | grep -q 'RW '
}

folder=$1
judge wasmrt WASMRT_0 200 wasm.h wasmrt.h
if [ -e "$lib/libwasmrt-wasi.so" ]; then
  judge wasmrt-wasi WASMRT_WASI_0 20 wasmrt_wasi.h
  grep -q 'NEEDED.*\[libwasmrt\.so\.0\]' "$folder/dynamic"
fi
if [ -e "$lib/libwasmrt-wat.so" ]; then
  judge wasmrt-wat WASMRT_WAT_0 1 wasmrt_wat.h
  grep -q 'NEEDED.*\[libwasmrt\.so\.0\]' "$folder/dynamic"
fi
