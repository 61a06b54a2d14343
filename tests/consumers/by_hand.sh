#!/bin/sh
# by_hand.sh FOLDER SOURCE: programs built with a compiler and two paths.
set -eu
mkdir -p "$1"
include=$PREFIX/include/wasmrt lib=$PREFIX/$LIBDIR program=$2/tests/consumers/program.c
"$CC" "$program" -I "$include" -L "$lib" -lwasmrt -Wl,-rpath,"$lib" -ldl -DEXPECTED_PREFIX="\"$PREFIX/\"" -o "$1/shared"
"$1/shared"
"$CC" "$program" -I "$include" -DLIBWASM_STATIC "$lib/libwasmrt.a" -lpthread -ldl -lm -o "$1/static"
"$1/static"
if readelf -d "$1/static" | grep libwasmrt; then exit 1; fi
# The archive suits other linkers as well.
for linker in lld gold; do
  command -v "ld.$linker" >/dev/null || continue
  "$CC" "-fuse-ld=$linker" "$program" -I "$include" -DLIBWASM_STATIC "$lib/libwasmrt.a" -lpthread -ldl -lm -o "$1/static"
  "$1/static"
done
