#!/bin/sh
# install_prefixed.sh CMAKE BUILD PREFIX options... SOURCE: a build whose names start with other_, beside the first.
set -eu
cmake=$1 build=$2 prefix=$3
shift 3
for source; do :; done
"$cmake" -S "$source" -B "$build" -DWASMRT_SYMBOL_PREFIX=other_ -DWASMRT_BUILD_TESTS=OFF -DWASMRT_BUILD_EXAMPLES=OFF "$@"
"$cmake" --build "$build"
"$cmake" --install "$build" --prefix "$prefix"
test -f "$prefix/$LIBDIR/libother_wasmrt.so.0"
for library in wasmrt wasmrt-wasi wasmrt-wat; do
  file=$prefix/$LIBDIR/libother_$library.so
  [ -e "$file" ] || continue
  if "${NM:-nm}" -D --defined-only "$file" | awk '$2 != "A" { print $3 }' | grep -v '^other_wasm\|^__jit_debug_'; then
    echo "these names have no prefix"
    exit 1
  fi
  if "${NM:-nm}" -D --undefined-only "$file" | awk '{ print $2 }' | grep '^wasm'; then
    echo "these are called without a prefix"
    exit 1
  fi
done
