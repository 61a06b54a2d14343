#!/bin/sh
# companion.sh FOLDER SOURCE NAME: a program that uses libwasmrt-NAME, built with what pkg-config says, shared and static;
# and by hand.
set -eu
mkdir -p "$1"
include=$PREFIX/include/wasmrt lib=$PREFIX/$LIBDIR program=$2/tests/consumers/$3/program.c
library=wasmrt-$3
"$CC" "$program" -I "$include" -L "$lib" "-l$library" -lwasmrt -Wl,-rpath,"$lib" -o "$1/program"
"$1/program"
"$CC" "$program" -I "$include" -DLIBWASM_STATIC "$lib/lib$library.a" "$lib/libwasmrt.a" -lpthread -ldl -lm -o "$1/program"
"$1/program"
command -v pkg-config >/dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
export PKG_CONFIG_PATH="$lib/pkgconfig"
# shellcheck disable=SC2046
"$CC" "$program" -o "$1/program" $(pkg-config --cflags --libs "$library") -Wl,-rpath,"$lib"
"$1/program"
# shellcheck disable=SC2046
"$CC" -static "$program" -DLIBWASM_STATIC -o "$1/program" $(pkg-config --static --cflags --libs "$library")
"$1/program"
