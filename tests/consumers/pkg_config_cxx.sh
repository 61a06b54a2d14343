#!/bin/sh
# pkg_config_cxx.sh FOLDER SOURCE CXX: a program with a C++ header of its own, built with what pkg-config says.
set -eu
command -v pkg-config >/dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
mkdir -p "$1"
export PKG_CONFIG_PATH="$PREFIX/$LIBDIR/pkgconfig"
# shellcheck disable=SC2046
"$3" -std=c++11 "$2/tests/cpp/brought/program.cc" -o "$1/program" \
  $(pkg-config --cflags --libs wasmrt-cxx) -Wl,-rpath,"$(pkg-config --variable=libdir wasmrt)"
"$1/program"
