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
if "${NM:-nm}" -D --defined-only "$prefix/$LIBDIR/libother_wasmrt.so" | awk '$2 != "A" { print $3 }' | grep -v '^other_wasm'; then
  echo "these names have no prefix"
  exit 1
fi
