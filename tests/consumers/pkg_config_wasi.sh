#!/bin/sh
# pkg_config_wasi.sh FOLDER SOURCE: a program for WASI built with what pkg-config says, shared and static; and by hand.
set -eu
mkdir -p "$1"
include=$PREFIX/include/wasmrt lib=$PREFIX/$LIBDIR program=$2/tests/consumers/wasi/program.c
"$CC" "$program" -I "$include" -L "$lib" -lwasmrt-wasi -lwasmrt -Wl,-rpath,"$lib" -o "$1/program"
"$1/program"
"$CC" "$program" -I "$include" -DLIBWASM_STATIC "$lib/libwasmrt-wasi.a" "$lib/libwasmrt.a" -lpthread -ldl -lm -o "$1/program"
"$1/program"
command -v pkg-config >/dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
export PKG_CONFIG_PATH="$lib/pkgconfig"
# shellcheck disable=SC2046
"$CC" "$program" -o "$1/program" $(pkg-config --cflags --libs wasmrt-wasi) -Wl,-rpath,"$lib"
"$1/program"
# shellcheck disable=SC2046
"$CC" -static "$program" -DLIBWASM_STATIC -o "$1/program" $(pkg-config --static --cflags --libs wasmrt-wasi)
"$1/program"
